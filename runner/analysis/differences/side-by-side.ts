// The difference of a percentile between two builds that were loaded in turn within one run.

import type { Interval } from '../../model/metrics.ts';
import { combine } from '../statistics/combine.ts';
import { estimateDifferences, type RunsEstimate } from './runs-difference.ts';

// A disturbance of the machine affects both builds in the same second. So the run is divided into periods; each gives
// ln qB - ln qA, and their mean is tested with t. A period has enough samples of both sides for the percentile
// (MIN_TAIL of them beyond it), and there are at least MIN_PERIODS. Correlated neighbours increase the error: var ×
// (1 + r) / (1 - r), with r = their correlation if above 0. Differences that last for the whole run, such as the memory
// layout of two processes, are not included.

const MIN_TAIL = 2;
const MIN_PERIODS = 8;
const MOST_PERIODS = 40;
/** Shorter periods share too much with their neighbours: requests under way, a garbage collection. */
const MIN_PERIOD_MS = 3000;

export interface SideBySideEstimate extends RunsEstimate {
  readonly periods: number;
  readonly periodMs: number;
  /** Number of samples of a and of b. */
  readonly samples: readonly [number, number];
}

/**
 * `a` and `b`: intervals of both sides over the same time; `q` is 0 to 1. undefined if the run is too short or has too
 * few samples.
 */
export function estimateSideBySide(
  a: readonly Interval[],
  b: readonly Interval[],
  q: number,
): SideBySideEstimate | undefined {
  const cells = Math.min(a.length, b.length);
  // The first and the last interval are incomplete.
  const [from, to] = [1, cells - 1];
  const lengthMs = a[0]?.lengthMs ?? 1000;
  const countOf = (side: readonly Interval[]) =>
    side.slice(from, to).reduce((sum, { aggregate }) => sum + (aggregate?.count ?? 0), 0);
  const samples = [countOf(a), countOf(b)] as const;
  const least = Math.ceil(MIN_TAIL / Math.max(1e-9, Math.min(q, 1 - q)));
  const most = Math.min(
    MOST_PERIODS,
    Math.floor(Math.min(...samples) / least),
    Math.floor(((to - from) * lengthMs) / MIN_PERIOD_MS),
  );
  if (most < MIN_PERIODS) return undefined;
  const differences: number[] = [];
  for (let period = 0; period < most; period++) {
    const range = [
      from + Math.floor((period * (to - from)) / most),
      from + Math.floor(((period + 1) * (to - from)) / most),
    ] as const;
    const [x, y] = [quantileOf(a.slice(...range), q), quantileOf(b.slice(...range), q)];
    if (x !== undefined && y !== undefined && x > 0 && y > 0) differences.push(Math.log(y / x));
  }
  if (differences.length < MIN_PERIODS) return undefined;
  const found = estimateDifferences(differences);
  return { ...found, periods: differences.length, periodMs: ((to - from) * lengthMs) / most, samples };
}

function quantileOf(intervals: readonly Interval[], q: number): number | undefined {
  const aggregates = intervals.flatMap(({ aggregate }) => aggregate ?? []);
  return combine(aggregates)?.quantile(q);
}
