// Divides a whole number by weights into whole numbers that add up to it. Runs inside k6.

/**
 * The parts of `total` by the method of largest remainders, each at least `least`. With `least` 1 a total below the number of parts
 * is raised to that number. Weights are positive.
 */
export function apportion(total: number, weights: readonly number[], least: 0 | 1 = 0): number[] {
  if (total <= 0) return weights.map(() => 0);
  const all = Math.max(total, least * weights.length);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  // Only the rest above the minimum is divided, so that each part has the minimum.
  const exact = weights.map((weight) => (all * weight) / whole);
  const parts = exact.map((share) => Math.max(least, Math.floor(share)));
  let left = all - parts.reduce((sum, part) => sum + part, 0);
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share - (parts[index] ?? 0) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (let at = 0; left > 0; at = (at + 1) % byRemainder.length, left--) {
    const index = byRemainder[at]?.index ?? 0;
    parts[index] = (parts[index] ?? 0) + 1;
  }
  // Parts raised to the minimum reduce the largest ones.
  for (; left < 0; left++) {
    const largest = parts.indexOf(Math.max(...parts));
    parts[largest] = (parts[largest] ?? 0) - 1;
  }
  return parts;
}
