// Plain numbers: their mean, spread and median, and random ones that a seed makes the same at every run.

/** NaN for no values: callers have some. */
export function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum / values.length;
}

/** Sum of the squared distances from `mean`. */
export function squaresAround(mean: number, values: readonly number[]): number {
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}

/** The median, of two middle values their mean; undefined for no values. */
export function median(values: readonly number[]): number | undefined {
  return medianOfSorted(Float64Array.from(values).sort());
}

/** The same of values that ascend. */
export function medianOfSorted(sorted: Float64Array): number | undefined {
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** The value that `rank` others would lie before if the values ascended. Moves them: smaller ones before it, larger ones behind it. */
export function valueAtRank(values: Float64Array, rank: number, from = 0, to = values.length): number | undefined {
  if (rank < from || rank >= to) return undefined;
  let [left, right] = [from, to - 1];
  // Hoare 1961, with the middle as pivot.
  while (left < right) {
    const pivot = values[(left + right) >>> 1] ?? 0;
    let [i, j] = [left, right];
    while (i <= j) {
      while ((values[i] ?? 0) < pivot) i++;
      while ((values[j] ?? 0) > pivot) j--;
      if (i > j) break;
      const moved = values[i] ?? 0;
      values[i++] = values[j] ?? 0;
      values[j--] = moved;
    }
    if (rank <= j) right = j;
    else if (rank >= i) left = i;
    else break;
  }
  return values[rank];
}

/** mulberry32: numbers from 0 inclusive to 1 exclusive. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
