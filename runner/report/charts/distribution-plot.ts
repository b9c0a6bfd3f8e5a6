// Samples → the bars and percentile marks of a distribution. Used in Node for a whole run, in the browser for a range of it.

import type { DistributionPlot } from './figure.ts';
import type { Ink } from './ink.ts';

/** Samples that a distribution can be made from, in milliseconds. */
export interface Distributed {
  readonly count: number;
  quantile(q: number): number | undefined;
  /** Neighbouring ranges of values, ascending, with the number of samples in each. */
  bins(): ReadonlyArray<{ readonly from: number; readonly to: number; readonly count: number }>;
}

const BARS = 60;
/** The lowest value of the logarithmic axis; nothing is measured in nanoseconds. */
const LEAST_MS = 0.001;

const MARKS: ReadonlyArray<readonly [name: string, q: number, ink: Ink]> = [
  ['p50', 0.5, 'p50'],
  ['p90', 0.9, 'p90'],
  ['p95', 0.95, 'p95'],
  ['p99', 0.99, 'p99'],
];

function log(ms: number): number {
  return Math.log10(Math.max(ms, LEAST_MS));
}

/** The plot of samples, with bars from the smallest to the largest; undefined without samples. `height` in pixels. */
export function distributionPlot(samples: Distributed, height: number): DistributionPlot | undefined {
  const bins = samples.bins();
  const [first, last] = [bins[0], bins.at(-1)];
  if (first === undefined || last === undefined || samples.count === 0) return undefined;
  const low = log(samples.quantile(0) ?? first.from);
  const high = Math.max(log(samples.quantile(1) ?? last.to), low + 0.05);
  const counts = new Array<number>(BARS).fill(0);
  const barOf = (exponent: number) => Math.min(Math.max(((exponent - low) / (high - low)) * BARS, 0), BARS);
  for (const { from, to, count } of bins) spread(counts, barOf(log(from)), barOf(log(to)), count);
  const marks = MARKS.flatMap(([name, q, ink]) => {
    const value = samples.quantile(q);
    return value === undefined ? [] : [{ name, ink, value }];
  });
  return { kind: 'distribution', height, low, high, counts: wholeCounts(counts), marks };
}

/** Divides `count` among the bars that a range covers, in proportion to how much of each it covers. */
function spread(counts: number[], from: number, to: number, count: number): void {
  const first = Math.min(Math.floor(from), BARS - 1);
  const end = Math.min(Math.max(Math.ceil(to), first + 1), BARS);
  for (let bar = first; bar < end; bar++) {
    const covered = to > from ? Math.min(to, bar + 1) - Math.max(from, bar) : 1;
    counts[bar] = (counts[bar] ?? 0) + (count * Math.max(covered, 0)) / (to > from ? to - from : 1);
  }
}

/** Rounds counts so that their running sum is always within half a sample, and their total is exact. */
function wholeCounts(counts: readonly number[]): number[] {
  let exact = 0;
  let drawnSoFar = 0;
  return counts.map((count) => {
    exact += count;
    const whole = Math.max(Math.round(exact) - drawnSoFar, 0);
    drawnSoFar += whole;
    return whole;
  });
}
