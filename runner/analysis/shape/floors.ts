// Finds the lows of the cycles in a series that fills and is emptied: memory kept after garbage collections, which a
// leak raises.

import { type Drift, driftOf, MIN_DRIFT_MS, type TimedValue, theilSen, withoutEnds } from './drift.ts';

/** A fall by this share of the usual range, relative to the trend, ends a cycle. */
const FALL = 0.4;
/** With fewer cycles, their lows are not used. */
const MIN_CYCLES = 5;
/** If swings reach this share of the level, the lows are the better measure. */
const SWINGS = 0.1;
const HOUR_MS = 3_600_000;

type Series = ReadonlyArray<number | undefined>;

/**
 * The lows of the cycles, in elements of the series; empty unless it swings by a tenth of its level in at least five
 * cycles.
 */
export function lowsOf(series: Series): TimedValue[] {
  const points = series.flatMap((value, at) => (value === undefined ? [] : [{ at, value }]));
  const rough = points.filter((_, i) => i % Math.ceil(points.length / 100) === 0);
  if (rough.length < MIN_CYCLES) return [];
  const { slope } = theilSen(rough);
  const flat = points.map(({ at, value }) => value - slope * at);
  const sorted = flat.toSorted((a, b) => a - b);
  const range = (sorted[Math.floor(0.98 * sorted.length)] ?? 0) - (sorted[Math.floor(0.02 * sorted.length)] ?? 0);
  const level = points.reduce((sum, { value }) => sum + value, 0) / points.length;
  if (range < SWINGS * Math.abs(level)) return [];
  const lows: TimedValue[] = [];
  let high = -Infinity;
  let lowest: number | undefined;
  for (const [i, value] of flat.entries()) {
    if (lowest === undefined) {
      high = Math.max(high, value);
      if (high - value >= FALL * range) lowest = i;
      continue;
    }
    if (value < (flat[lowest] ?? 0)) lowest = i;
    if (value - (flat[lowest] ?? 0) >= FALL * range) {
      const low = points[lowest];
      if (low !== undefined) lows.push(low);
      high = value;
      lowest = undefined;
    }
  }
  return lows.length < MIN_CYCLES ? [] : lows;
}

/** The drift of the lows if the series swings, otherwise of the series itself; `fromLows` says which. */
export function floorDriftOf(series: Series, intervalMs: number): (Drift & { readonly fromLows: boolean }) | undefined {
  const inner = withoutEnds(series);
  const lows = lowsOf(inner);
  if (lows.length === 0) {
    const drift = driftOf(series, intervalMs);
    return drift === undefined ? undefined : { ...drift, fromLows: false };
  }
  // The number of pairwise slopes grows with the square of the cycles.
  const step = Math.ceil(lows.length / 200);
  const { slope, low, high, effective } = theilSen(lows.filter((_, i) => i % step === 0));
  const hourly = (value: number | undefined) => (value === undefined ? undefined : (value * HOUR_MS) / intervalMs);
  const spanMs = inner.length * intervalMs;
  return {
    perHour: (slope * HOUR_MS) / intervalMs,
    low: hourly(low),
    high: hourly(high),
    total: slope * inner.length,
    effective,
    points: inner.filter((value) => value !== undefined).length,
    spanMs,
    isFirm: spanMs >= MIN_DRIFT_MS && lows.length >= 2 * MIN_CYCLES,
    fromLows: true,
  };
}
