// Computes the 95 % interval of a percentile, share or mean from the windows of one run, and how reliable it is.

import jStat from 'jstat';
import { lowerEdge, upperEdge } from '../../metrics/buckets/histogram.ts';
import type { Aggregate, Bins } from '../../model/metrics.ts';
import { combine } from './combine.ts';
import {
  autocorrelation,
  type Grade,
  gradeOf,
  LONG,
  MIN_DECIDED_WINDOWS,
  MIN_EFFECTIVE_WINDOWS,
  MIN_WINDOWS,
  SHORT,
  shareSpread,
  spreadOf,
  sumOf,
  type WindowCount,
} from './effective-samples.ts';

// Requests of one second share the same conditions, so the number of samples overstates what is known. The variance is
// taken from the run:
//
//   x     = the bucket of the percentile; e_t of n_t samples of window t are above it (t = 1..T); ph = Σe_t / N
//   z_t   = e_t - ph n_t;  base = N q (1-q), the variance of Σe_t were all samples independent
//   V1    = (1/ν) Σ_{j=1..ν} 2 (Σ_t z_t cos(πj(t-½)/T))² / base            equal-weighted cosines, ν = 6 (4 below 118 windows)
//   V2    = v0 (1+r)/(1-r), v0 = Σz_t²/base                                r: lag-1 autocorrelation of z, 0 to 0.97
//   V     = max(1, V1, V2);  ne = (N/V) (1.96/t_ν)²                        samples it is worth, less the price of few cosines
//   pL, pU = Clopper-Pearson limits at 95 % of the share (1-q) in ne samples, by quantiles of the Beta distribution
//   interval = lower edge of the bucket at 1-pU to upper edge of the bucket at 1-pL
//
// Woodruff 1952 (invert the share to the quantile); Korn & Graubard 1998 (effective n in Clopper-Pearson); Heidelberger
// & Lewis 1984 (exceedance process); Lazarus, Lewis, Stock & Watson 2018 (cosines, a fixed number; t_ν = t_{.975}:
// 2.447, 2.776).
//
//   decided     T >= 118 (a run of 120 s), ne min(q,1-q) >= 10, T v0/V >= 20, and the upper end exists
//   indicative  T >= 20 and ne min(q,1-q) >= 3; both ends are moved away from the value by half as much again, in logs
//   none        everything else
//
// Of simulated runs of 600 s and more, at most 9 % (typically under 5 %) gave a decided interval without the true
// value; docs/trust.md has the rates. Long runs have longer windows, which the low-frequency cosines do not notice, so
// `firm` depends on seconds. An interval is valid for the conditions of this run: only further runs can show changes
// slower than about a thirtieth of it.

const TAIL = 0.025;
/** An indicative interval is wider by this factor, in logs. */
export const WIDENING = 1.5;
/** Errors come in bursts. If a run is too short to show it, this many failed or passed requests count as one. */
const ASSUMED_CLUSTER = 3;
/** A mean of fewer effective samples than this depends on single values. */
const MIN_EFFECTIVE_MEAN = 50;

export interface ConfidenceInterval {
  readonly low: number;
  readonly high: number;
}

/** An interval that may be open at one end, and how reliable it is. */
export interface GradedInterval {
  /** undefined: open on that side. */
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly grade: Grade;
}

/** Clopper-Pearson limits of a share p in n samples; n and p·n need not be whole numbers. */
export function shareLimits(share: number, n: number): ConfidenceInterval {
  const events = share * n;
  return {
    low: events <= 0 ? 0 : jStat.beta.inv(TAIL, events, n - events + 1),
    high: events >= n ? 1 : jStat.beta.inv(1 - TAIL, events + 1, n - events),
  };
}

/** Moves an end away from the value by half as much again: in logs if both are positive, otherwise linearly. */
function widened(end: number | undefined, value: number): number | undefined {
  if (end === undefined) return undefined;
  return end > 0 && value > 0 ? value * (end / value) ** WIDENING : value + (end - value) * WIDENING;
}

function graded(interval: { low: number; high: number | undefined }, value: number, grade: Grade) {
  if (grade === 'decided' && interval.high !== undefined) return { ...interval, grade } satisfies GradedInterval;
  const [low, high] = [widened(interval.low, value), widened(interval.high, value)];
  return { low, high, grade: 'indicative' } satisfies GradedInterval;
}

/** Index of the bucket with the sample at `rank` (from 1). */
function bucketAtRank(bins: Bins, rank: number): number {
  let seen = 0;
  for (let i = 0; i < bins.keys.length; i++) {
    seen += bins.counts[i] ?? 0;
    if (seen >= rank) return i;
  }
  return bins.keys.length - 1;
}

function countAbove(bins: Bins, key: number): number {
  let above = 0;
  for (let i = bins.keys.length - 1; i >= 0 && (bins.keys[i] ?? 0) > key; i--) above += bins.counts[i] ?? 0;
  return above;
}

/**
 * 95 % interval of the q-quantile (0 < q < 1) of a trend, from its windows in order of time, including gaps. undefined
 * if there are too few samples or windows.
 */
export function quantileInterval(windows: ReadonlyArray<Aggregate | undefined>, q: number): GradedInterval | undefined {
  if (windows.length < MIN_WINDOWS || !(q > 0 && q < 1)) return undefined;
  const all = combine(windows.filter((window) => window !== undefined));
  if (all === undefined || all.min === undefined || all.max === undefined) return undefined;
  const bins = all.bins();
  if (bins.keys.length < 2) return constantInterval(all, q);
  const key = bins.keys[bucketAtRank(bins, Math.ceil(q * all.count))] ?? 0;
  const counts = windows.map((window) =>
    window === undefined
      ? { events: 0, samples: 0 }
      : { events: countAbove(window.bins(), key), samples: window.count },
  );
  const spread = shareSpread(counts, 1 - q);
  const grade = spread && gradeOf(spread, 1 - q, windows.length);
  if (spread === undefined || grade === undefined) return undefined;
  const above = shareLimits(1 - q, spread.effective);
  const edge = (share: number) => bins.keys[bucketAtRank(bins, Math.max(1, Math.ceil(share * all.count)))] ?? 0;
  const low = Math.max(all.min, lowerEdge(edge(1 - above.high)));
  // Fewer than one sample lies beyond the upper limit, so the interval is open at the top.
  const high = above.low * all.count < 1 ? undefined : Math.min(all.max, upperEdge(edge(1 - above.low)));
  return graded({ low, high }, all.quantile(q) ?? low, grade);
}

/**
 * For values in a single bucket: the percentile lies elsewhere only if more samples do than a sample of N without any
 * would allow.
 */
function constantInterval(all: Aggregate, q: number): GradedInterval | undefined {
  const { low, high } = { low: all.min, high: all.max };
  const elsewhere = shareLimits(0, all.count / ASSUMED_CLUSTER).high;
  return elsewhere < Math.min(q, 1 - q) ? { low, high, grade: 'indicative' } : undefined;
}

/**
 * 95 % interval of a share (errors, checks) from its windows in order of time. A run with no events, or with only
 * events, shows no clustering: below 600 s (`isLong` is false) three samples then count as one. The same applies if
 * events are too few for a spread. Such an interval is indicative.
 */
export function shareInterval(windows: readonly WindowCount[], isLong: boolean): GradedInterval | undefined {
  const { events, samples } = sumOf(windows);
  if (samples === 0) return undefined;
  const share = events / samples;
  if (events === 0 || events === samples) {
    return {
      ...shareLimits(share, isLong ? samples : samples / ASSUMED_CLUSTER),
      grade: isLong ? 'decided' : 'indicative',
    };
  }
  const spread = shareSpread(windows, share);
  const grade = spread && gradeOf(spread, share, windows.length);
  if (spread !== undefined && grade === 'decided') return { ...shareLimits(share, spread.effective), grade };
  const effective = Math.min(samples / ASSUMED_CLUSTER, spread?.effective ?? samples);
  const limits = shareLimits(share, effective);
  if (grade === undefined) return { ...limits, grade: 'indicative' };
  // A share near 1 is handled as its complement.
  const rare = share <= 0.5 ? limits : { low: 1 - limits.high, high: 1 - limits.low };
  const value = Math.min(share, 1 - share);
  const low = widened(rare.low, value) ?? 0;
  const high = Math.min(1, widened(rare.high, value) ?? 1);
  return share <= 0.5 ? { low, high, grade } : { low: 1 - high, high: 1 - low, grade };
}

/** 95 % interval of the mean of a trend, from its windows in order of time. undefined if there are too few. */
export function averageInterval(windows: ReadonlyArray<Aggregate | undefined>): GradedInterval | undefined {
  const all = combine(windows.filter((window) => window !== undefined));
  const mean = all?.mean;
  if (all === undefined || mean === undefined || windows.length < MIN_WINDOWS) return undefined;
  const z = windows.map((window) => (window === undefined ? 0 : window.sum - mean * window.count));
  const bins = all.bins();
  let squares = 0;
  bins.keys.forEach((key, i) => {
    squares += (bins.counts[i] ?? 0) * ((lowerEdge(key) + upperEdge(key)) / 2 - mean) ** 2;
  });
  if (squares <= 0) return undefined;
  const spread = spreadOf(z, all.count, squares);
  if (spread.effective < MIN_EFFECTIVE_MEAN) return undefined;
  const half = 1.96 * Math.sqrt(squares / all.count / spread.effective);
  const isDecided = windows.length >= MIN_DECIDED_WINDOWS && spread.windows >= MIN_EFFECTIVE_WINDOWS;
  return graded({ low: mean - half, high: mean + half }, mean, isDecided ? 'decided' : 'indicative');
}

/**
 * 95 % interval of the mean amount per window, such as requests per second, from complete windows of equal length in
 * order of time.
 */
export function amountInterval(amounts: readonly number[]): GradedInterval | undefined {
  const count = amounts.length;
  if (count < MIN_WINDOWS) return undefined;
  const mean = amounts.reduce((sum, amount) => sum + amount, 0) / count;
  const { cosines, t } = count < MIN_DECIDED_WINDOWS ? SHORT : LONG;
  const z = amounts.map((amount) => amount - mean);
  const squares = z.reduce((sum, value) => sum + value * value, 0);
  const r = autocorrelation(z, squares);
  let waves = 0;
  for (let j = 1; j <= cosines; j++) {
    const load = z.reduce((sum, value, i) => sum + value * Math.cos((Math.PI * j * (i + 0.5)) / count), 0);
    waves += (2 * load * load) / count;
  }
  const variance = Math.max(waves / cosines, ((squares / count) * (1 + r)) / (1 - r));
  const half = t * Math.sqrt(variance / count);
  const interval = { low: Math.max(mean - half, 0), high: mean + half };
  return graded(interval, mean, count >= MIN_DECIDED_WINDOWS ? 'decided' : 'indicative');
}
