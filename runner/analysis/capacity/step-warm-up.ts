// Finds the warm-up of a step of less than a minute, and the step's figures without it.

import type { Kpi } from '../../model/kpi.ts';
import type { RunMetrics, TimeRange } from '../../model/metrics.ts';
import { EVERY_PROTOCOL, reportsSuccess } from '../../model/protocols.ts';
import { warmUpOf } from '../load/warm-up.ts';
import { primaryLatency } from '../requests/primary.ts';
import { failedOf, requestsOf } from '../requests/protocol-figures.ts';
import { valueWithin } from '../statistics/part-value.ts';
import { heldSeconds } from './step-stability.ts';

// MSER with a guard as in warm-up.ts. With so few windows the guard must differ: near the knee, a slow start happens by
// chance in 15 % of steps. But a queue is empty at first, so its first seconds are fast, while a system that warms up
// is slow from the first second. Simulated: at most 2 % of steps without a warm-up lose their start.

const LEAST_WINDOWS = 15;
const SLOWER = 1.25;
/** Number of seconds at the start that must be slow. */
const FIRST = 2;

/** The part of the step after its warm-up; undefined if there is none, or it may not be over. */
export function afterWarmUp(metrics: RunMetrics): TimeRange | undefined {
  const { latencyMs, startMs } = heldSeconds(metrics, { isOver: true });
  const found = warmUpOf(latencyMs, LEAST_WINDOWS);
  if (found?.isOver !== true || metrics.lastSampleMs === undefined || startMs === undefined) return undefined;
  const firsts = latencyMs.filter((value) => value !== undefined).slice(0, FIRST);
  if (Math.min(found.before, ...firsts) < SLOWER * found.after) return undefined;
  return { fromMs: startMs + found.windows * metrics.intervalMs, toMs: metrics.lastSampleMs };
}

export interface StepFigures {
  readonly requestsPerS: number | null;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  /** Share of failed requests, among those with an outcome reported by k6, 0 to 1; null without any. */
  readonly errorShare: number | null;
}

/** The figures of a part of a step. */
export function figuresWithin(metrics: RunMetrics, range: TimeRange): StepFigures {
  const primary = primaryLatency(metrics);
  const latency = primary && metrics.total(primary.metric, primary.filter, range);
  let [requests, judged, failed] = [0, 0, 0];
  for (const protocol of EVERY_PROTOCOL.filter(reportsSuccess)) {
    const failures = failedOf(protocol, metrics, {}, range);
    requests += requestsOf(protocol, metrics, {}, range);
    judged += failures?.of ?? 0;
    failed += failures?.failed ?? 0;
  }
  const done = requests > 0 ? requests : metrics.total('iterations', {}, range)?.sum;
  const seconds = (range.toMs - range.fromMs) / 1000;
  return {
    requestsPerS: done === undefined || seconds <= 0 ? null : done / seconds,
    p50Ms: latency?.quantile(0.5) ?? null,
    p95Ms: latency?.quantile(0.95) ?? null,
    errorShare: judged === 0 ? null : failed / judged,
  };
}

/** The ids of the targets that a part of a step meets; targets that cannot be measured over a part are left out. */
export function metWithin(kpis: readonly Kpi[], metrics: RunMetrics, range: TimeRange): ReadonlySet<string> {
  return new Set(kpis.filter((kpi) => valueWithin(kpi, metrics, range)?.isMet === true).map(({ id }) => id));
}

/** Share of the requested iterations that were started, 0 to 1. */
export function startedWithin(metrics: RunMetrics, range: TimeRange): number {
  const countOf = (metric: string) => metrics.total(metric, {}, range)?.sum ?? 0;
  const [dropped, run] = [countOf('dropped_iterations'), countOf('iterations')];
  return dropped + run === 0 ? 1 : run / (dropped + run);
}
