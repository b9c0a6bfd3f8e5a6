// The intervals of a long run are thinned out: a percentile of each is made from its whole histogram.

import type { Interval } from '../../model/metrics.ts';

/** Requests that a percentile of one stretch is made of. */
export const PER_STRETCH = { p50: 5, p95: 20 } as const;

/** A percentile of an interval is made from its whole histogram: of a long run so many are enough for its shape. */
const MOST_PERCENTILES = 160;

/** Every second or third interval where there are many, each of them a stretch by itself. */
export function thinned(cells: readonly Interval[]): { readonly cells: readonly Interval[]; readonly every: number } {
  const every = Math.max(1, Math.floor(cells.length / MOST_PERCENTILES));
  const samples = cells.reduce((sum, { aggregate }) => sum + (aggregate?.count ?? 0), 0);
  // With few samples an interval more or less is an endpoint that shows its change or does not.
  if (every === 1 || samples / cells.length < 3 * PER_STRETCH.p95) return { cells, every: 1 };
  return { cells: cells.filter((_, i) => i % every === 0), every };
}
