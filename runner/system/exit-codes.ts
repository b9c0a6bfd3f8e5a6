// The exit codes of novaperf, each with the sentence for the README's table.

/** novaperf's exit codes. k6's own codes are in model/k6-exit-codes.ts. */
export const EXIT = {
  passed: 0,
  crashed: 1,
  usage: 2,
  environment: 3,
  regression: 96,
  inconclusive: 98,
  failed: 99,
  interrupted: 105,
  scriptException: 107,
  k6Crashed: 109,
} as const;

/** One of our codes, or a code of k6 that is passed on. */
export type ExitCode = number;

/** Typed so that a code without a sentence does not compile. */
const SENTENCES: Readonly<Record<(typeof EXIT)[keyof typeof EXIT], string>> = {
  [EXIT.passed]: 'every target was met, or is too close to call with --inconclusive pass',
  [EXIT.crashed]: 'novaperf failed because of a bug; please report it',
  [EXIT.usage]: 'wrong usage or configuration; nothing was run',
  [EXIT.environment]: 'pre-flight checks failed; no load was sent',
  [EXIT.regression]: 'slower than the baseline over several runs (with --fail-on regression)',
  [EXIT.inconclusive]: 'inconclusive: the data do not allow a verdict; the report says why',
  [EXIT.failed]:
    "a target was missed, or had no data where that counts as missed (k6's own code for crossed thresholds)",
  [EXIT.interrupted]: 'interrupted; the report covers what ran and is marked partial',
  [EXIT.scriptException]:
    'the script failed: an exception on load, in setup(), or in every iteration (99 if a target was missed too)',
  [EXIT.k6Crashed]: 'k6 crashed; see the stack trace in k6.log',
};

/** The sentences, by ascending code. */
export const EXIT_SENTENCES: ReadonlyArray<readonly [code: number, sentence: string]> = Object.entries(SENTENCES).map(
  ([code, sentence]) => [Number(code), sentence],
);
