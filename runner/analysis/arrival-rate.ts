// k6's arrival-rate scenarios become what they ask for: iterations a second at any moment, and iterations up to it.

import { durationMs } from '../system/duration.ts';

/** k6 scenarios as `k6 inspect` prints them. */
type K6Scenarios = Readonly<Record<string, { readonly executor: string } & Readonly<Record<string, unknown>>>>;

/** From `startMs` to `endMs` the rate goes in a straight line from `from` to `to`, iterations a second. */
interface Slope {
  readonly startMs: number;
  readonly endMs: number;
  readonly from: number;
  readonly to: number;
}

const OPEN = new Set(['constant-arrival-rate', 'ramping-arrival-rate']);
const DEFAULT_UNIT_MS = 1000;

/** Iterations a second asked for at `atMs` after the start of load, all open scenarios together; undefined where there is none. */
export function askedRate(scenarios: K6Scenarios): ((atMs: number) => number) | undefined {
  const slopes = Object.values(scenarios).flatMap(slopesOf);
  if (slopes.length === 0) return undefined;
  return (atMs) => slopes.reduce((sum, slope) => sum + (isWithin(slope, atMs) ? rateAt(slope, atMs) : 0), 0);
}

/**
 * Iterations that should have been started within `elapsedMs` of the start of load: the integral of the rate. undefined where
 * some scenario is not driven by a rate: then the number of iterations is a result, not a demand.
 */
export function askedIterations(scenarios: K6Scenarios, elapsedMs: number): number | undefined {
  const all = Object.values(scenarios);
  if (all.length === 0 || all.some(({ executor }) => !OPEN.has(executor))) return undefined;
  const asked = all.flatMap(slopesOf).reduce((sum, slope) => {
    const untilMs = Math.min(Math.max(elapsedMs, slope.startMs), slope.endMs);
    return sum + ((slope.from + rateAt(slope, untilMs)) / 2) * ((untilMs - slope.startMs) / 1000);
  }, 0);
  return Math.floor(asked);
}

const CONSTANT = new Set(['constant-vus', 'constant-arrival-rate', 'shared-iterations', 'per-vu-iterations']);

/** Whether the load of all scenarios stays as it is from start to end. */
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
