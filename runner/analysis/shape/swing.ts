// Finds periodic swings in the residuals of a model: cron jobs, garbage collections, expiring caches.

import { meanOf } from '../statistics/numbers.ts';
import type { Shape } from './shape-kinds.ts';

/** Minimum number of periods, and minimum autocorrelation at one period. */
const MIN_CYCLES = 4;
const ALIKE = 0.55;

/** The swings of `inner` around its shape and fitted batch means; undefined if nothing is periodic. */
export function swingOf(
  inner: ReadonlyArray<number | undefined>,
  { kind, from, to }: Shape,
  fitted: readonly number[],
): Shape | undefined {
  const n = inner.length;
  const batches = fitted.length;
  const known = inner.filter((value) => value !== undefined);
  if (known.length < 0.8 * n || n < 5 * MIN_CYCLES) return undefined;
  const left = inner.map((value, i) =>
    value === undefined ? 0 : value - (fitted[Math.min(batches - 1, Math.floor((i * batches) / n))] ?? value),
  );
  const sorted = Float64Array.from(left).sort();
  const [low, high] = [sorted[Math.floor(0.05 * n)] ?? 0, sorted[Math.floor(0.95 * n)] ?? 0];
  const level = meanOf(known);
  if (high - low < 0.1 * Math.abs(level)) return undefined;
  // A change larger than the swings is more important.
  if (kind !== 'steady' && Math.abs(to - from) > 0.7 * (high - low)) return undefined;
  const correlations = autocorrelations(left, Math.floor(n / MIN_CYCLES));
  const trough = correlations.findIndex((value) => value < 0);
  if (trough < 0) return undefined;
  let period = 0;
  for (let lag = trough; lag < correlations.length; lag++) {
    if ((correlations[lag] ?? 0) > (correlations[period] ?? 0) || period === 0) period = lag;
  }
  if (period < 3 || (correlations[period] ?? 0) < ALIKE) return undefined;
  return {
    kind: 'swinging',
    from: level + low,
    to: level + high,
    at: undefined,
    period,
    clarity: (correlations[period] ?? 0) * Math.sqrt(n),
    overlap: 0.5,
    evenness: 1,
  };
}

function autocorrelations(values: readonly number[], mostLag: number): number[] {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Array.from({ length: mostLag + 1 }, (_, lag) => {
    let sum = 0;
    for (let i = lag; i < values.length; i++) sum += ((values[i] ?? mean) - mean) * ((values[i - lag] ?? mean) - mean);
    // Divided by the share of pairs, because otherwise a long period would look less alike.
    return squares === 0 ? 0 : (sum / squares) * (values.length / (values.length - lag));
  });
}
