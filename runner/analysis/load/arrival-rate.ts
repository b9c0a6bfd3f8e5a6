// Computes what k6's arrival-rate scenarios request: the rate at any time, and the iterations up to it.

import { durationMs } from '../../system/duration.ts';
import { shareOf } from './execution-segment.ts';

/** k6 scenarios as printed by `k6 inspect`. */
type K6Scenarios = Readonly<Record<string, { readonly executor: string } & Readonly<Record<string, unknown>>>>;

/** Options as printed by `k6 inspect`. */
type K6Options = Readonly<Record<string, unknown>>;

/** From `startMs` to `endMs` the rate changes linearly from `from` to `to`, iterations per second. */
interface Slope {
  readonly startMs: number;
  readonly endMs: number;
  readonly from: number;
  readonly to: number;
}

const OPEN = new Set(['constant-arrival-rate', 'ramping-arrival-rate']);
const DEFAULT_UNIT_MS = 1000;

/**
 * Returns the requested iterations per second, at `atMs` after the start of load, of all open scenarios together;
 * undefined if there are none. `options` contain the execution segment of this instance.
 */
export function requestedRate(scenarios: K6Scenarios, options: K6Options = {}): ((atMs: number) => number) | undefined {
  const slopes = openScenarios(scenarios).flatMap(({ scenario }) => {
    const { share } = shareOf(options, maxVUsOf(scenario));
    return slopesOf(scenario).map(({ from, to, ...times }) => ({ ...times, from: from * share, to: to * share }));
  });
  if (slopes.length === 0) return undefined;
  return (atMs) => slopes.reduce((sum, slope) => sum + (isWithin(slope, atMs) ? rateAt(slope, atMs) : 0), 0);
}

/**
 * Iterations that the open scenarios of this instance should have started within `elapsedMs` of the start of load: the
 * integral of their rates. undefined if no scenario has an arrival rate: then the number of iterations is a result, not
 * a request.
 */
export function requestedIterations(scenarios: K6Scenarios, elapsedMs: number, options: K6Options): number | undefined {
  const open = openScenarios(scenarios);
  if (open.length === 0) return undefined;
  return open.reduce((sum, { scenario }) => {
    const whole = slopesOf(scenario).reduce((area, slope) => area + areaUntil(slope, elapsedMs), 0);
    // An area of 29.999999 is 30 with a rounding error.
    return sum + shareOf(options, maxVUsOf(scenario)).scale(Math.floor(whole + 1e-6));
  }, 0);
}

/** The scenarios with an arrival rate. */
export function openScenarios(
  scenarios: K6Scenarios,
): ReadonlyArray<{ readonly name: string; readonly scenario: K6Scenarios[string] }> {
  return Object.entries(scenarios)
    .filter(([, { executor }]) => OPEN.has(executor))
    .map(([name, scenario]) => ({ name, scenario }));
}

function areaUntil(slope: Slope, elapsedMs: number): number {
  const untilMs = Math.min(Math.max(elapsedMs, slope.startMs), slope.endMs);
  return ((slope.from + rateAt(slope, untilMs)) / 2) * ((untilMs - slope.startMs) / 1000);
}

/** Without maxVUs, k6 uses the number of preallocated VUs. */
function maxVUsOf({ maxVUs, preAllocatedVUs }: K6Scenarios[string]): number {
  return numberOf(maxVUs) || numberOf(preAllocatedVUs);
}

const CONSTANT = new Set(['constant-vus', 'constant-arrival-rate', 'shared-iterations', 'per-vu-iterations']);

/** True if the load of all scenarios is constant. */
export function isConstantLoad(scenarios: K6Scenarios): boolean {
  const all = Object.values(scenarios);
  return all.length > 0 && all.every(({ executor }) => CONSTANT.has(executor));
}

function isWithin({ startMs, endMs }: Slope, atMs: number): boolean {
  return atMs >= startMs && atMs < endMs;
}

function rateAt({ startMs, endMs, from, to }: Slope, atMs: number): number {
  return from + ((to - from) * (atMs - startMs)) / (endMs - startMs);
}

function slopesOf(scenario: K6Scenarios[string]): Slope[] {
  const unitMs = msOf(scenario.timeUnit) ?? DEFAULT_UNIT_MS;
  const perSecond = (rate: unknown) => (numberOf(rate) * 1000) / unitMs;
  let at = msOf(scenario.startTime) ?? 0;
  if (scenario.executor === 'constant-arrival-rate') {
    const lengthMs = msOf(scenario.duration) ?? 0;
    const rate = perSecond(scenario.rate);
    return lengthMs > 0 ? [{ startMs: at, endMs: at + lengthMs, from: rate, to: rate }] : [];
  }
  if (scenario.executor !== 'ramping-arrival-rate' || !Array.isArray(scenario.stages)) return [];
  let rate = perSecond(scenario.startRate);
  return scenario.stages.flatMap((stage: unknown): Slope[] => {
    const fields = new Map(typeof stage === 'object' && stage !== null ? Object.entries(stage) : []);
    const lengthMs = msOf(fields.get('duration')) ?? 0;
    const to = perSecond(fields.get('target'));
    const slope = { startMs: at, endMs: at + lengthMs, from: rate, to };
    at += lengthMs;
    rate = to;
    return lengthMs > 0 ? [slope] : [];
  });
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function msOf(value: unknown): number | undefined {
  return typeof value === 'string' ? durationMs(value) : undefined;
}
