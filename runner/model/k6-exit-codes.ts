// The exit codes of k6 and their meaning. Source: errext/exitcodes/codes.go of k6 2.2.0.

/** k6's exit codes, with the names in its source. 0 and 255 have no name there. */
export const K6_EXIT = {
  cloudTestRunFailed: 97,
  cloudFailedToGetProgress: 98,
  thresholdsHaveFailed: 99,
  setupTimeout: 100,
  teardownTimeout: 101,
  genericTimeout: 102,
  scriptStoppedFromRestApi: 103,
  invalidConfig: 104,
  externalAbort: 105,
  cannotStartRestApi: 106,
  scriptException: 107,
  scriptAborted: 108,
  goPanic: 109,
  markedAsFailed: 110,
} as const;

/**
 * Go's runtime ends k6 with 2 if k6 cannot catch the crash, for example "fatal error: out of memory". A panic that k6
 * catches ends with K6_EXIT.goPanic.
 */
export const GO_RUNTIME_CRASH = 2;

/** The meaning of each exit code, as a clause. */
export const K6_EXIT_SENTENCES: ReadonlyArray<readonly [code: number, sentence: string]> = [
  [0, 'k6 ran to its end; the exit code is 0 even if every iteration threw'],
  [K6_EXIT.cloudTestRunFailed, 'the test run failed in Grafana Cloud'],
  [K6_EXIT.cloudFailedToGetProgress, 'k6 lost contact with the run in Grafana Cloud'],
  [K6_EXIT.thresholdsHaveFailed, 'k6 found that a threshold was crossed'],
  [K6_EXIT.setupTimeout, 'setup() took longer than options.setupTimeout (60 s by default), so no iteration ran'],
  [K6_EXIT.teardownTimeout, 'teardown() took longer than options.teardownTimeout (60 s by default)'],
  [K6_EXIT.genericTimeout, 'a step of k6 timed out; its log says which'],
  [K6_EXIT.scriptStoppedFromRestApi, "the run was stopped through k6's REST API"],
  [K6_EXIT.invalidConfig, "the script's options are not valid; k6's log names the option"],
  [K6_EXIT.externalAbort, 'k6 was interrupted by a signal'],
  [K6_EXIT.cannotStartRestApi, 'k6 could not open the address of its REST API (--address, K6_ADDRESS)'],
  [K6_EXIT.scriptException, 'the script threw while it was loaded, in setup() or in teardown()'],
  [K6_EXIT.scriptAborted, 'the script stopped the run itself, with test.abort()'],
  [K6_EXIT.goPanic, "k6 itself panicked; its log holds Go's trace"],
  [K6_EXIT.markedAsFailed, 'the script marked the run as failed, with test.fail()'],
  [
    255,
    'k6 ended with an error: a wrong flag, an unknown output, an unreadable script, or a promise rejected in setup() or teardown()',
  ],
];

/**
 * What the end of a k6 process means, as a clause without a full stop. `exitCode` is null if a signal ended it. An
 * undocumented code is quoted.
 */
export function describeK6Exit(exitCode: number | null, signal: NodeJS.Signals | null): string {
  if (exitCode === null) {
    return signal === 'SIGKILL'
      ? 'k6 was killed (SIGKILL): by novaperf because it did not stop, by the system because memory ran out, or manually'
      : `k6 was ended by the signal ${signal ?? 'unknown'}`;
  }
  const row = K6_EXIT_SENTENCES.find(([code]) => code === exitCode);
  if (row !== undefined) return row[1];
  if (exitCode === GO_RUNTIME_CRASH) return "k6 crashed in Go's runtime (exit code 2); its log holds the trace";
  return `k6 ended with exit code ${exitCode}, which it does not document`;
}
