// Combines this run's value with those of earlier runs of the same build into one interval, which includes the spread
// between runs.

import jStat from 'jstat';
import type { JudgedKpi, Kpi, PooledRuns } from '../../model/kpi.ts';
import type { EarlierRun } from '../../model/run.ts';
import type { GradedInterval } from './interval.ts';
import { meanOf, squaresAround } from './numbers.ts';

// An interval from one run includes the spread of its requests, but not how far the next run would differ. y_i:
// ln(value) of run i = 1..k, including this one (asin √share for shares); w: the mean of their variances within the
// run, from each run's own interval.
//
//   v        = max(w, (d v0 + Σ(y_i - ȳ)²) / (d + k - 1)),  v0 = w + 8 %², d = 4          the variance of one run
//   interval = ȳ ± t_{.975, d+k-1} √(v/k)
//
// Random effects with the run as the unit. So that the variance does not depend on a few runs alone, d observations of
// a usual one are added (Smyth 2004). 8 % is the usual spread between runs of real services (docs/trust.md); for shares
// of errors it is 0. If this run lies outside the prediction interval (99 %) of the earlier ones, something else has
// changed: then its own value is used, with the spread of the earlier ones.

/** Usual variance of ln(value) between runs, and the number of observations that it counts as. */
const USUAL_SPREAD = 0.08;
const USUAL_WEIGHT = 4;
const CENTRAL = 0.975;
const FAR_OUT = 0.995;

/** A target's value in an earlier run, with the interval from that run alone. */
export interface EarlierValue {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** The combined interval, and the runs it is computed from. */
export interface Pooled {
  readonly interval: GradedInterval;
  readonly runs: PooledRuns;
}

interface Scale {
  readonly to: (value: number) => number;
  readonly from: (y: number) => number;
  readonly usual: number;
}

const LOGARITHMS: Scale = { to: Math.log, from: Math.exp, usual: USUAL_SPREAD };
const SHARES: Scale = {
  to: (share) => Math.asin(Math.sqrt(Math.min(Math.max(share, 0), 1))),
  from: (y) => Math.sin(Math.min(Math.max(y, 0), Math.PI / 2)) ** 2,
  usual: 0,
};

/** Identifies a target across runs, whatever its limit. */
export function figureKey(
  kpi: Pick<Kpi, 'metric' | 'statistic' | 'filter'> & { during?: unknown; over?: unknown },
): string {
  const tags = Object.entries(kpi.filter).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([kpi.metric, kpi.statistic, tags, kpi.during ?? null, kpi.over ?? null]);
}

/** The values of a target in earlier runs, newest first. */
export function earlierValues(kpi: Kpi, earlier: readonly EarlierRun[]): EarlierValue[] {
  const key = figureKey({ ...kpi, over: kpi.overMs });
  return earlier.flatMap(({ figures }) => figures.find((figure) => figure.key === key) ?? []);
}

/**
 * The interval over this run and earlier ones of its build; undefined if none of the earlier ones has an interval.
 * Values other than shares must be above 0.
 */
export function pooledInterval(
  value: number,
  own: GradedInterval,
  earlier: readonly EarlierValue[],
  isShare: boolean,
): Pooled | undefined {
  const scale = isShare ? SHARES : LOGARITHMS;
  const within = varianceOf(value, own, scale);
  const others = earlier.flatMap((each) => {
    const variance = varianceOf(each.value, each, scale);
    return variance === undefined ? [] : [{ y: scale.to(each.value), variance }];
  });
  if (within === undefined || others.length === 0) return undefined;
  const y = scale.to(value);
  const w = meanOf([within, ...others.map(({ variance }) => variance)]);
  const before = spreadOf(
    others.map((each) => each.y),
    w,
    scale.usual,
  );
  const { grade } = own;
  const isOff =
    Math.abs(y - before.mean) > t(FAR_OUT, before.df) * Math.sqrt(before.variance * (1 + 1 / others.length));
  const all = spreadOf([y, ...others.map((each) => each.y)], w, scale.usual);
  const centre = isOff ? y : all.mean;
  const half = isOff
    ? t(CENTRAL, before.df) * Math.sqrt(before.variance)
    : t(CENTRAL, all.df) * Math.sqrt(all.variance / (others.length + 1));
  const interval = { low: scale.from(centre - half), high: scale.from(centre + half), grade };
  return {
    interval,
    runs: {
      runs: others.length + 1,
      mean: scale.from(isOff ? before.mean : all.mean),
      agrees: !isOff,
      ownLow: own.low ?? null,
      ownHigh: own.high ?? null,
    },
  };
}

function spreadOf(ys: readonly number[], within: number, usual: number) {
  const mean = meanOf(ys);
  const squares = squaresAround(mean, ys);
  const df = USUAL_WEIGHT + ys.length - 1;
  return { mean, df, variance: Math.max(within, (USUAL_WEIGHT * (within + usual ** 2) + squares) / df) };
}

/** Variance from the longer side of a run's own interval; undefined if that is open or a value has no logarithm. */
function varianceOf(
  value: number,
  { low, high }: { readonly low?: number | null | undefined; readonly high?: number | null | undefined },
  { to }: Scale,
): number | undefined {
  const y = to(value);
  const sides = [low, high].flatMap((end) => (end === null || end === undefined ? [] : [Math.abs(to(end) - y)]));
  const longest = Math.max(...sides);
  return Number.isFinite(y) && Number.isFinite(longest) ? (longest / 1.96) ** 2 : undefined;
}

/**
 * Number of further runs of this build that bring the interval's end to the target in half of the cases, if they are
 * like these.
 */
export function runsToDecide({ actual, target, ciLow, ciHigh, pooled }: JudgedKpi): number | undefined {
  if (pooled === undefined || actual === undefined || !(pooled.mean > 0 && target > 0)) return undefined;
  const end = pooled.mean < target ? ciHigh : ciLow;
  if (end === undefined || !(end > 0) || pooled.mean === target) return undefined;
  const ratio = Math.log(end / pooled.mean) / Math.log(target / pooled.mean);
  const more = Math.ceil(pooled.runs * ratio ** 2) - pooled.runs;
  return more > 0 && more <= MOST_RUNS ? more : undefined;
}

/** More runs than this are not worth a verdict. */
const MOST_RUNS = 100;

function t(p: number, df: number): number {
  return jStat.studentt.inv(p, df);
}
