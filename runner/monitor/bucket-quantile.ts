// Estimates quantiles from the cumulative buckets of a Prometheus histogram, for the observations between two scrapes.

/**
 * The value at `q` (0 to 1), computed as Prometheus' histogram_quantile does: linear within a bucket, starting at 0 in
 * the lowest bucket if its bound is positive; above the highest finite bound, that bound. `bounds` ascend and end with
 * Infinity; counts[i] is the number of observations up to bounds[i]. undefined without observations.
 */
export function bucketQuantile(q: number, bounds: readonly number[], counts: readonly number[]): number | undefined {
  const total = counts.at(-1) ?? 0;
  if (!(total > 0) || bounds.at(-1) !== Infinity) return undefined;
  const rank = q * total;
  const found = counts.findIndex((count) => count >= rank);
  const index = found < 0 ? counts.length - 1 : found;
  const upper = bounds[index] ?? Infinity;
  if (upper === Infinity) return bounds.at(-2);
  const first = index === 0;
  if (first && upper <= 0) return upper;
  const lower = first ? 0 : (bounds[index - 1] ?? 0);
  const below = first ? 0 : (counts[index - 1] ?? 0);
  const within = (counts[index] ?? 0) - below;
  return within <= 0 ? upper : lower + (upper - lower) * ((rank - below) / within);
}
