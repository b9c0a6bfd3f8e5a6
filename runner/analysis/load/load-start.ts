// The first iteration of a run and its scenarios go in; when the scenarios began comes out, which is what phases count from.

import type { RunMetrics } from '../../model/metrics.ts';
import type { ScenarioPlan } from '../../model/plan.ts';
import { durationMs } from '../../system/duration.ts';

type K6Scenarios = ScenarioPlan['k6Scenarios'];
type Fields = ReadonlyMap<string, unknown>;

/**
 * Epoch milliseconds; undefined for a run without an iteration. A ramp that begins at 0, or a scenario with a startTime, lets the
 * first iteration wait: that wait is taken off. Archives of former releases do not know the first iteration: `fallbackMs`.
 */
export function loadStartOf(
  metrics: Pick<RunMetrics, 'load'>,
  scenarios: K6Scenarios,
  fallbackMs: number | undefined,
): number | undefined {
  if (metrics.load === undefined) return fallbackMs;
  return metrics.load.fromMs - firstIterationMs(scenarios);
}

/** How long after the start of the scenarios the first iteration begins, milliseconds, by k6 2.2.0's executors. */
export function firstIterationMs(scenarios: K6Scenarios): number {
  const waits = Object.values(scenarios).map((scenario) => {
    const fields: Fields = new Map(Object.entries(scenario));
    const waitMs = WAITS[scenario.executor]?.(fields) ?? 0;
    return Number.isFinite(waitMs) ? msOf(fields.get('startTime')) + waitMs : Infinity;
  });
  const first = Math.min(...waits);
  return Number.isFinite(first) ? first : 0;
}

const WAITS: Readonly<Record<string, (fields: Fields) => number>> = {
  'ramping-vus': firstVu,
  'ramping-arrival-rate': firstArrival,
};

/** lib/executor/ramping_vus.go: a VU starts at the moment the straight line between two stages reaches it. */
function firstVu(fields: Fields): number {
  let from = numberOf(fields.get('startVUs'), 1);
  if (from >= 1) return 0;
  let startMs = 0;
  for (const { lengthMs, target } of stagesOf(fields)) {
    if (target >= 1) return startMs + (lengthMs * (1 - from)) / (target - from);
    startMs += lengthMs;
    from = target;
  }
  return Infinity;
}

/** lib/executor/ramping_arrival_rate.go: the first iteration starts when the area below the rate has reached 1. */
function firstArrival(fields: Fields): number {
  const unitMs = msOf(fields.get('timeUnit')) || 1000;
  let from = numberOf(fields.get('startRate'), 0) / unitMs;
  let done = 0;
  let startMs = 0;
  for (const { lengthMs, target } of stagesOf(fields)) {
    const to = target / unitMs;
    const left = 1 - done;
    const area = ((from + to) / 2) * lengthMs;
    if (area >= left) {
      if (from === to) return startMs + left / to;
      const slope = (to - from) / lengthMs;
      return startMs + (Math.sqrt(from * from + 2 * slope * left) - from) / slope;
    }
    done += area;
    startMs += lengthMs;
    from = to;
  }
  return Infinity;
}

function stagesOf(fields: Fields): Array<{ lengthMs: number; target: number }> {
  const stages = fields.get('stages');
  if (!Array.isArray(stages)) return [];
  return stages.map((stage: unknown) => {
    const of: Fields = new Map(typeof stage === 'object' && stage !== null ? Object.entries(stage) : []);
    return { lengthMs: msOf(of.get('duration')), target: numberOf(of.get('target'), 0) };
  });
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

function msOf(value: unknown): number {
  return typeof value === 'string' ? (durationMs(value) ?? 0) : 0;
}
