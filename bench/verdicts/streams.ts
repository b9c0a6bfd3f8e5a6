// Windows of runs from random processes with a known truth, for testing verdicts.

import { Histogram } from '../../runner/metrics/buckets/histogram.ts';
import type { Aggregate } from '../../runner/model/metrics.ts';
import { normal } from './random.ts';

export { normal, seeded } from './random.ts';

/** A random number from 0 to 1. */
export type Random = () => number;

function exponential(random: Random): number {
  return -Math.log(1 - random());
}

/** Times in milliseconds, second by second. */
export type Seconds = number[][];

/** Response times of a service in steady state, second by second; different in every run. */
export interface Process {
  readonly name: string;
  seconds(count: number, perSecond: number, random: Random): Seconds;
}

/** A level that varies from second to second in logs (AR(1)), with lognormal requests around it. */
function wandering(name: string, rho: number, levelSd: number, requestSd = 0.5): Process {
  return {
    name,
    seconds(count, perSecond, random) {
      let level = levelSd * normal(random);
      return Array.from({ length: count }, () => {
        level = rho * level + levelSd * Math.sqrt(1 - rho * rho) * normal(random);
        return Array.from({ length: perSecond }, () => 100 * Math.exp(level + requestSd * normal(random)));
      });
    },
  };
}

/** One server with Poisson arrivals and exponential or more variable service times, so that waiting times are correlated. */
function queue(name: string, utilisation: number, squaredVariation = 1): Process {
  return {
    name,
    seconds(count, perSecond, random) {
      const meanMs = (1000 / perSecond) * utilisation;
      // A mixture of two exponentials with balanced means has any squared variation above 1.
      const p = (1 + Math.sqrt((squaredVariation - 1) / (squaredVariation + 1))) / 2;
      const service = () => {
        if (squaredVariation === 1) return meanMs * exponential(random);
        return (meanMs / (2 * (random() < p ? p : 1 - p))) * exponential(random);
      };
      const seconds: Seconds = Array.from({ length: count }, () => []);
      let waitMs = 0;
      const warmUp = 2000;
      let atMs = 0;
      for (let i = 0; atMs < count * 1000; i++) {
        const took = service();
        if (i >= warmUp) seconds[Math.floor(atMs / 1000)]?.push(waitMs + took);
        const gapMs = (1000 / perSecond) * exponential(random);
        if (i >= warmUp) atMs += gapMs;
        waitMs = Math.max(0, waitMs + took - gapMs);
      }
      return seconds;
    },
  };
}

/** Lognormal requests, with a pause of `lengthMs` about every `everyS` seconds, for which arriving requests wait. */
function pauses(name: string, everyS: number, lengthMs: number): Process {
  return {
    name,
    seconds(count, perSecond, random) {
      const seconds = Array.from({ length: count }, () =>
        Array.from({ length: perSecond }, () => 100 * Math.exp(0.4 * normal(random))),
      );
      for (let at = random() * everyS; at < count; at += everyS * (0.8 + 0.4 * random())) {
        const second = seconds[Math.floor(at)] ?? [];
        for (const i of second.keys()) {
          const arrival = random();
          if (arrival < lengthMs / 1000) second[i] = (second[i] ?? 0) + lengthMs - arrival * 1000;
        }
      }
      return seconds;
    },
  };
}

/** Two states, in one of which everything takes 50 % longer; and the seconds in that state. */
export function stateSeconds(goodS: number, badS: number, count: number, perSecond: number, random: Random) {
  let isBad = random() < badS / (goodS + badS);
  const bad: boolean[] = [];
  const seconds = Array.from({ length: count }, () => {
    if (random() < 1 / (isBad ? badS : goodS)) isBad = !isBad;
    bad.push(isBad);
    return Array.from({ length: perSecond }, () => (isBad ? 150 : 100) * Math.exp(0.4 * normal(random)));
  });
  return { seconds, bad };
}

function states(name: string, goodS: number, badS: number): Process {
  return {
    name,
    seconds: (count, perSecond, random) => stateSeconds(goodS, badS, count, perSecond, random).seconds,
  };
}

/** The processes that the rule was developed with (`known`), and others (`fresh`). */
export const PROCESSES: Readonly<Record<'known' | 'fresh', readonly Process[]>> = {
  known: [
    wandering('independent, lognormal', 0, 0),
    wandering('AR(1) 0.5 a second', 0.5, 0.2),
    wandering('AR(1) 0.8 a second', 0.8, 0.2),
    wandering('AR(1) 0.9 a second', 0.9, 0.2),
    queue('M/M/1 at 0.5', 0.5),
    queue('M/M/1 at 0.8', 0.8),
    pauses('a pause of 200 ms every 10 s', 10, 200),
  ],
  fresh: [
    wandering('independent, heavy tail', 0, 0, 1),
    wandering('AR(1) 0.7 a second, slight', 0.7, 0.08),
    wandering('AR(1) 0.85 a second', 0.85, 0.15),
    queue('M/M/1 at 0.65', 0.65),
    queue('M/G/1 at 0.6, cv² 3', 0.6, 3),
    pauses('a pause of 400 ms every 25 s', 25, 400),
    states('two states, 20 s and 5 s', 20, 5),
    states('two states, 60 s and 20 s', 60, 20),
  ],
};

/** The aggregate of some values. */
export function aggregateOf(values: readonly number[]): Aggregate | undefined {
  if (values.length === 0) return undefined;
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  const bins = histogram.toBins();
  return {
    type: 'trend',
    count: histogram.count,
    sum: histogram.sum,
    min: histogram.min,
    max: histogram.max,
    last: undefined,
    mean: histogram.mean,
    quantile: (q) => histogram.quantile(q),
    bins: () => bins,
  };
}

/** The true q-quantile, from a run so long that its error is far below 1 %. */
export function truthOf(process: Process, perSecond: number, q: number, random: Random): number {
  const values: number[] = [];
  for (let part = 0; part < 20; part++) {
    for (const second of process.seconds(Math.ceil(60_000 / perSecond), perSecond, random)) values.push(...second);
  }
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.ceil(q * sorted.length) - 1] ?? Number.NaN;
}
