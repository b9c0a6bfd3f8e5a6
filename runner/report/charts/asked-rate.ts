// k6's arrival-rate scenarios become the number of iterations a second that was asked for at any moment.

import type { Result } from '../result.ts';

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** k6's durations as k6 inspect prints them (`1h2m3s`, `500ms`, `0s`) in milliseconds; undefined for anything else. */
export function durationMs(text: unknown): number | undefined {
  if (typeof text !== 'string' || text === '') return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) return undefined;
  return parts.reduce((sum, [, value, unit]) => sum + Number(value) * (UNITS_MS[unit ?? ''] ?? 0), 0);
}

/** From `startMs` to `endMs` the rate goes in a straight line from `from` to `to`, iterations a second. */
interface Slope {
  readonly startMs: number;
  readonly endMs: number;
  readonly from: number;
  readonly to: number;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function slopesOf(scenario: Readonly<Record<string, unknown>>): Slope[] {
  const unitMs = durationMs(scenario.timeUnit) ?? 1000;
  const perSecond = (rate: number) => (rate * 1000) / unitMs;
  let at = durationMs(scenario.startTime) ?? 0;
  if (scenario.executor === 'constant-arrival-rate') {
    const rate = numberOf(scenario.rate);
    const length = durationMs(scenario.duration);
    if (rate === undefined || length === undefined) return [];
    return [{ startMs: at, endMs: at + length, from: perSecond(rate), to: perSecond(rate) }];
  }
  if (scenario.executor !== 'ramping-arrival-rate' || !Array.isArray(scenario.stages)) return [];
  let rate = perSecond(numberOf(scenario.startRate) ?? 0);
  return scenario.stages.flatMap((stage: unknown) => {
    if (!isRecord(stage)) return [];
    const length = durationMs(stage.duration) ?? 0;
    const to = perSecond(numberOf(stage.target) ?? 0);
    const slope = { startMs: at, endMs: at + length, from: rate, to };
    at += length;
    rate = to;
    return length > 0 ? [slope] : [];
  });
}

/** Iterations a second asked for at `atMs` after the start of load, all open-model scenarios together; undefined where there is none. */
export function askedRate(scenarios: Result['scenarios']): ((atMs: number) => number) | undefined {
  const slopes = Object.values(scenarios).flatMap(slopesOf);
  if (slopes.length === 0) return undefined;
  return (atMs) =>
    slopes.reduce((sum, { startMs, endMs, from, to }) => {
      if (atMs < startMs || atMs >= endMs) return sum;
      return sum + from + ((to - from) * (atMs - startMs)) / (endMs - startMs);
    }, 0);
}
