// Calculates with plain numbers: mean, spread, median, and reproducible random numbers.

/** The mean; NaN for no values, so callers must pass some. */
export function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum / values.length;
}

/** Sum of the squared distances from `mean`. */
export function squaresAround(mean: number, values: readonly number[]): number {
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}

/** The median (of two middle values their mean); undefined for no values. */
export function median(values: readonly number[]): number | undefined {
  return medianOfSorted(Float64Array.from(values).sort());
}

/** The same for sorted values. */
export function medianOfSorted(sorted: Float64Array): number | undefined {
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** The value at `rank` in ascending order. Reorders the array: smaller values move before it, larger ones after it. */
export function valueAtRank(values: Float64Array, rank: number, from = 0, to = values.length): number | undefined {
  if (rank < from || rank >= to) return undefined;
  let [left, right] = [from, to - 1];
  // Quickselect (Hoare 1961) with the middle as pivot.
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

/** The generator mulberry32: numbers from 0 (inclusive) to 1 (exclusive), the same for every run with this seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
