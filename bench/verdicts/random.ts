// Random numbers from a seed, the same in every run.

export { seeded } from '../../runner/analysis/statistics/numbers.ts';

/** A standard normal number. */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
