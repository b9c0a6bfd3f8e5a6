// Computes the status of a run, the reason and the exit code, from its verdicts and how it ended.

import { describeK6Exit, GO_RUNTIME_CRASH, K6_EXIT } from '../../model/k6-exit-codes.ts';
import { isMissed, type JudgedKpi, type VerdictReason } from '../../model/kpi.ts';
import type { StreamFaults } from '../../model/metrics.ts';
import type { ScenarioPlan } from '../../model/plan.ts';
import { traitsOf } from '../../model/profile-traits.ts';
import { RUN_STATUSES, type RunStatus, type StatusCause } from '../../model/result.ts';
import type { Death, Judging, Outcome } from '../../model/run.ts';
import { EXIT, type ExitCode } from '../../system/exit-codes.ts';
import { decidingRun } from './doubt-words.ts';
import { metReason, missedReason, names, soFar, tally, wholeMinutes } from './status-words.ts';

export interface StatusInput {
  readonly kpis: readonly JudgedKpi[];
  /** Completed iterations, including those that threw, as in k6's `iterations`. */
  readonly iterations: number;
  readonly exceptions: ReadonlyArray<{
    readonly stage: 'init' | 'setup' | 'iteration' | 'teardown';
    readonly count: number;
  }>;
  /** null: a signal ended k6. undefined: not known, for example for a stream recorded elsewhere. */
  readonly k6ExitCode: number | null | undefined;
  /** The signal that ended k6, if known. */
  readonly k6Signal?: string | null | undefined;
  /** What ended a run without an outcome. */
  readonly died?: Death | undefined;
  readonly stoppedBy: Outcome['stoppedBy'];
  /** Id of the KPI with abortOnFail that ended the run. */
  readonly abortedByKpi: string | null;
  readonly faults: Pick<StreamFaults, 'complete' | 'lostLines' | 'missingSamples'>;
  /** Names of the sources with incomplete data. */
  readonly incompleteSources?: readonly string[];
  /** What an inconclusive target means for the exit code. */
  readonly inconclusive: Judging['inconclusive'];
  readonly profile: ScenarioPlan['profile'];
}

export interface RunVerdict {
  readonly status: RunStatus;
  readonly cause: StatusCause;
  /** One sentence without a full stop. */
  readonly reason: string;
  readonly exitCode: ExitCode;
}

type Rule = (input: StatusInput) => RunVerdict | undefined;

/** Exit codes of k6 that are no failure of the run: its verdict depends on the numbers. */
const ORDINARY_ENDS: ReadonlyArray<StatusInput['k6ExitCode']> = [0, undefined, EXIT.failed];

/**
 * The first rule that applies decides:
 *
 *  0. it is not known how the run ended                     aborted, 105
 *  1. the user stopped it                                   aborted, 105
 *  2. a threshold with abortOnFail ended it                 fail, 99
 *  3. every iteration threw, and no target was missed       error, 107 (k6 exits with 0)
 *  4. k6 exited with another code                           that code: 105 and test.abort() aborted, test.fail() fail,
 *                                                           others error
 *  5. a signal ended k6                                     aborted, 105
 *  6. a KPI was missed, or has no data and this counts      fail, 99
 *  7. the stream was cut, or lines of it were lost          inconclusive, 98
 *  8. no iteration was completed, and no KPI had a sample   inconclusive, 98
 *  9. a KPI is inconclusive                                 inconclusive, 98; as configured if it was too close to call
 * 10. no KPI has data, or there is none                     unjudged, 0
 * 11. otherwise                                             pass, 0
 */
export function statusOf(asRun: StatusInput): RunVerdict {
  // A run that ended because every target was decided ended normally, whatever exit code k6 gives after the signal.
  const input = asRun.stoppedBy === 'decided' ? { ...asRun, k6ExitCode: EXIT.passed } : asRun;
  for (const rule of RULES) {
    const verdict = rule(input);
    if (verdict !== undefined) return verdict;
  }
  // A threshold that k6 passes without samples was not judged.
  const wasJudged = input.kpis.some(({ verdict }) => verdict !== 'no_data');
  const ended = wasJudged
    ? ({ status: 'pass', cause: 'targets_met' } as const)
    : ({ status: 'unjudged', cause: 'nothing_judged' } as const);
  return { ...ended, reason: passReason(input), exitCode: EXIT.passed };
}

function passReason({ kpis, profile }: StatusInput): string {
  if (kpis.length === 0) return 'the run had no targets, so nothing was judged';
  return traitsOf(profile).isStatistical
    ? metReason(kpis)
    : `${metReason(kpis)}; a ${profile} run is no performance verdict`;
}

const RULES: readonly Rule[] = [
  died,
  stopped,
  endedByThreshold,
  everyIterationThrew,
  k6Code,
  killed,
  missed,
  streamCut,
  nothingRan,
  inconclusive,
];

const DEATHS: Readonly<Record<Death, string>> = {
  runner: 'novaperf was killed before the run ended',
  machine: 'the machine stopped or was restarted before the run ended',
  either: 'novaperf or its machine stopped before the run ended',
  'still running': 'the run is still in progress',
};

function died({ died, kpis }: StatusInput): RunVerdict | undefined {
  if (died === undefined) return undefined;
  const reason = `${DEATHS[died]}; ${soFar(kpis)}`;
  return { status: 'aborted', cause: 'died', reason, exitCode: EXIT.interrupted };
}

function stopped({ stoppedBy, kpis }: StatusInput): RunVerdict | undefined {
  if (stoppedBy !== 'user') return undefined;
  const reason = `the run was interrupted; ${tally(kpis)}`;
  return { status: 'aborted', cause: 'interrupted', reason, exitCode: EXIT.interrupted };
}

function endedByThreshold({ stoppedBy, abortedByKpi }: StatusInput): RunVerdict | undefined {
  if (stoppedBy !== 'threshold') return undefined;
  const which = abortedByKpi === null ? 'a threshold with abortOnFail' : `"${abortedByKpi}" (abortOnFail)`;
  const reason = `${which} was crossed and aborted the run`;
  return { status: 'fail', cause: 'abort_on_fail', reason, exitCode: EXIT.failed };
}

/** If a system answers with errors, many scripts throw, and k6 fails the run by its thresholds; so does novaperf. */
function everyIterationThrew(input: StatusInput): RunVerdict | undefined {
  const always = thrownAlways(input);
  if (always === undefined || !ORDINARY_ENDS.includes(input.k6ExitCode) || input.kpis.some(failsInK6)) return undefined;
  return { status: 'error', cause: 'always_threw', reason: always, exitCode: EXIT.scriptException };
}

function failsInK6(kpi: JudgedKpi): boolean {
  return kpi.verdict === 'fail' || (kpi.source === 'threshold' && isMissed(kpi));
}

function thrownAlways({ exceptions, iterations }: StatusInput): string | undefined {
  const thrown = exceptions.filter(({ stage }) => stage === 'iteration').reduce((sum, { count }) => sum + count, 0);
  return thrown === 0 || thrown < iterations
    ? undefined
    : `the script threw an exception in every iteration (${thrown})`;
}

function k6Code({ k6ExitCode, kpis, exceptions }: StatusInput): RunVerdict | undefined {
  if (k6ExitCode === null || k6ExitCode === undefined || ORDINARY_ENDS.includes(k6ExitCode)) return undefined;
  const outside = exceptions.find(({ stage }) => stage !== 'iteration')?.stage;
  const exitText =
    k6ExitCode === K6_EXIT.scriptException && outside !== undefined
      ? `the script threw an exception ${outside === 'init' ? 'while it was loaded' : `in ${outside}()`}`
      : describeK6Exit(k6ExitCode, null);
  const cause = 'k6_exit';
  switch (k6ExitCode) {
    case K6_EXIT.externalAbort:
    case K6_EXIT.scriptAborted:
      return { status: 'aborted', cause, reason: `${exitText}; ${tally(kpis)}`, exitCode: k6ExitCode };
    // Go's runtime ends a panicking k6 with 2, which is novaperf's code for wrong usage.
    case GO_RUNTIME_CRASH:
      return { status: 'error', cause, reason: exitText, exitCode: EXIT.k6Crashed };
    case K6_EXIT.markedAsFailed:
      return { status: 'fail', cause, reason: exitText, exitCode: k6ExitCode };
    default:
      return { status: 'error', cause, reason: exitText, exitCode: k6ExitCode };
  }
}

function killed({ k6ExitCode, k6Signal, kpis }: StatusInput): RunVerdict | undefined {
  if (k6ExitCode !== null) return undefined;
  const signal = k6Signal == null ? 'a signal' : `the signal ${k6Signal}`;
  const reason = `${signal} ended k6 early; ${tally(kpis)}`;
  return { status: 'aborted', cause: 'k6_killed', reason, exitCode: EXIT.interrupted };
}

function missed(input: StatusInput): RunVerdict | undefined {
  const { kpis, k6ExitCode } = input;
  if (kpis.some(isMissed)) {
    const always = thrownAlways(input);
    const failed = { status: 'fail', exitCode: EXIT.failed } as const;
    if (always === undefined) return { ...failed, cause: 'targets_missed', reason: missedReason(kpis) };
    return { ...failed, cause: 'targets_missed_always_threw', reason: `${missedReason(kpis)}; ${always}` };
  }
  if (k6ExitCode !== K6_EXIT.thresholdsHaveFailed) return undefined;
  return { status: 'fail', cause: 'k6_exit', reason: describeK6Exit(k6ExitCode, null), exitCode: EXIT.failed };
}

function streamCut({ faults, incompleteSources = [] }: StatusInput): RunVerdict | undefined {
  if (incompleteSources.length > 0) {
    const [first = ''] = incompleteSources;
    const more = incompleteSources.length > 1 ? ` and ${incompleteSources.length - 1} more` : '';
    const reason = `the numbers of ${first}${more} are incomplete`;
    return { status: 'inconclusive', cause: 'data_incomplete', reason, exitCode: EXIT.inconclusive };
  }
  if (faults.complete && faults.lostLines === 0 && (faults.missingSamples ?? 0) === 0) return undefined;
  const reason = faults.complete
    ? `${faults.lostLines > 0 ? `${faults.lostLines} lines` : 'samples'} of the stream from k6 were lost, so the numbers are incomplete`
    : 'the stream from k6 ended early, so the numbers are incomplete';
  return { status: 'inconclusive', cause: 'data_incomplete', reason, exitCode: EXIT.inconclusive };
}

function nothingRan({ iterations, kpis }: StatusInput): RunVerdict | undefined {
  // Sessions longer than the run are interrupted, not completed, but still measured.
  if (iterations > 0 || kpis.some(({ samples }) => samples > 0)) return undefined;
  const reason = 'no iteration was completed';
  return { status: 'inconclusive', cause: 'nothing_ran', reason, exitCode: EXIT.inconclusive };
}

const UNDECIDED: ReadonlySet<VerdictReason> = new Set(['too_close', 'too_short', 'warming_up']);

/**
 * The status of a run if all open targets are too close to call. If that counts as passed, the text must say so
 * too.
 */
const IF_UNDECIDED = {
  '98': { status: 'inconclusive', exitCode: EXIT.inconclusive, counts: '' },
  fail: { status: 'inconclusive', exitCode: EXIT.failed, counts: '' },
  pass: { status: 'pass', exitCode: EXIT.passed, counts: ', which counts as passed (inconclusive: pass)' },
} as const;

function inconclusive({ kpis, inconclusive: asConfigured }: StatusInput): RunVerdict | undefined {
  const open = kpis.filter(({ verdict }) => verdict === 'inconclusive');
  if (open.length === 0) return undefined;
  const cause = 'targets_inconclusive';
  const of = `${open.length} of ${kpis.length} targets ${open.length === 1 ? 'is' : 'are'}`;
  // The configuration applies only to runs that were too short or too close, not to those with a busy load generator.
  if (!open.every(({ reason }) => UNDECIDED.has(reason))) {
    const reason = `${of} inconclusive: ${names(open)}`;
    return { status: 'inconclusive', cause, reason, exitCode: EXIT.inconclusive };
  }
  const after = Math.max(...open.map(({ decidesAfterMs }) => decidesAfterMs ?? Number.NaN));
  const longer = Number.isFinite(after) ? `; ${decidingRun(wholeMinutes(after))}` : '';
  const { counts, ...verdict } = IF_UNDECIDED[asConfigured];
  return { ...verdict, cause, reason: `${of} too close to call${counts}: ${names(open)}${longer}` };
}

/** The worst of several verdicts, the first of equal ones: the status of the cycle. undefined without runs. */
export function worstStatus<V extends Pick<RunVerdict, 'status'>>(verdicts: readonly V[]): V | undefined {
  for (const status of RUN_STATUSES) {
    const found = verdicts.find((verdict) => verdict.status === status);
    if (found !== undefined) return found;
  }
  return undefined;
}
