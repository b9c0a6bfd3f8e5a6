// The cumulative buckets of a Prometheus histogram become the quantiles of what was observed between two scrapes.

/**
 * The value at q (0 to 1) of observations in cumulative buckets, as Prometheus' histogram_quantile has it: linear within a
 * bucket, from 0 in the lowest one where its bound is positive, and the highest finite bound for what lies beyond it.
 * `bounds` ascend and end with Infinity; counts[i] = observations up to bounds[i]. undefined where there was none.
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
