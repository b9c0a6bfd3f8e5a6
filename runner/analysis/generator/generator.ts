// The load generator's health, second by second, becomes one judgement: can its latencies be trusted, and did the load arrive.

import type { GeneratorHealth } from '../../model/metrics.ts';
import { LOAD_LIMITS } from '../../targets/builtin-kpis.ts';
import { compact, count, duration, percent, plural } from '../../text/format.ts';
import { judgeMachine, type MachineVerdict } from './generator-machine.ts';

export interface GeneratorFigures {
  /** Iterations that an arrival rate could not start because no VU was free. */
  readonly droppedIterations: number;
  /** Iterations that k6 began; those of arrival rates alone where they are known. */
  readonly begunIterations: number;
  /** Iterations that arrival rates asked this instance for up to the end of the run; undefined for closed models. */
  readonly askedIterations?: number | undefined;
  /** The most VUs that k6 had initialised, and the most that it may have. */
  readonly vusReached?: number | undefined;
  readonly vusAllowed?: number | undefined;
}

/**
 * Why iterations were dropped, which k6 does where no VU is free: k6 itself was too busy to free them, all it may have were
 * in use (a slow system under test, or maxVUs too low), or more were allowed and not yet initialised (preAllocatedVUs too low).
 */
export type DropCause = 'none' | 'k6_busy' | 'vus_exhausted' | 'vus_not_ready' | 'unknown';

export interface GeneratorVerdict {
  readonly state: 'clean' | 'warn' | 'saturated' | 'unknown';
  /** One sentence each, worst first; also what could not be measured. */
  readonly reasons: readonly string[];
  /** k6 itself was too busy, so that its latencies are too long: `yes`, `somewhat`, `no`, or `unknown` when not measured. */
  readonly inflates: 'yes' | 'somewhat' | 'no' | 'unknown';
  /** The load that was asked for did not arrive: 1 % of the iterations or more dropped, or fewer than 98 % begun. */
  readonly fellShort: boolean;
  readonly dropCause: DropCause;
  readonly cpuCoresAvg: number | undefined;
  readonly cpuCoresMax: number | undefined;
  readonly coresAllowed: number | undefined;
  /** Share of those cores, 0 to 1, that was reached or exceeded in 3 of 5 consecutive windows, at its worst. */
  readonly cpuShare: number | undefined;
  readonly residentBytesMax: number | undefined;
  /** The p99 of Go's scheduler latency that was reached or exceeded in 3 of 5 consecutive windows, at its worst; ms. */
  readonly schedP99Ms: number | undefined;
  readonly goroutinesMax: number | undefined;
  readonly droppedIterations: number;
  /** Share of the asked iterations that were begun, 0 to 1; undefined for closed models. */
  readonly achievedRate: number | undefined;
  readonly backlogMax: number | undefined;
  /** The machine that k6 was on. */
  readonly machine: MachineVerdict;
}

/**
 * Measured with k6 pinned to one core next to an independent probe: below the clean limits p95 was at most 1.6 ms too long; the
 * Go scheduler's p99 rises first, then CPU, then iterations drop, last of all the rate is missed; k6's p95 was too long
 * by 1.2 to 4.4 times the scheduler's p99. The usual limit of 80 % CPU never came in time. One machine, one core: for
 * several cores the shares are of all that k6 may use.
 */
export const GENERATOR_LIMITS = {
  warn: { schedP99Ms: 2, cpuShare: 0.45 },
  saturated: { schedP99Ms: 10, cpuShare: 0.7 },
} as const;

/** A level counts only when 3 of 5 consecutive windows reach it, so that a spike alone, at the start or not, voids no run. */
const WINDOWS = 5;
const OF_WINDOWS = 3;
/** A rate can miss a handful of iterations by rounding. */
const SPARE_ITERATIONS = 5;

/**
 * The highest level that 3 of 5 consecutive windows reached. Windows without a figure are passed over; undefined when fewer
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

/** Mean of the values, each weighted with the length of its window. */
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
 * Judges the generator over the run. The first window, in which k6 starts its VUs, is left out. Without scheduler latencies
 * it goes by CPU and dropped iterations and says so; without either it is `unknown`, unless iterations were dropped.
 *
 * Iterations dropped while k6 was measured to be idle are not its fault. That is `warn` with `fellShort`, not `saturated`, so
 * that a slow system under test cannot hide behind it.
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
  const { droppedIterations, begunIterations, askedIterations } = figures;
  const due = droppedIterations + begunIterations;
  const droppedShare = due > 0 ? droppedIterations / due : 0;
  const achieved =
    askedIterations === undefined || askedIterations <= 0 ? undefined : Math.min(1, begunIterations / askedIterations);
  const missing = (askedIterations ?? 0) - begunIterations;
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
      `${percent(achieved)} of the requested iterations were started (${count(begunIterations)} of ${count(askedIterations)})`,
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
