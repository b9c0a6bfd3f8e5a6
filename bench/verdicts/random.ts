// A seed becomes the same random numbers at every run.

export { seeded } from '../../runner/analysis/statistics/numbers.ts';

export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
