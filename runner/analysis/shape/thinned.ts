// Skips intervals of a long run, because a percentile needs the whole histogram of each.

import type { Interval } from '../../model/metrics.ts';

/** Number of requests needed for a percentile of one period. */
export const PER_PERIOD = { p50: 5, p95: 20 } as const;

/** Number of percentiles of a long run that are enough for its shape. */
const MOST_PERCENTILES = 160;

/** Every second or third interval if there are many, each as its own period. */
export function thinned(cells: readonly Interval[]): { readonly cells: readonly Interval[]; readonly every: number } {
  const every = Math.max(1, Math.floor(cells.length / MOST_PERCENTILES));
  const samples = cells.reduce((sum, { aggregate }) => sum + (aggregate?.count ?? 0), 0);
  // With few samples, every interval is needed to show an endpoint's change.
  if (every === 1 || samples / cells.length < 3 * PER_PERIOD.p95) return { cells, every: 1 };
  return { cells: cells.filter((_, i) => i % every === 0), every };
}
