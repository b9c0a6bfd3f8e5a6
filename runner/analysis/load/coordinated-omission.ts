// Response times of a closed model become what they would have been at a constant rate: what its VUs did not send while they waited.

import { representative } from '../../metrics/buckets/histogram.ts';
import type { Aggregate, Bins, Interval, RunMetrics, TimeRange } from '../../model/metrics.ts';
import type { ScenarioPlan } from '../../model/plan.ts';
import { primaryLatency } from '../requests/primary.ts';
import { combine } from '../statistics/combine.ts';

// A closed model sends nothing while it waits, so a pause of the system is one slow request a VU rather than all those that should have
// been sent meanwhile (coordinated omission, Gil Tene). HdrHistogram's correction: each time v above the interval I between two requests
// of one VU stands for the requests that were due at I, 2I, … and would have taken v - I, v - 2I, … down to I. I is the VU's own pace: the
// median duration of an iteration over its requests.
//
// The pace is that of the same half minute, and only a stretch of one load is looked at: where more VUs or a slower system make every
// iteration longer, nothing paused. A time within a usual iteration delays nobody.

const OPEN = new Set(['constant-arrival-rate', 'ramping-arrival-rate']);
const MIN_SAMPLES = 100;
/** Smaller corrections are within what a run can say anyway. */
const WORTH = { factor: 1.3, ms: 20 } as const;
/** Places that the requests which one slow one stands for are spread over. */
const MOST_PLACES = 50;
/** Neighbouring buckets that are taken as one: 1.5 % of the value. */
const KEYS_TOGETHER = 8;
/** Parts with a pace of their own: of so many milliseconds, longer where there would be more than so many. */
const PART_MS = 30_000;
const MOST_PARTS = 60;

export interface OmissionFigure {
  readonly q: number;
  readonly measuredMs: number;
  readonly correctedMs: number;
}

export interface Omission {
  /** The pace of one VU, milliseconds between its requests. */
  readonly intervalMs: number;
  /** Requests that were not sent, by the correction. */
  readonly missing: number;
  /** p50, p95 and p99. */
  readonly figures: readonly OmissionFigure[];
}

/** What a VU usually does, milliseconds. */
interface Pace {
  readonly iterationMs: number;
  /** Between two of its requests. */
  readonly intervalMs: number;
}

/**
 * The correction over `steady`, the stretch of one load, where it matters; undefined for open models, without such a stretch, and where
 * it changes none of the percentiles by much.
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
  // Adding up histograms is what costs.
  if (requests.every((part, i) => part === undefined || delaysNobody(part, durations[i]))) return undefined;
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

/** Whether no request of the part lasted longer than a usual iteration; a bound that needs no histogram says so of most parts. */
function delaysNobody({ max }: Aggregate, durations: Aggregate | undefined): boolean {
  if (max === undefined || durations === undefined) return false;
  return max <= leastMedian(durations) || max <= (durations.quantile(0.5) ?? 0);
}

/** No median is lower: at most half of the values lie above it, each of them the largest at most. */
function leastMedian({ count, sum, min = 0, max = 0 }: Aggregate): number {
  const above = Math.floor(count / 2);
  return Math.max(min, (sum - above * max) / Math.max(1, count - above));
}

/** The stretch in parts of half a minute or longer, the same for every timeline of a run. */
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
 * Values with the requests that they stand for. Neighbouring buckets are taken together, and what a long time stands for is
 * spread over a few places, so that the cost does not depend on times or counts.
 */
function corrected(
  bins: Bins,
  { iterationMs, intervalMs }: Pace,
): { weights: Array<readonly [value: number, weight: number]>; missing: number } {
  const weights: Array<readonly [number, number]> = [];
  let missing = 0;
  for (const [value, count] of mergedBins(bins)) {
    weights.push([value, count]);
    // 0 where nothing was due meanwhile.
    const due = value <= iterationMs ? 0 : Math.floor(value / intervalMs) - 1;
    if (due <= 0) continue;
    missing += due * count;
    const places = Math.min(due, MOST_PLACES);
    for (let k = 0; k < places; k++) {
      // Of the requests that were due after 1, 2, … intervals: the middle of each of so many equal parts.
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
