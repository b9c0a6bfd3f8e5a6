// Response times of a closed model become what they would have been at a constant rate: what its VUs did not send while they waited.

import { representative } from '../metrics/histogram.ts';
import type { Bins, RunMetrics } from '../model/metrics.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import { primaryLatency } from './primary.ts';

// A closed model sends nothing while it waits, so a pause of the system is one slow request a VU rather than all those that should have
// been sent meanwhile (coordinated omission, Gil Tene). HdrHistogram's correction: each time v above the interval I between two requests
// of one VU stands for the requests that were due at I, 2I, … and would have taken v - I, v - 2I, … down to I. I is the VU's own pace: the
// median duration of an iteration over its requests.

const OPEN = new Set(['constant-arrival-rate', 'ramping-arrival-rate']);
const MIN_SAMPLES = 100;
/** Smaller corrections are within what a run can say anyway. */
const WORTH = { factor: 1.3, ms: 20 } as const;
/** Requests that one slow one may stand for: an hour's hang must not cost an hour. */
const MOST_MISSING = 10_000;

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

/** The correction where it matters; undefined for open models, and where it changes neither p95 nor p99 by much. */
export function omissionOf(metrics: RunMetrics, k6Scenarios: ScenarioPlan['k6Scenarios']): Omission | undefined {
  const executors = Object.values(k6Scenarios).map(({ executor }) => executor);
  if (executors.length === 0 || executors.some((executor) => OPEN.has(executor))) return undefined;
  const primary = primaryLatency(metrics);
  const all = primary === undefined ? undefined : metrics.total(primary.metric, primary.filter);
  const iterationMs = metrics.total('iteration_duration')?.quantile(0.5);
  const iterations = metrics.total('iterations')?.sum ?? 0;
  if (all === undefined || iterationMs === undefined || iterations === 0 || all.count < MIN_SAMPLES) return undefined;
  const intervalMs = iterationMs / Math.max(1, all.count / iterations);
  if (!(intervalMs > 0)) return undefined;
  const { weights, missing } = corrected(all.bins(), intervalMs);
  const figures = [0.5, 0.95, 0.99].flatMap((q): OmissionFigure[] => {
    const measuredMs = all.quantile(q);
    if (measuredMs === undefined) return [];
    return [{ q, measuredMs, correctedMs: Math.max(measuredMs, weightedQuantile(weights, q)) }];
  });
  const matters = figures.some(
    ({ measuredMs, correctedMs }) => correctedMs >= WORTH.factor * measuredMs && correctedMs - measuredMs >= WORTH.ms,
  );
  return matters ? { intervalMs, missing, figures } : undefined;
}

/** Every bucket with the requests that it stands for, values ascending. */
function corrected(
  bins: Bins,
  intervalMs: number,
): { weights: Array<readonly [value: number, weight: number]>; missing: number } {
  const weights: Array<readonly [number, number]> = [];
  let missing = 0;
  bins.keys.forEach((key, i) => {
    const count = bins.counts[i] ?? 0;
    const value = representative(key);
    weights.push([value, count]);
    const due = Math.min(MOST_MISSING, Math.floor(value / intervalMs) - 1);
    for (let k = 1; k <= due; k++) weights.push([value - k * intervalMs, count]);
    missing += Math.max(0, due) * count;
  });
  return { weights: weights.sort(([a], [b]) => a - b), missing };
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
