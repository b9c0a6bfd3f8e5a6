// The numbers of one run, second by second, become the 95 % interval of a percentile or a share, or none where none can be given.

import jStat from 'jstat';
import { lowerEdge, upperEdge } from '../metrics/histogram.ts';
import type { Confidence, Kpi } from '../model/kpi.ts';
import type { Aggregate, Bins, RunMetrics } from '../model/metrics.ts';
import { combine } from './combine.ts';
import { boundOf, meets, quantileOf } from './statistic.ts';

// How sure a percentile of one run is. Requests of one second share their fate, so the count of samples overstates what is
// known; the variance is taken from the run itself:
//
//   x     = the bucket of the percentile; e_t of n_t samples of window t are above it (t = 1..T); ph = Σe_t / N
//   z_t   = e_t - ph n_t;  base = N q (1-q), the variance of Σe_t were all samples independent
//   V1    = (1/6) Σ_{j=1..6} 2 (Σ_t z_t cos(πj(t-½)/T))² / base            equal-weighted cosines
//   V2    = v0 (1+r)/(1-r), v0 = Σz_t²/base                                r: lag-1 autocorrelation of z, 0 to 0.97
//   V     = max(1, V1, V2);  ne = (N/V) (1.96/2.447)²                      samples it is worth, less the price of few cosines
//   pL, pU = Clopper-Pearson limits at 95 % of the share (1-q) in ne samples, by quantiles of the Beta distribution
//   interval = lower edge of the bucket at 1-pU to upper edge of the bucket at 1-pL
//
// Woodruff 1952 (invert the share to the quantile); Korn & Graubard 1998 (effective n in Clopper-Pearson); Heidelberger & Lewis
// 1984 (exceedance process); Lazarus, Lewis, Stock & Watson 2018 (cosines, a fixed number; 2.447 = t_{.975} with 6 df).
// Undecided, so no interval, unless T >= 120, ne min(q,1-q) >= 10, T v0/V >= 20 and the upper end exists. Of simulated runs
// of 600 s and more at most 9 % (typically under 5 %) gave an interval without the truth: those are firm, shorter ones
// provisional. Long runs have longer windows, which the low-frequency cosines do not notice, so firmness goes by seconds.
// It speaks for this run's conditions: changes slower than about a thirtieth of the run only more runs can show.

const MIN_WINDOWS = 120;
const FIRM_MS = 600_000;
const COSINES = 6;
const COSINES_PENALTY = (1.96 / 2.447) ** 2;
const MIN_EFFECTIVE_TAIL = 10;
const MIN_EFFECTIVE_WINDOWS = 20;
const MAX_AUTOCORRELATION = 0.97;
const TAIL = 0.025;

export interface ConfidenceInterval {
  readonly low: number;
  readonly high: number;
}

/** Events among samples of one window. */
export interface WindowCount {
  readonly events: number;
  readonly samples: number;
}

interface EffectiveSize {
  /** Independent samples that these are worth. */
  readonly effective: number;
  readonly decided: boolean;
}

/** What N correlated samples are worth for a share p of events; undefined where no window has any. */
function effectiveSize(windows: readonly WindowCount[], share: number): EffectiveSize | undefined {
  const total = windows.reduce((sum, { samples }) => sum + samples, 0);
  const events = windows.reduce((sum, window) => sum + window.events, 0);
  const base = total * share * (1 - share);
  const count = windows.length;
  if (base <= 0 || count < 2) return undefined;
  const observed = events / total;
  const z = windows.map((window) => window.events - observed * window.samples);
  let cosines = 0;
  for (let j = 1; j <= COSINES; j++) {
    const load = z.reduce((sum, value, t) => sum + value * Math.cos((Math.PI * j * (t + 0.5)) / count), 0);
    cosines += 2 * load * load;
  }
  const squares = z.reduce((sum, value) => sum + value * value, 0);
  const lagged = z.reduce((sum, value, t) => sum + value * (z[t - 1] ?? 0), 0);
  const r = squares > 0 ? Math.min(Math.max(lagged / squares, 0), MAX_AUTOCORRELATION) : 0;
  const v0 = squares / base;
  const variance = Math.max(1, cosines / COSINES / base, (v0 * (1 + r)) / (1 - r));
  const effective = (total / variance) * COSINES_PENALTY;
  return {
    effective,
    decided:
      count >= MIN_WINDOWS &&
      effective * Math.min(share, 1 - share) >= MIN_EFFECTIVE_TAIL &&
      (count * v0) / variance >= MIN_EFFECTIVE_WINDOWS,
  };
}

/** Clopper-Pearson limits of a share p in n samples; n and p·n need not be whole. */
export function shareLimits(share: number, n: number): { readonly low: number; readonly high: number } {
  const events = share * n;
  return {
    low: events <= 0 ? 0 : jStat.beta.inv(TAIL, events, n - events + 1),
    high: events >= n ? 1 : jStat.beta.inv(1 - TAIL, events + 1, n - events),
  };
}

/** Index of the bucket that holds the sample at `rank` (from 1). */
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
 * 95 % interval of the q-quantile (0 < q < 1) of a trend, from its windows in order of time, gaps included.
 * undefined where it is undecided by the rule above.
 */
export function quantileInterval(
  windows: ReadonlyArray<Aggregate | undefined>,
  q: number,
): ConfidenceInterval | undefined {
  if (windows.length < MIN_WINDOWS || !(q > 0 && q < 1)) return undefined;
  const all = combine(windows.filter((window) => window !== undefined));
  if (all === undefined || all.min === undefined || all.max === undefined || all.min === all.max) return undefined;
  const bins = all.bins();
  if (bins.keys.length < 2) return undefined;
  const key = bins.keys[bucketAtRank(bins, Math.ceil(q * all.count))] ?? 0;
  const counts = windows.map((window) =>
    window === undefined
      ? { events: 0, samples: 0 }
      : { events: countAbove(window.bins(), key), samples: window.count },
  );
  const size = effectiveSize(counts, 1 - q);
  if (size === undefined || !size.decided) return undefined;
  const above = shareLimits(1 - q, size.effective);
  // Fewer than one sample lies beyond the upper limit: the run says "at least", not "at most".
  if (above.low * all.count < 1) return undefined;
  const edge = (share: number) => bins.keys[bucketAtRank(bins, Math.max(1, Math.ceil(share * all.count)))] ?? 0;
  return {
    low: Math.max(all.min, lowerEdge(edge(1 - above.high))),
    high: Math.min(all.max, upperEdge(edge(1 - above.low))),
  };
}

/**
 * 95 % interval of a share (errors, checks) from its windows in order of time. Without any event, or with nothing but
 * events, the other end comes from Clopper-Pearson as if samples were independent: 0 to 1 - 0.025^(1/N). Undecided with
 * fewer than 10 effective events.
 */
export function shareInterval(windows: readonly WindowCount[]): ConfidenceInterval | undefined {
  const total = windows.reduce((sum, { samples }) => sum + samples, 0);
  const events = windows.reduce((sum, window) => sum + window.events, 0);
  if (total === 0) return undefined;
  if (events === 0 || events === total) return shareLimits(events / total, total);
  const size = effectiveSize(windows, events / total);
  if (size === undefined || !size.decided) return undefined;
  return shareLimits(events / total, size.effective);
}

/** An interval, and whether the run was long enough for the promise above. */
export interface JudgedInterval extends ConfidenceInterval {
  readonly firm: boolean;
}

/**
 * The 95 % interval of a KPI over the whole run, or over those `cells` of its timeline (by index, ascending). Percentiles, the
 * median and rates have one; for the rest, and where the rule is undecided, undefined. For percentiles the first and last
 * interval of a run, partial windows, are left out.
 */
export function intervalOf(
  kpi: Pick<Kpi, 'metric' | 'filter' | 'statistic'>,
  metrics: RunMetrics,
  cells?: readonly number[],
): JudgedInterval | undefined {
  const timeline = metrics.timeline(kpi.metric, kpi.filter);
  const indices = cells ?? Array.from(timeline.keys());
  const type = metrics.metrics.get(kpi.metric)?.type;
  const q = quantileOf(kpi.statistic);
  let interval: ConfidenceInterval | undefined;
  if (type === 'rate' && kpi.statistic === 'rate') {
    const parts = indices.map((index) => timeline[index]?.aggregate);
    interval = shareInterval(parts.map((part) => ({ events: part?.sum ?? 0, samples: part?.count ?? 0 })));
  } else if (type === 'trend' && q !== undefined) {
    const whole = indices.filter((index) => index > 0 && index < timeline.length - 1);
    interval = quantileInterval(
      whole.map((index) => timeline[index]?.aggregate),
      q,
    );
  }
  return interval && { ...interval, firm: indices.length * metrics.intervalMs >= FIRM_MS };
}

/** What the interval says of the target: wholly on one side, spanning it, or nothing. */
export function confidenceOf(
  kpi: Pick<Kpi, 'comparison' | 'target'>,
  interval: JudgedInterval | undefined,
): Confidence {
  if (interval === undefined || boundOf(kpi.comparison) === 'none') return 'unknown';
  const low = meets(interval.low, kpi.comparison, kpi.target);
  const high = meets(interval.high, kpi.comparison, kpi.target);
  if (low !== high) return 'open';
  return interval.firm ? 'firm' : 'provisional';
}
