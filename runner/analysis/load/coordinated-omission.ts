// Estimates the response times of a closed model at a constant rate, including requests that its VUs could not send
// while they waited.

import { representative } from '../../metrics/buckets/histogram.ts';
import type { Aggregate, Bins, Interval, RunMetrics, TimeRange } from '../../model/metrics.ts';
import type { ScenarioPlan } from '../../model/plan.ts';
import { primaryLatency } from '../requests/primary.ts';
import { combine } from '../statistics/combine.ts';

// A closed model sends nothing while it waits, so a pause of the system appears as one slow request per VU instead of
// all requests due meanwhile (coordinated omission, Gil Tene). This is HdrHistogram's correction: each time v above the
// interval I between two requests of one VU stands for the requests that were due at I, 2I, … and would have taken v -
// I, v - 2I, … down to I. I is the VU's own pace: the median duration of an iteration divided by its requests.
//
// The pace is computed per half minute, and only over a period of constant load: if more VUs or a slower system make
// every iteration longer, nothing has paused. A request that takes no longer than a usual iteration delays nothing.

const OPEN = new Set(['constant-arrival-rate', 'ramping-arrival-rate']);
const MIN_SAMPLES = 100;
/** Smaller corrections are within the uncertainty of a run. */
const WORTH = { factor: 1.3, ms: 20 } as const;
/** Number of values over which the requests that a slow one stands for are spread. */
const MOST_PLACES = 50;
/** Number of neighbouring buckets treated as one: 1.5 % of the value. */
const KEYS_TOGETHER = 8;
/** Length of the parts with their own pace, and the most parts; with more, parts get longer. */
const PART_MS = 30_000;
const MOST_PARTS = 60;

export interface OmissionFigure {
  readonly q: number;
  readonly measuredMs: number;
  readonly correctedMs: number;
}

export interface Omission {
  /** The pace of one VU: milliseconds between its requests. */
  readonly intervalMs: number;
  /** Number of requests that were not sent, according to the correction. */
  readonly missing: number;
  /** p50, p95 and p99. */
  readonly figures: readonly OmissionFigure[];
}

/** The usual pace of a VU, milliseconds. */
interface Pace {
  readonly iterationMs: number;
  /** Between two of its requests. */
  readonly intervalMs: number;
}

/**
 * The correction over `steady`, the period of constant load. undefined for open models, without such a period, and if
 * no percentile changes much.
 */
export function omissionOf(
  metrics: RunMetrics,
  k6Scenarios: ScenarioPlan['k6Scenarios'],
  steady: TimeRange | undefined,
): Omission | undefined {
  const executors = Object.values(k6Scenarios).map(({ executor }) => executor);
  if (steady === undefined || executors.length === 0 || executors.some((executor) => OPEN.has(executor))) {
    return undefined;
  }
  const primary = primaryLatency(metrics);
  if (primary === undefined) return undefined;
  const requests = partsOf(metrics.timeline(primary.metric, primary.filter), steady);
  const durations = partsOf(metrics.timeline('iteration_duration'), steady);
  // Checked first, because adding up histograms is expensive.
  if (requests.every((part, i) => part === undefined || delaysNoRequest(part, durations[i]))) return undefined;
  const all = combine(requests.flatMap((part) => part ?? []));
  const iterations = combine(durations.flatMap((part) => part ?? []));
  if (all === undefined || iterations === undefined || all.count < MIN_SAMPLES) return undefined;
  const perIteration = Math.max(1, all.count / iterations.count);
  const paceOf = (part: Aggregate | undefined): Pace | undefined => {
    const iterationMs = part?.quantile(0.5);
    return iterationMs !== undefined && iterationMs > 0
      ? { iterationMs, intervalMs: iterationMs / perIteration }
      : undefined;
  };
  const usual = paceOf(iterations);
  if (usual === undefined) return undefined;
  const parts = requests.map((part, i) =>
    part === undefined ? { weights: [], missing: 0 } : corrected(part.bins(), paceOf(durations[i]) ?? usual),
  );
  const weights = parts.flatMap((part) => part.weights).sort(([a], [b]) => a - b);
  const figures = [0.5, 0.95, 0.99].flatMap((q): OmissionFigure[] => {
    const measuredMs = all.quantile(q);
    if (measuredMs === undefined) return [];
    return [{ q, measuredMs, correctedMs: Math.max(measuredMs, weightedQuantile(weights, q)) }];
  });
  const matters = figures.some(
    ({ measuredMs, correctedMs }) => correctedMs >= WORTH.factor * measuredMs && correctedMs - measuredMs >= WORTH.ms,
  );
  const missing = parts.reduce((sum, part) => sum + part.missing, 0);
  return matters ? { intervalMs: usual.intervalMs, missing, figures } : undefined;
}

/**
 * True if no request of the part took longer than a usual iteration. For most parts a bound decides it without a
 * histogram.
 */
function delaysNoRequest({ max }: Aggregate, durations: Aggregate | undefined): boolean {
  if (max === undefined || durations === undefined) return false;
  return max <= leastMedian(durations) || max <= (durations.quantile(0.5) ?? 0);
}

/** A lower bound of the median: at most half of the values are above it, each at most the maximum. */
function leastMedian({ count, sum, min = 0, max = 0 }: Aggregate): number {
  const above = Math.floor(count / 2);
  return Math.max(min, (sum - above * max) / Math.max(1, count - above));
}

/** Divides the period into parts of half a minute or longer, equal for every timeline of a run. */
function partsOf(timeline: readonly Interval[], { fromMs, toMs }: TimeRange): Array<Aggregate | undefined> {
  const count = Math.max(1, Math.min(MOST_PARTS, Math.floor((toMs - fromMs) / PART_MS)));
  const cells: Aggregate[][] = Array.from({ length: count }, () => []);
  for (const { startMs, aggregate } of timeline) {
    if (aggregate === undefined || startMs < fromMs || startMs >= toMs) continue;
    cells[Math.floor(((startMs - fromMs) / (toMs - fromMs)) * count)]?.push(aggregate);
  }
  return cells.map(combine);
}

/**
 * The values, including the requests that they stand for. Neighbouring buckets are combined, and the requests of a long
 * time are spread over a few values, so that the cost does not depend on times or counts.
 */
function corrected(
  bins: Bins,
  { iterationMs, intervalMs }: Pace,
): { weights: Array<readonly [value: number, weight: number]>; missing: number } {
  const weights: Array<readonly [number, number]> = [];
  let missing = 0;
  for (const [value, count] of mergedBins(bins)) {
    weights.push([value, count]);
    // 0 if nothing was due meanwhile.
    const due = value <= iterationMs ? 0 : Math.floor(value / intervalMs) - 1;
    if (due <= 0) continue;
    missing += due * count;
    const places = Math.min(due, MOST_PLACES);
    for (let k = 0; k < places; k++) {
      // Of the requests due after 1, 2, … intervals: the middle of each of the equal parts.
      const after = places === due ? k + 1 : ((k + 0.5) / places) * due + 0.5;
      weights.push([value - after * intervalMs, (count * due) / places]);
    }
  }
  return { weights, missing };
}

function mergedBins({ keys, counts }: Bins): Array<readonly [value: number, count: number]> {
  const merged: Array<readonly [number, number]> = [];
  for (let i = 0; i < keys.length; ) {
    const first = keys[i] ?? 0;
    let [sum, count] = [0, 0];
    for (; i < keys.length && (keys[i] ?? 0) - first < KEYS_TOGETHER; i++) {
      sum += representative(keys[i] ?? 0) * (counts[i] ?? 0);
      count += counts[i] ?? 0;
    }
    if (count > 0) merged.push([sum / count, count]);
  }
  return merged;
}

function weightedQuantile(weights: ReadonlyArray<readonly [number, number]>, q: number): number {
  const all = weights.reduce((sum, [, weight]) => sum + weight, 0);
  let seen = 0;
  for (const [value, weight] of weights) {
    seen += weight;
    if (seen >= q * all) return value;
  }
  return weights.at(-1)?.[0] ?? 0;
}
