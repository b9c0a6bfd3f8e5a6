// Computes when the scenarios of a run started, from which phases are counted.

import type { RunMetrics } from '../../model/metrics.ts';
import type { ScenarioPlan } from '../../model/plan.ts';
import { durationMs } from '../../system/duration.ts';

type K6Scenarios = ScenarioPlan['k6Scenarios'];
type Fields = ReadonlyMap<string, unknown>;

/**
 * Start of the scenarios, epoch milliseconds; undefined without iterations. A ramp from 0 or a startTime delays the
 * first iteration; that delay is subtracted. Archives of earlier releases do not contain the first iteration:
 * `fallbackMs` is used.
 */
export function loadStartOf(
  metrics: Pick<RunMetrics, 'load'>,
  scenarios: K6Scenarios,
  fallbackMs: number | undefined,
): number | undefined {
  if (metrics.load === undefined) return fallbackMs;
  return metrics.load.fromMs - firstIterationMs(scenarios);
}

/** Delay from the start of the scenarios to the first iteration, milliseconds, as in k6 2.2.0's executors. */
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

/** lib/executor/ramping_vus.go: a VU starts when the line between two stages reaches it. */
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

/** lib/executor/ramping_arrival_rate.go: the first iteration starts when the area below the rate reaches 1. */
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
