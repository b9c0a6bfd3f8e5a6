// Seeded correlated noise, for series that drift, step, fill and swing.

import { seeded } from '../seeded.ts';

/** Standard normal numbers with neighbours correlated by phi; phi = 1 is a random walk. */
export function noise(seed: number, phi = 0): () => number {
  const random = seeded(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let last = phi === 1 ? 0 : normal();
  const own = phi === 1 ? 1 : Math.sqrt(1 - phi * phi);
  return () => {
    last = phi * last + own * normal();
    return last;
  };
}

/** `length` values of `shape` plus noise of this deviation. */
export function noisy(
  length: number,
  shape: (index: number) => number,
  { seed = 1, phi = 0, sd = 1 }: { readonly seed?: number; readonly phi?: number; readonly sd?: number } = {},
): number[] {
  const next = noise(seed, phi);
  return Array.from({ length }, (_, index) => shape(index) + sd * next());
}
