// Think times: random waiting times of a user between two steps. Runs inside k6.

/** Draws one time, seconds. */
export type ThinkTime = () => number;

/** A random number from 0 (included) to 1. */
type Random = () => number;

/** Uniform from `min` to `max`, seconds. */
export function uniform(min: number, max: number, random: Random = Math.random): ThinkTime {
  assertOrder('uniform', min, max);
  return () => min + random() * (max - min);
}

/** Normal distribution (Box and Muller 1958), cut at 0. Seconds. */
export function normal(mean: number, standardDeviation: number, random: Random = Math.random): ThinkTime {
  return () => Math.max(0, mean + standardDeviation * gaussian(random));
}

/** Exponential distribution, as for independent arrivals: many short times, a few long ones. `mean` in seconds. */
export function exponential(mean: number, random: Random = Math.random): ThinkTime {
  return () => -mean * Math.log(1 - random());
}

/** Lognormal distribution, as for reading times: half of the times are below `median`, 95 % below `p95`. Seconds. */
export function lognormal(median: number, p95: number, random: Random = Math.random): ThinkTime {
  assertOrder('lognormal', median, p95);
  // The 95th percentile of the standard normal distribution is 1.6449.
  const sigma = Math.log(p95 / median) / 1.6449;
  return () => median * Math.exp(sigma * gaussian(random));
}

function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function assertOrder(name: string, low: number, high: number): void {
  if (!(low >= 0 && high >= low)) throw new Error(`${name}: expected 0 ≤ ${low} ≤ ${high}, seconds`);
}
