// One rule for all percentiles: k6's own (TrendSink.P). Also runs in a page, so no Node in here.

/**
 * The quantile `q` of `count` values: linear interpolation between the values at the two ranks nearest to (count - 1) * q.
 * `valueAt` gives the value that `rank` others lie below, ascending; it is asked once where both ranks are one. undefined for no
 * values; RangeError for a `q` outside 0 to 1.
 */
export function quantileAt(q: number, count: number, valueAt: (rank: number) => number): number | undefined {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`A quantile is asked for at 0 to 1, not ${q}`);
  if (count === 0) return undefined;
  const rank = q * (count - 1);
  const lower = Math.floor(rank);
  const share = rank - lower;
  const below = valueAt(lower);
  const above = share === 0 ? below : valueAt(lower + 1);
  // Weights, not below + (above - below) * share: that difference overflows for neighbours of ±1e308.
  return below === above ? below : below * (1 - share) + above * share;
}

/** The index of the first of `size` ascending running sums that is above `rank`; `size` where none is. */
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
