// Finds the period in which the load was constant, from the phases or the script's own load.

import type { RunMetrics, TimeRange } from '../../model/metrics.ts';
import type { Phase, ScenarioPlan } from '../../model/plan.ts';
import { requestedRate } from './arrival-rate.ts';

export interface LoadShape {
  readonly phases: readonly Phase[];
  readonly k6Scenarios: ScenarioPlan['k6Scenarios'];
  /** Start of load, epoch milliseconds. */
  readonly loadStartMs: number;
}

/** A shorter period is not examined. */
const MIN_STEADY_MS = 30_000;
/** VUs or rates that differ by less than this share count as the same load. */
const SAME_LOAD = 0.1;
const STAYS = new Set(['constant-vus', 'per-vu-iterations', 'shared-iterations', 'constant-arrival-rate']);

/**
 * The longest period of constant load, in whole intervals of the run's grid: the longest hold of a profile, or the
 * longest time without a change of a script's own load. Steps of a profile are different loads, so it is one of them.
 * undefined if no period lasts 30 s.
 */
export function steadyPart(metrics: RunMetrics, load: LoadShape): TimeRange | undefined {
  const { intervalMs, lastSampleMs } = metrics;
  if (lastSampleMs === undefined || intervalMs <= 0) return undefined;
  const whole = { fromMs: load.loadStartMs, toMs: lastSampleMs };
  const part = load.phases.length > 0 ? longestHold(load) : ownSteady(metrics, load, whole);
  if (part === undefined) return undefined;
  // The first and the last interval are partly outside, so they are left out.
  const fromMs = Math.max(part.fromMs, whole.fromMs);
  const toMs = Math.min(part.toMs, whole.toMs);
  const cells = metrics
    .timeline('vus')
    .filter(({ startMs, lengthMs }) => startMs >= fromMs && startMs + lengthMs <= toMs);
  const [first, last] = [cells[0], cells.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const range = { fromMs: first.startMs, toMs: last.startMs + last.lengthMs };
  return range.toMs - range.fromMs < MIN_STEADY_MS ? undefined : range;
}

function longestHold({ phases, loadStartMs }: LoadShape): TimeRange | undefined {
  const holds = phases.filter(({ kind }) => kind === 'hold');
  const candidates = holds.length > 0 ? holds : phases.filter(({ kind }) => kind === 'step');
  const longest = candidates.toSorted((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs))[0];
  if (longest === undefined) return undefined;
  return { fromMs: loadStartMs + longest.startMs, toMs: loadStartMs + longest.endMs };
}

function ownSteady(
  metrics: RunMetrics,
  { k6Scenarios, loadStartMs }: LoadShape,
  whole: TimeRange,
): TimeRange | undefined {
  const scenarios = Object.values(k6Scenarios);
  if (scenarios.length > 0 && scenarios.every(({ executor }) => STAYS.has(executor))) return whole;
  const cells = metrics.timeline('vus');
  const asked = requestedRate(k6Scenarios);
  const levels = cells.map(({ startMs, lengthMs, aggregate }) => ({
    startMs,
    lengthMs,
    // In an open model, VUs follow the response time, so the configured rate is used.
    value: asked === undefined ? aggregate?.max : asked(startMs + lengthMs / 2 - loadStartMs),
  }));
  const known = levels
    .flatMap(({ value }) => (value === undefined || value === 0 ? [] : [value]))
    .toSorted((a, b) => a - b);
  const usual = known[Math.floor(known.length / 2)];
  // If the load is not known, as in a stream recorded elsewhere, everything is examined.
  if (usual === undefined) return whole;
  let best: TimeRange | undefined;
  let fromMs: number | undefined;
  for (const { startMs, lengthMs, value } of levels) {
    const isSame = value !== undefined && Math.abs(value - usual) <= Math.max(SAME_LOAD * usual, 0.5);
    if (!isSame) {
      fromMs = undefined;
      continue;
    }
    fromMs ??= startMs;
    const toMs = startMs + lengthMs;
    if (best === undefined || toMs - fromMs > best.toMs - best.fromMs) best = { fromMs, toMs };
  }
  return best;
}
