// Values of one statistic over several runs of each build → the difference of the builds, with the run as the unit.

import jStat from 'jstat';
import type { Change } from '../model/comparison.ts';
import { type Difference, LEAST_CHANGE } from './difference.ts';
import { smallestFoundChange } from './smallest-change.ts';

// Each run is one observation y = ln(value); d = mean(yB) - mean(yA).
//
//   pairs (a and b in turn)  paired t over the differences, df = pairs - 1: what drifts between runs cancels
//   both sides >= 3 runs     Welch: se² = sA²/kA + sB²/kB, df by Welch-Satterthwaite
//   else, kA + kB >= 6       pooled: s² = (SSA + SSB)/df, se = s √(1/kA + 1/kB), df = kA + kB - 2;
//                            with one run of b this is the prediction interval of the next run
//
// worse L > 0 and d >= ln 1.05 (the least change that is worth a word); better the mirror of it; same L and U within ±ln 1.05;
// else unknown. [L, U] is the 95 % interval, or a wider one where several figures are looked at: see holmLevels.

const MIN_A_SIDE = 3;
const MIN_RUNS = 6;
const MIN_PAIRS = 3;

/** The chance of a false alarm that a whole comparison may have. */
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
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, squares: values.reduce((sum, value) => sum + (value - mean) ** 2, 0), runs: values.length };
}

/** Standard error of the difference of the means and its degrees of freedom; undefined for too few runs. */
function errorOf(a: Side, b: Side): { se: number; df: number } | undefined {
  if (a.runs >= MIN_A_SIDE && b.runs >= MIN_A_SIDE) {
    const part = ({ squares, runs }: Side) => squares / (runs - 1) / runs;
    const [x, y] = [part(a), part(b)];
    const df = (x + y) ** 2 / (x ** 2 / (a.runs - 1) + y ** 2 / (b.runs - 1));
    return { se: Math.sqrt(x + y), df: Number.isFinite(df) ? df : a.runs + b.runs - 2 };
  }
  if (a.runs + b.runs < MIN_RUNS) return undefined;
  const df = a.runs + b.runs - 2;
  return { se: Math.sqrt(((a.squares + b.squares) / df) * (1 / a.runs + 1 / b.runs)), df };
}

function estimate(d: number, se: number, df: number): RunsEstimate {
  const pValue = se > 0 ? 2 * (1 - jStat.studentt.cdf(Math.abs(d) / se, df)) : d === 0 ? 1 : 0;
  return { d, se, df, pValue };
}

function areTimes(...sides: ReadonlyArray<readonly number[]>): boolean {
  return sides.every((side) => side.length > 0 && side.every((value) => value > 0 && Number.isFinite(value)));
}

/** Runs of a and runs of b, all values above 0; undefined where there are too few runs to know their spread. */
export function estimateRuns(a: readonly number[], b: readonly number[]): RunsEstimate | undefined {
  if (!areTimes(a, b)) return undefined;
  const [from, to] = [sideOf(a.map(Math.log)), sideOf(b.map(Math.log))];
  const error = errorOf(from, to);
  return error && estimate(to.mean - from.mean, error.se, error.df);
}

/** Runs taken in turn, a[i] and b[i] next to each other in time; undefined for fewer than three pairs. */
export function estimatePairs(a: readonly number[], b: readonly number[]): RunsEstimate | undefined {
  if (!areTimes(a, b) || a.length !== b.length || a.length < MIN_PAIRS) return undefined;
  const differences = sideOf(b.map((value, index) => Math.log(value / (a[index] ?? value))));
  const df = differences.runs - 1;
  return estimate(differences.mean, Math.sqrt(differences.squares / df / differences.runs), df);
}

/**
 * The level that each of several p-values is to be tested at, so that all of them together raise a false alarm in at most
 * 5 % of comparisons (Holm 1979). In the order of `pValues`. A figure's interval at 1 - level excludes 0 exactly where Holm rejects.
 */
export function holmLevels(pValues: readonly number[]): number[] {
  const order = pValues.map((pValue, index) => ({ pValue, index })).sort((x, y) => x.pValue - y.pValue);
  const levels = pValues.map(() => FALSE_ALARMS);
  let failedAt: number | undefined;
  for (const [rank, { pValue, index }] of order.entries()) {
    const level = failedAt ?? FALSE_ALARMS / (pValues.length - rank);
    if (pValue > level) failedAt ??= level;
    levels[index] = level;
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
  /** Of the test: 0.05 for a single figure, see holmLevels for several. */
  readonly level?: number;
  /** The smallest relative change that is called one. */
  readonly leastChange?: number;
}

/** What an estimate allows to say of the builds. */
export function judgeRuns(
  { d, se, df }: RunsEstimate,
  { level = FALSE_ALARMS, leastChange = LEAST_CHANGE }: RunsRule = {},
): Difference {
  const t = jStat.studentt.inv(1 - level / 2, df);
  const [low, high] = [d - t * se, d + t * se];
  return {
    change: Math.expm1(d),
    interval: { low: Math.expm1(low), high: Math.expm1(high) },
    verdict: verdictOf(d, low, high, Math.log1p(leastChange)),
  };
}

/** The relative change that is found 95 times of 100 with as many runs of this spread, under the same rule. */
export function smallestChange(
  { se, df }: RunsEstimate,
  { level = FALSE_ALARMS, leastChange = LEAST_CHANGE }: RunsRule = {},
): number {
  const critical = jStat.studentt.inv(1 - level / 2, df);
  return Math.expm1(smallestFoundChange({ se, df, critical, least: Math.log1p(leastChange) }));
}
