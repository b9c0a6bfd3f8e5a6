// The one rule for percentiles, as in k6 (TrendSink.P). Also used in the report's page, so it must not import Node
// modules.

/**
 * Quantile `q` (0 to 1) of `count` values: linear interpolation between the values at the two ranks nearest to (count -
 * 1) * q. `valueAt` returns the value at a rank in ascending order; it is called once if both ranks are the same.
 * undefined for no values. Throws a RangeError if `q` is outside 0 to 1.
 */
export function quantileAt(q: number, count: number, valueAt: (rank: number) => number): number | undefined {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`Expected a quantile from 0 to 1, found ${q}`);
  if (count === 0) return undefined;
  const rank = q * (count - 1);
  const lower = Math.floor(rank);
  const share = rank - lower;
  const below = valueAt(lower);
  const above = share === 0 ? below : valueAt(lower + 1);
  // Weighted, not below + (above - below) * share: that difference overflows for neighbours of ±1e308.
  return below === above ? below : below * (1 - share) + above * share;
}

/** Index of the first of `size` ascending running sums above `rank`; `size` if there is none. */
export function firstAbove(runningSums: Float64Array, rank: number, size = runningSums.length): number {
  let low = 0;
  let high = size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((runningSums[middle] ?? 0) > rank) high = middle;
    else low = middle + 1;
  }
  return low;
}
