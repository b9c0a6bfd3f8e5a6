// Judges the load generator: whether its latencies can be trusted, and whether it produced the requested load.

import type { GeneratorHealth } from '../../model/metrics.ts';
import { LOAD_LIMITS } from '../../targets/builtin-kpis.ts';
import { compact, count, duration, percent, plural } from '../../text/format.ts';
import { judgeMachine, type MachineVerdict } from './generator-machine.ts';

export interface GeneratorFigures {
  /** Iterations of an arrival rate that could not start because no VU was free. */
  readonly droppedIterations: number;
  /** Iterations that k6 started; only those of arrival rates, if known. */
  readonly begunIterations: number;
  /**
   * Iterations that arrival rates requested from this instance up to the end of the run; undefined for closed models.
   */
  readonly requestedIterations?: number | undefined;
  /** Most VUs initialised, and most VUs allowed. */
  readonly vusReached?: number | undefined;
  readonly vusAllowed?: number | undefined;
}

/**
 * Why iterations were dropped, which happens when no VU is free: k6 was too busy to free them, all allowed VUs were in
 * use (a slow system under test, or maxVUs too low), or more were allowed but not initialised yet (preAllocatedVUs too
 * low).
 */
export type DropCause = 'none' | 'k6_busy' | 'vus_exhausted' | 'vus_not_ready' | 'unknown';

export interface GeneratorVerdict {
  readonly state: 'clean' | 'warn' | 'saturated' | 'unknown';
  /** One sentence each, worst first; also what could not be measured. */
  readonly reasons: readonly string[];
  /** Whether k6 was too busy, so that its latencies are inflated; `unknown` if not measured. */
  readonly inflates: 'yes' | 'somewhat' | 'no' | 'unknown';
  /** True if the requested load was not reached: at least 1 % of the iterations dropped, or fewer than 98 % started. */
  readonly fellShort: boolean;
  readonly dropCause: DropCause;
  readonly cpuCoresAvg: number | undefined;
  readonly cpuCoresMax: number | undefined;
  readonly coresAllowed: number | undefined;
  /** Share of the allowed cores, 0 to 1: the highest level that 3 of 5 consecutive windows reached. */
  readonly cpuShare: number | undefined;
  readonly residentBytesMax: number | undefined;
  /** p99 of Go's scheduler latency, milliseconds: the highest level that 3 of 5 consecutive windows reached. */
  readonly schedP99Ms: number | undefined;
  readonly goroutinesMax: number | undefined;
  readonly droppedIterations: number;
  /** Share of the requested iterations that were started, 0 to 1; undefined for closed models. */
  readonly achievedRate: number | undefined;
  readonly backlogMax: number | undefined;
  /** The machine that k6 ran on. */
  readonly machine: MachineVerdict;
}

/**
 * Measured with k6 pinned to one core next to an independent probe. Below the limits of `clean`, p95 was at most 1.6 ms
 * too high. The Go scheduler's p99 rises first, then CPU, then iterations are dropped, and last the rate is missed.
 * k6's p95 was too high by 1.2 to 4.4 times the scheduler's p99. The usual limit of 80 % CPU was always too late. One
 * machine, one core; for several cores the shares are of all that k6 may use.
 */
export const GENERATOR_LIMITS = {
  warn: { schedP99Ms: 2, cpuShare: 0.45 },
  saturated: { schedP99Ms: 10, cpuShare: 0.7 },
} as const;

/** A level counts only if 3 of 5 consecutive windows reach it, so that a single spike does not invalidate a run. */
const WINDOWS = 5;
const OF_WINDOWS = 3;
/** A rate can miss a few iterations by rounding. */
const SPARE_ITERATIONS = 5;

/**
 * The highest level that 3 of 5 consecutive windows reached. Windows without a figure are skipped; undefined if fewer
 * than 3 have one.
 */
export function sustained(values: ReadonlyArray<number | undefined>): number | undefined {
  const known = values.filter((value) => value !== undefined);
  let highest: number | undefined;
  for (let end = OF_WINDOWS; end <= known.length; end++) {
    const window = known.slice(Math.max(0, end - WINDOWS), end).sort((a, b) => b - a);
    const level = window[OF_WINDOWS - 1];
    if (level !== undefined && (highest === undefined || level > highest)) highest = level;
  }
  return highest;
}

function greatest(values: ReadonlyArray<number | undefined>): number | undefined {
  return values.reduce(
    (most, value) => (most === undefined || (value !== undefined && value > most) ? value : most),
    undefined,
  );
}

/** Mean of the values, weighted by the length of their windows. */
function mean(rows: ReadonlyArray<readonly [value: number | undefined, lengthMs: number]>): number | undefined {
  let sum = 0;
  let length = 0;
  for (const [value, lengthMs] of rows) {
    if (value === undefined) continue;
    sum += value * lengthMs;
    length += lengthMs;
  }
  return length > 0 ? sum / length : undefined;
}

type Level = 'yes' | 'somewhat' | 'no' | 'unknown';

function levelOf(value: number | undefined, warn: number, saturated: number): Level {
  if (value === undefined) return 'unknown';
  return value >= saturated ? 'yes' : value >= warn ? 'somewhat' : 'no';
}

const ORDER: readonly Level[] = ['yes', 'somewhat', 'no', 'unknown'];

/**
 * Whether k6 and its machine could keep up.
 *
 * Iterations dropped while k6 was measurably idle are not k6's fault. That is `warn` with `fellShort`, not `saturated`,
 * so that a slow system under test is not excused.
 */
export function judgeGenerator(health: readonly GeneratorHealth[], figures: GeneratorFigures): GeneratorVerdict {
  const windows = health.slice(1);
  const cores = greatest(health.map(({ coresAllowed }) => coresAllowed));
  const shares = windows.map(({ cpuCores, coresAllowed }) => share(cpuCores, coresAllowed ?? cores));
  const cpuShare = sustained(shares);
  const schedP99Ms = sustained(windows.map((window) => window.schedP99Ms));
  const { warn, saturated } = GENERATOR_LIMITS;
  const bySched = levelOf(schedP99Ms, warn.schedP99Ms, saturated.schedP99Ms);
  const byCpu = levelOf(cpuShare, warn.cpuShare, saturated.cpuShare);
  const inflates = ORDER.find((level) => level === bySched || level === byCpu) ?? 'unknown';

  const machine = judgeMachine(windows, sustained);
  const { droppedIterations, begunIterations, requestedIterations } = figures;
  const due = droppedIterations + begunIterations;
  const droppedShare = due > 0 ? droppedIterations / due : 0;
  const achieved =
    requestedIterations === undefined || requestedIterations <= 0
      ? undefined
      : Math.min(1, begunIterations / requestedIterations);
  const missing = (requestedIterations ?? 0) - begunIterations;
  const late = achieved !== undefined && achieved < LOAD_LIMITS.achievedShare && missing > SPARE_ITERATIONS;
  const drops = droppedShare >= LOAD_LIMITS.droppedShare;
  const fellShort = drops || late;

  const reasons: string[] = [...machine.reasons];
  if (bySched === 'yes' || bySched === 'somewhat') {
    reasons.push(
      `the Go scheduler delayed k6: p99 ${duration(schedP99Ms, { trim: true })}, in 3 of 5 s (${bySched === 'yes' ? `saturated from ${saturated.schedP99Ms}` : `a warning from ${warn.schedP99Ms}`} ms)`,
    );
  }
  if (byCpu === 'yes' || byCpu === 'somewhat') {
    reasons.push(
      `k6 used ${percent(cpuShare)} of its ${cores === undefined ? '' : `${compact(cores)} `}cores, in 3 of 5 s (${byCpu === 'yes' ? `saturated from ${percent(saturated.cpuShare)}` : `a warning from ${percent(warn.cpuShare)}`})`,
    );
  }
  if (droppedIterations > 0) {
    reasons.push(`${count(droppedIterations)} of ${plural(due, 'iteration')} (${percent(droppedShare)}) were dropped`);
  }
  if (late)
    reasons.push(
      `${percent(achieved)} of the requested iterations were started (${count(begunIterations)} of ${count(requestedIterations)})`,
    );
  if (bySched === 'unknown' && byCpu === 'unknown') reasons.push("k6's own load was not measured");
  else if (bySched === 'unknown')
    reasons.push(
      'the Go scheduler was not measured (k6 without the novaperf output), so this is based on CPU and dropped iterations',
    );

  return {
    state: stateOf(inflates, fellShort, droppedIterations > 0, machine.state),
    reasons,
    inflates,
    fellShort,
    dropCause: dropCauseOf(inflates, figures, machine.state),
    cpuCoresAvg: mean(windows.map(({ cpuCores, lengthMs }) => [cpuCores, lengthMs])),
    cpuCoresMax: greatest(health.map(({ cpuCores }) => cpuCores)),
    coresAllowed: cores,
    cpuShare,
    residentBytesMax: greatest(health.map(({ residentBytes }) => residentBytes)),
    schedP99Ms,
    goroutinesMax: greatest(health.map(({ goroutines }) => goroutines)),
    droppedIterations,
    achievedRate: achieved,
    backlogMax: greatest(health.map(({ backlog }) => backlog)),
    machine,
  };
}

function dropCauseOf(
  inflates: Level,
  { droppedIterations, vusReached, vusAllowed }: GeneratorFigures,
  machine: MachineVerdict['state'],
): DropCause {
  if (droppedIterations === 0) return 'none';
  if (inflates === 'yes' || inflates === 'somewhat') return 'k6_busy';
  if (vusReached === undefined || vusAllowed === undefined || vusAllowed <= 0) return 'unknown';
  if (vusReached < vusAllowed) return 'vus_not_ready';
  return inflates === 'no' && machine !== 'saturated' ? 'vus_exhausted' : 'unknown';
}

function stateOf(
  inflates: Level,
  fellShort: boolean,
  dropped: boolean,
  machine: MachineVerdict['state'],
): GeneratorVerdict['state'] {
  if (inflates === 'yes') return 'saturated';
  if (fellShort) return inflates === 'no' ? 'warn' : 'saturated';
  if (inflates === 'somewhat' || dropped || machine === 'saturated') return 'warn';
  return inflates === 'no' ? 'clean' : 'unknown';
}

function share(used: number | undefined, allowed: number | undefined): number | undefined {
  return used === undefined || allowed === undefined || allowed <= 0 ? undefined : used / allowed;
}
