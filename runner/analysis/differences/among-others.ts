// Estimates the difference of each endpoint between builds more precisely, by removing what all endpoints of a run
// share.

import { meanOf, median } from '../statistics/numbers.ts';
import { moderatedVariances } from './moderated-variance.ts';
import { estimateDifference, MOST_DF_PER_RUN, type RunsEstimate } from './runs-difference.ts';

// Something that slows the machine slows all endpoints of that run. y = ln(value) of an endpoint, x = the mean of the
// others in the same run, both minus their mean over the runs of the build: β = Σ y x / Σ x², over all endpoints and
// runs, limited to 0 to 1, is how much of x an endpoint shares (analysis of covariance with one slope). From the
// difference of an endpoint, β times the median difference of the others is subtracted; from its spread, β x. Below
// LEAST_SHARED nothing is subtracted, because it would cost more precision than it gives. The remaining spread is
// moderated over the endpoints, see moderated-variance.ts.
//
// The median is valid while fewer than half of the others changed. If most changed, the others do not measure the
// machine: they changed together by more than runs do (isShift), and the caller must not use the result. If about half
// changed, the median may be one of the changes (isMixed): the result then counts only for a figure that also differs
// by its own values. With β = 0 nothing is subtracted, so none of this applies.

const LEAST_FIGURES = 5;
const LEAST_SHARED = 0.3;
/** Estimating β costs each figure a part of a degree of freedom. */
const SLOPE_DF = 0.5;
/** The other figures count at most as this many times a figure's own degrees of freedom. */
const MOST_PRIOR = 3;
/** Variance of a median divided by that of a mean, π/2, minus 1. */
const MEDIAN_COSTS = Math.PI / 2 - 1;
/** Usual distance of the differences from their median, in standard errors; chance alone rarely reaches it. */
const MIXED = 1.5;
/** Error of β, relative to that of independent runs: neighbours in the sum share x. */
const SLOPE_ERROR = 3;
const SHIFT_LEVEL = 0.01;

/**
 * Values above 0 of one figure, one per run; in pairs, a[i] and b[i] belong together. All figures have the same runs in
 * the same order.
 */
export interface FigureRuns {
  readonly a: readonly number[];
  readonly b: readonly number[];
}

export interface AmongOthers {
  /** In the order of the figures. */
  readonly estimates: readonly RunsEstimate[];
  /** True if a shared part was removed. */
  readonly isShared: boolean;
  /** True if the figures changed together by more than runs usually do. */
  readonly isShift: boolean;
  /** True if so many figures changed, each by another amount, that their median may itself be a change. */
  readonly isMixed: boolean;
}

const medianOf = (values: readonly number[]) => median(values) ?? 0;

const less = (values: readonly number[], level: number) => values.map((value) => value - level);

/** The values minus their share of the others' values. */
function without(values: readonly number[], others: readonly number[], share: number): number[] {
  return values.map((value, index) => value - share * (others[index] ?? 0));
}

/** Values of a figure over the runs of one build, or their differences in pairs. */
type Groups = readonly (readonly number[])[];

function groupsOf({ a, b }: FigureRuns, inPairs: boolean): Groups {
  if (inPairs) return [b.map((value, index) => Math.log(value / (a[index] ?? value)))];
  return [a.map(Math.log), b.map(Math.log)];
}

/** Subtracts the mean of each group. */
const centred = (groups: Groups) => groups.flatMap((group) => less(group, meanOf(group)));

const sumOf = (values: readonly number[], factors: readonly number[] = values) =>
  values.reduce((sum, value, index) => sum + value * (factors[index] ?? 0), 0);

function differenceOf(groups: Groups): number {
  const [first = [], second] = groups;
  return second === undefined ? meanOf(first) : meanOf(second) - meanOf(first);
}

/** Applies `of` to the figures' values of each run. */
function across(figures: readonly Groups[], of: (values: number[]) => number): Groups {
  const [like = []] = figures;
  return like.map((group, index) => group.map((_, run) => of(figures.map((each) => each[index]?.[run] ?? 0))));
}

/** True if what the figures have in common differs between the builds, measured by its spread between runs. */
function isCommonShift(figures: readonly Groups[], df: number, perRun: number): boolean {
  const common = across(figures, medianOf);
  const squares = sumOf(centred(common));
  return estimateDifference(differenceOf(common), Math.sqrt((squares / df) * perRun), df).pValue <= SHIFT_LEVEL;
}

function areMixed(estimates: readonly RunsEstimate[]): boolean {
  const middle = medianOf(estimates.map(({ d }) => d));
  return medianOf(estimates.map(({ d, se }) => Math.abs(d - middle) / se)) > MIXED;
}

/** undefined with fewer than five figures, too few runs, or figures without any spread. */
export function estimateAmongOthers(figures: readonly FigureRuns[], inPairs: boolean): AmongOthers | undefined {
  const all = figures.map((figure) => groupsOf(figure, inPairs));
  const [like = []] = all;
  const counts = like.map(({ length }) => length);
  const runsDf = counts.reduce((sum, count) => sum + count - 1, 0);
  const isWhole = all.every((groups) => groups.every(({ length }, index) => length === counts[index]));
  if (all.length < LEAST_FIGURES || !isWhole || runsDf < 2 || Math.min(...counts) < 1) return undefined;
  const perRun = counts.reduce((sum, count) => sum + 1 / count, 0);
  const others = all.length - 1;
  const y = all.map(centred);
  const totals = (y[0] ?? []).map((_, run) => y.reduce((sum, each) => sum + (each[run] ?? 0), 0));
  const x = y.map((each) => each.map((value, run) => ((totals[run] ?? 0) - value) / others));
  const ofX = x.reduce((sum, each) => sum + sumOf(each), 0);
  const slope = ofX > 0 ? y.reduce((sum, each, index) => sum + sumOf(each, x[index]), 0) / ofX : 0;
  const shared = slope < LEAST_SHARED ? 0 : Math.min(1, slope);
  const df = runsDf - (shared > 0 ? SLOPE_DF : 0);
  const own = y.map((each, index) => sumOf(without(each, x[index] ?? [], shared)) / df);
  const least = medianOf(own) * 1e-6;
  if (!(least > 1e-18)) return undefined;
  const moderated = moderatedVariances(
    own.map((variance) => Math.max(variance, least)),
    df,
    MOST_PRIOR * df,
  );
  const most = MOST_DF_PER_RUN * Math.min(...counts);
  const differences = all.map(differenceOf);
  const slopeVariance = shared > 0 ? (SLOPE_ERROR * meanOf(own)) / ofX : 0;
  const estimates = differences.map((difference, index) => {
    const ofOthers = medianOf(differences.filter((_, other) => other !== index));
    const ownVariance = (moderated.variances[index] ?? 0) * perRun * (1 + (shared ** 2 * MEDIAN_COSTS) / others);
    const se = Math.sqrt(ownVariance + slopeVariance * ofOthers ** 2);
    return estimateDifference(difference - shared * ofOthers, se, Math.min(moderated.df, most));
  });
  const isShared = shared > 0;
  return { estimates, isShared, isShift: isCommonShift(all, runsDf, perRun), isMixed: isShared && areMixed(estimates) };
}
