// The difference between two builds in one statistic, from several runs of each; the run is the unit.

import jStat from 'jstat';
import type { Change } from '../../model/comparison.ts';
import { meanOf, squaresAround } from '../statistics/numbers.ts';
import { type Difference, LEAST_CHANGE } from './difference.ts';
import { smallestFoundChange } from './smallest-change.ts';

// Each run is one observation y = ln(value); d = mean(yB) - mean(yA).
//
//   pairs (a and b in turn)  paired t over the differences, df = pairs - 1: drift between runs cancels out
//   both sides >= 3 runs     Welch: se² = sA²/kA + sB²/kB, df by Welch-Satterthwaite
//   else, kA + kB >= 6       pooled: s² = (SSA + SSB)/df, se = s √(1/kA + 1/kB), df = kA + kB - 2;
//                            with one run of b this is the prediction interval of the next run, with t of at most 4 df
//
// Shares of errors are not converted to logarithms; their spread is at least that of independent errors.
//
// worse: L > 0 and d >= the smallest change that counts; better: the mirror image; same: L and U within ± that change;
// otherwise unknown. [L, U] is the 95 % interval, or a wider one if several figures are tested: see holmLevels.

const MIN_A_SIDE = 3;
const MIN_RUNS = 6;
const MIN_PAIRS = 3;
/** For few runs on one side, t has at most this many degrees of freedom per run. */
export const MOST_DF_PER_RUN = 4;

/** Chance of a false alarm in a whole comparison. */
export const FALSE_ALARMS = 0.05;

/** A difference in logarithms with its standard error; `pValue`: how often chance alone gives one as large. */
export interface RunsEstimate {
  readonly d: number;
  readonly se: number;
  readonly df: number;
  readonly pValue: number;
}

interface Side {
  readonly mean: number;
  readonly squares: number;
  readonly runs: number;
}

function sideOf(values: readonly number[]): Side {
  const mean = meanOf(values);
  return { mean, squares: squaresAround(mean, values), runs: values.length };
}

/** Standard error of the difference of the means, and its degrees of freedom; undefined with too few runs. */
function errorOf(a: Side, b: Side): { se: number; df: number } | undefined {
  if (a.runs >= MIN_A_SIDE && b.runs >= MIN_A_SIDE) {
    const part = ({ squares, runs }: Side) => squares / (runs - 1) / runs;
    const [x, y] = [part(a), part(b)];
    const df = (x + y) ** 2 / (x ** 2 / (a.runs - 1) + y ** 2 / (b.runs - 1));
    return { se: Math.sqrt(x + y), df: Number.isFinite(df) ? df : a.runs + b.runs - 2 };
  }
  if (a.runs + b.runs < MIN_RUNS) return undefined;
  const known = a.runs + b.runs - 2;
  // A single run averages nothing, and runs have heavier tails than the normal distribution.
  const df = Math.min(known, MOST_DF_PER_RUN * Math.min(a.runs, b.runs));
  return { se: Math.sqrt(((a.squares + b.squares) / known) * (1 / a.runs + 1 / b.runs)), df };
}

/** A difference with its error, and how often chance alone gives one as large. */
export function estimateDifference(d: number, se: number, df: number): RunsEstimate {
  const pValue = se > 0 ? 2 * (1 - jStat.studentt.cdf(Math.abs(d) / se, df)) : d === 0 ? 1 : 0;
  return { d, se, df, pValue };
}

function areTimes(...sides: ReadonlyArray<readonly number[]>): boolean {
  return sides.every((side) => side.length > 0 && side.every((value) => value > 0 && Number.isFinite(value)));
}

/**
 * The difference between runs of a and of b (values above 0); undefined if there are too few runs to know their spread.
 */
export function estimateRuns(a: readonly number[], b: readonly number[]): RunsEstimate | undefined {
  if (!areTimes(a, b)) return undefined;
  const [from, to] = [sideOf(a.map(Math.log)), sideOf(b.map(Math.log))];
  const error = errorOf(from, to);
  return error && estimateDifference(to.mean - from.mean, error.se, error.df);
}

/**
 * The difference of the mean shares of failed requests, 0 to 1, over runs of each build. `requests`: average number per
 * run.
 */
export function estimateShares(a: readonly number[], b: readonly number[], requests: number): RunsEstimate | undefined {
  const [from, to] = [sideOf(a), sideOf(b)];
  const error = errorOf(from, to);
  if (error === undefined || a.length === 0 || b.length === 0) return undefined;
  // Runs without errors show that errors are rare, not that they are impossible.
  const runs = a.length + b.length;
  const events = (from.mean * a.length + to.mean * b.length) * requests + 1;
  const share = Math.min(1, events / Math.max(1, runs * requests));
  const least = Math.sqrt(((share * (1 - share)) / Math.max(1, requests)) * (1 / a.length + 1 / b.length));
  return estimateDifference(to.mean - from.mean, Math.max(error.se, least), error.df);
}

/**
 * The mean of differences in logarithms, in order of time, of two things measured at once, tested with the t
 * distribution. Neighbours that are alike count for less.
 */
export function estimateDifferences(differences: readonly number[]): RunsEstimate {
  const { mean, squares, runs } = sideOf(differences);
  const df = runs - 1;
  const products = differences
    .slice(1)
    .reduce((sum, value, index) => sum + (value - mean) * ((differences[index] ?? mean) - mean), 0);
  const r = squares > 0 ? Math.min(0.9, Math.max(0, products / squares)) : 0;
  return estimateDifference(mean, Math.sqrt(((squares / df / runs) * (1 + r)) / (1 - r)), df);
}

/** The difference of runs made in turn, a[i] next to b[i] in time; undefined for fewer than three pairs. */
export function estimatePairs(a: readonly number[], b: readonly number[]): RunsEstimate | undefined {
  if (!areTimes(a, b) || a.length !== b.length || a.length < MIN_PAIRS) return undefined;
  const differences = sideOf(b.map((value, index) => Math.log(value / (a[index] ?? value))));
  const df = differences.runs - 1;
  return estimateDifference(differences.mean, Math.sqrt(differences.squares / df / differences.runs), df);
}

/** A p-value and its weight: the share of the false alarms that it may use, relative to the others. */
export interface Weighed {
  readonly pValue: number;
  readonly weight: number;
}

/**
 * The levels at which to test several p-values so that together they raise a false alarm in at most `alarms` of the
 * comparisons (Holm 1979, with weights). In the given order. A figure's interval at its level excludes 0 exactly if
 * Holm rejects.
 */
export function holmLevels(figures: readonly Weighed[], alarms = FALSE_ALARMS): number[] {
  const order = figures
    .map((figure, index) => ({ ...figure, index }))
    .sort((x, y) => x.pValue / x.weight - y.pValue / y.weight);
  const levels: number[] = figures.map(() => alarms);
  let left = order.reduce((sum, { weight }) => sum + weight, 0);
  let failed = false;
  for (const { pValue, weight, index } of order) {
    const level = (alarms * weight) / left;
    levels[index] = level;
    if (pValue > level) failed = true;
    if (!failed) left -= weight;
  }
  return levels;
}

function verdictOf(d: number, low: number, high: number, least: number): Change {
  if (low > 0 && d >= least) return 'worse';
  if (high < 0 && d <= -least) return 'better';
  return low > -least && high < least ? 'same' : 'unknown';
}

/** How a figure is judged. */
export interface RunsRule {
  /**
   * Chance that the low end of the interval is above the true value, and that the high end is below it: 2.5 % each for
   * a single figure; for several see holmLevels.
   */
  readonly tails?: Tails;
  /** The smallest change that counts: relative, or on the scale `points` the difference itself. */
  readonly leastChange?: number;
  readonly scale?: 'log' | 'points';
}

export interface Tails {
  readonly low: number;
  readonly high: number;
}

/** Equal tails: a two-sided test at this level. */
export function bothTails(level: number): Tails {
  return { low: level / 2, high: level / 2 };
}

/** Chance of a difference at least as far above 0 if there is none; `below`: at least as far below 0. */
export function oneSided({ d, pValue }: RunsEstimate): { readonly above: number; readonly below: number } {
  const [near, far] = [pValue / 2, 1 - pValue / 2];
  return d >= 0 ? { above: near, below: far } : { above: far, below: near };
}

const SINGLE = bothTails(FALSE_ALARMS);

/** The verdict that an estimate allows. */
export function judgeRuns(
  { d, se, df }: RunsEstimate,
  { tails = SINGLE, leastChange = LEAST_CHANGE, scale = 'log' }: RunsRule = {},
): Difference {
  const low = d - jStat.studentt.inv(1 - tails.low, df) * se;
  const high = d + jStat.studentt.inv(1 - tails.high, df) * se;
  if (scale === 'points') {
    return { change: d, interval: { low, high }, verdict: verdictOf(d, low, high, leastChange) };
  }
  return {
    change: Math.expm1(d),
    interval: { low: Math.expm1(low), high: Math.expm1(high) },
    verdict: verdictOf(d, low, high, Math.log1p(leastChange)),
  };
}

/**
 * Judges one of several figures, tested at its level in `rule`. If it is not called different, it may still be called
 * the same. That is a statement about this figure alone, so its own 95 % interval decides. The returned interval is
 * that one too, unless it excludes 0 and only the level keeps the figure undecided.
 */
export function judgeAmong(estimate: RunsEstimate, rule: RunsRule): Difference {
  const tested = judgeRuns(estimate, rule);
  if (tested.verdict === 'worse' || tested.verdict === 'better') return tested;
  const alone = judgeRuns(estimate, { ...rule, tails: SINGLE });
  const holdsNone = alone.interval !== undefined && (alone.interval.low > 0 || alone.interval.high < 0);
  if (alone.verdict === 'same') return alone;
  return holdsNone ? tested : { ...tested, interval: alone.interval };
}

/**
 * The smallest relative increase that is detected with probability `power` (default 95 %) with as many runs of this
 * spread, under the same rule.
 */
export function smallestChange(
  { se, df }: RunsEstimate,
  { tails = SINGLE, leastChange = LEAST_CHANGE, scale = 'log' }: RunsRule = {},
  power = 0.95,
): number {
  const critical = jStat.studentt.inv(1 - tails.low, df);
  if (scale === 'points') return smallestFoundChange({ se, df, critical, least: leastChange, power });
  return Math.expm1(smallestFoundChange({ se, df, critical, least: Math.log1p(leastChange), power }));
}
