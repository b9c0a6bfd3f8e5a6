// The k6 scenarios of a run become the number of iterations that its arrival rates asked for up to some moment.

import { durationMs } from '../k6/duration.ts';
import type { ScenarioPlan } from './plan.ts';

const MS_PER_UNIT_DEFAULT = 1000;

/**
 * Iterations that the open scenarios should have started within `elapsedMs` of the start of load: the integral of the rate,
 * which between two stages moves linearly. undefined where some scenario is not driven by a rate: then the number of
 * iterations is a result, not a demand.
 */
export function askedIterations(scenarios: ScenarioPlan['k6Scenarios'], elapsedMs: number): number | undefined {
  let asked = 0;
  const all = Object.values(scenarios);
  if (all.length === 0) return undefined;
  for (const scenario of all) {
    const activeMs = Math.max(0, elapsedMs - msOf(scenario.startTime, 0));
    if (scenario.executor === 'constant-arrival-rate') {
      const boundMs = Math.min(activeMs, msOf(scenario.duration, 0));
      asked += (numberOf(scenario.rate) * boundMs) / msOf(scenario.timeUnit, MS_PER_UNIT_DEFAULT);
    } else if (scenario.executor === 'ramping-arrival-rate') {
      asked += rampedIterations(scenario, activeMs);
    } else {
      return undefined;
    }
  }
  return Math.floor(asked);
}

function rampedIterations(scenario: Readonly<Record<string, unknown>>, activeMs: number): number {
  const unitMs = msOf(scenario.timeUnit, MS_PER_UNIT_DEFAULT);
  const stages: readonly unknown[] = Array.isArray(scenario.stages) ? scenario.stages : [];
  let from = numberOf(scenario.startRate);
  let leftMs = activeMs;
  let asked = 0;
  for (const stage of stages) {
    const fields = new Map(typeof stage === 'object' && stage !== null ? Object.entries(stage) : []);
    const lengthMs = msOf(fields.get('duration'), 0);
    const to = numberOf(fields.get('target'));
    const passedMs = Math.min(leftMs, lengthMs);
    const reached = lengthMs > 0 ? from + ((to - from) * passedMs) / lengthMs : to;
    asked += (((from + reached) / 2) * passedMs) / unitMs;
    leftMs -= passedMs;
    from = to;
    if (leftMs <= 0) break;
  }
  return asked;
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function msOf(value: unknown, otherwiseMs: number): number {
  return typeof value === 'string' ? (durationMs(value) ?? otherwiseMs) : otherwiseMs;
}
