// How far the samples of one histogram are above those of another.

import type { Bins } from '../../model/metrics.ts';

/**
 * Probability that a sample of b is larger than one of a, with ties counted half: 0.5 = alike, 1 = every sample of b is
 * larger (Vargha & Delaney 2000, A12). undefined if either is empty.
 */
export function superiority(a: Bins, b: Bins): number | undefined {
  const total = (bins: Bins) => bins.counts.reduce((sum, count) => sum + count, 0);
  const [ofA, ofB] = [total(a), total(b)];
  if (ofA === 0 || ofB === 0) return undefined;
  let below = 0;
  let larger = 0;
  let next = 0;
  for (const [index, key] of b.keys.entries()) {
    while (next < a.keys.length && (a.keys[next] ?? 0) < key) below += a.counts[next++] ?? 0;
    const ties = a.keys[next] === key ? (a.counts[next] ?? 0) : 0;
    larger += (b.counts[index] ?? 0) * (below + ties / 2);
  }
  return larger / ofA / ofB;
}
