// The drift of a series: its slope, with an interval that accounts for correlated neighbours.

import jStat from 'jstat';
import { meanOf, valueAtRank } from '../statistics/numbers.ts';

// y_1..y_m: means of m equal batches; m = 60 for 300 to 600 s, 120 from 600 s on, below 300 s one per element.
//
//   b      = median of all pairwise slopes                                                     Theil 1950, Sen 1968
//   r1     = lag-1 autocorrelation of y - b i, 0 at least;  r = min(.99, r1 + (2 + 4 r1)/m)    bias with a fitted trend
//   c      = 1 + 2 Σ_{k=1}^{m-1} (1 - k/m) r^k;  ESS = m/c                                     Yue & Wang 2004
//   Var S  = c m(m-1)(2m+5)/18;  C = t_{.975, max(1, ESS-2)} sqrt(Var S)
//   ends   = the sorted slopes at the ranks (M-C)/2 and (M+C)/2 + 1 of M = m(m-1)/2, but no further out than
//            b ± 13 s / length, where s is the deviation of the residuals
//
// Few independent observations widen the interval through c and t, so they need no extra rule. The limit by s is for
// smooth curves, where the residuals are worth two or three observations: even of random walks only 1.5 % drift by 13 s
// or more. In simulations of 300 to 3,600 s, from white noise to a random walk, 92 to 99 % of the intervals contain the
// true slope (`npm run bench:verdicts`); below 300 s and with strong correlation fewer do.

const HOUR_MS = 3_600_000;
/** From this length the interval is reliable. */
export const MIN_DRIFT_MS = 300_000;
/** Minimum number of batches with values for a reliable interval. */
export const MIN_DRIFT_BATCHES = 30;

/** Slopes are in units of the series per hour. */
export interface Drift {
  readonly perHour: number;
  /** 95 % interval; undefined: open on that side. */
  readonly low: number | undefined;
  readonly high: number | undefined;
  /** Change over the whole series, computed from the slope. */
  readonly total: number;
  /** Number of independent observations that the series is worth. */
  readonly effective: number;
  /** Number of elements with a value. */
  readonly points: number;
  /** Time from the start of the first element to the end of the last, including gaps. */
  readonly spanMs: number;
  /** True if the series is long enough for a reliable interval; otherwise it is indicative. */
  readonly isFirm: boolean;
}

type Series = ReadonlyArray<number | undefined>;

/**
 * The drift of a series with one element per `intervalMs`. Gaps are undefined and count as time, except at the ends.
 * undefined if fewer than three batches have values. Spikes and single outliers have no effect.
 */
export function driftOf(series: Series, intervalMs: number): Drift | undefined {
  const inner = withoutEnds(series);
  const spanMs = inner.length * intervalMs;
  const batches = batchMeans(inner, batchCount(spanMs, inner.length));
  if (batches.length < 3) return undefined;
  const fit = theilSen(batches);
  const scale = HOUR_MS / intervalMs;
  const hourly = (slope: number | undefined) => (slope === undefined ? undefined : slope * scale);
  return {
    perHour: fit.slope * scale,
    low: hourly(fit.low),
    high: hourly(fit.high),
    total: fit.slope * inner.length,
    effective: fit.effective,
    points: inner.filter((value) => value !== undefined).length,
    spanMs,
    isFirm: spanMs >= MIN_DRIFT_MS && batches.length >= MIN_DRIFT_BATCHES,
  };
}

/** `rising` or `falling` if the slope's interval is on one side of 0; otherwise undefined. */
export function directionOf({ low, high }: Pick<Drift, 'low' | 'high'>): 'rising' | 'falling' | undefined {
  if (low !== undefined && low > 0) return 'rising';
  return high !== undefined && high < 0 ? 'falling' : undefined;
}

/** A random walk rarely drifts by this many deviations of its residuals. */
const WALK_BOUND = 13;

/** A value at a time, in any unit of time. */
export interface TimedValue {
  readonly at: number;
  readonly value: number;
}

export interface Slope {
  /** Change of the value per unit of time. */
  readonly slope: number;
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly effective: number;
}

/** Theil-Sen slope with the interval above. At least two points, in order of time, at any distances. */
export function theilSen(points: readonly TimedValue[]): Slope {
  const m = points.length;
  const slopes = new Float64Array((m * (m - 1)) / 2);
  let filled = 0;
  for (let i = 0; i < m; i++) {
    const a = points[i];
    for (let j = i + 1; j < m; j++) {
      const b = points[j];
      if (a !== undefined && b !== undefined) slopes[filled++] = (b.value - a.value) / (b.at - a.at);
    }
  }
  // Only four of them are needed in order, so the array is not sorted.
  const half = slopes.length >> 1;
  const upper = valueAtRank(slopes, half) ?? 0;
  const lower = slopes.length % 2 === 1 ? upper : (valueAtRank(slopes, half - 1, 0, half) ?? 0);
  const slope = (lower + upper) / 2;
  const slopeAt = (rank: number) =>
    rank < half ? valueAtRank(slopes, rank, 0, half) : valueAtRank(slopes, rank, half);
  const residuals = points.map(({ at, value }) => value - slope * at);
  const r1 = Math.max(0, autocorrelation(residuals));
  const r = Math.min(0.99, r1 + (2 + 4 * r1) / m);
  let c = 1;
  for (let k = 1; k < m; k++) c += 2 * (1 - k / m) * r ** k;
  const effective = m / c;
  const spread = studentT(effective - 2) * Math.sqrt((c * m * (m - 1) * (2 * m + 5)) / 18);
  const most = (WALK_BOUND * deviation(residuals)) / ((points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0));
  const low = slopeAt(Math.floor((slopes.length - spread) / 2)) ?? -Infinity;
  const high = slopeAt(Math.floor((slopes.length + spread) / 2) + 1) ?? Infinity;
  // Two points have no residuals to limit the interval.
  const bounded = m > 2;
  return {
    slope,
    low: finite(bounded ? Math.max(low, slope - most) : low),
    high: finite(bounded ? Math.min(high, slope + most) : high),
    effective,
  };
}

function finite(end: number): number | undefined {
  return Number.isFinite(end) ? end : undefined;
}

function deviation(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

function studentT(degrees: number): number {
  return jStat.studentt.inv(0.975, Math.max(1, degrees));
}

function batchCount(spanMs: number, elements: number): number {
  const most = spanMs < MIN_DRIFT_MS ? elements : spanMs < 2 * MIN_DRIFT_MS ? 60 : 120;
  // For a short run on a fine grid: all pairs of 600 elements would be 180,000 slopes for a figure that is only
  // indicative.
  return Math.min(most, elements, 300);
}

/** Means of `count` equal periods with their middle, in elements of the series; periods without values are left out. */
export function batchMeans(series: Series, count: number): TimedValue[] {
  const batches: TimedValue[] = [];
  for (let batch = 0; batch < count; batch++) {
    const from = Math.floor((batch * series.length) / count);
    const to = Math.floor(((batch + 1) * series.length) / count);
    let sum = 0;
    let known = 0;
    for (let i = from; i < to; i++) {
      const value = series[i];
      if (value === undefined) continue;
      sum += value;
      known++;
    }
    if (known > 0) batches.push({ at: (from + to - 1) / 2, value: sum / known });
  }
  return batches;
}

/** Removes missing values at the ends, which are not gaps: nothing was measured there. */
export function withoutEnds(series: Series): Series {
  const from = series.findIndex((value) => value !== undefined);
  return from < 0 ? [] : series.slice(from, series.findLastIndex((value) => value !== undefined) + 1);
}

/** Lag-1 autocorrelation about the mean; 0 for a constant. */
export function autocorrelation(values: readonly number[]): number {
  const mean = meanOf(values);
  let squares = 0;
  let lagged = 0;
  let before = 0;
  for (let i = 0; i < values.length; i++) {
    const here = (values[i] ?? mean) - mean;
    squares += here ** 2;
    if (i > 0) lagged += here * before;
    before = here;
  }
  return squares === 0 ? 0 : lagged / squares;
}
