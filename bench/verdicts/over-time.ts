// How often warm-ups and drifts are found in simulated series with and without them.

import { warmUpOf } from '../../runner/analysis/load/warm-up.ts';
import { driftOf } from '../../runner/analysis/shape/drift.ts';
import { meanOf } from '../../runner/analysis/statistics/numbers.ts';
import { normal, seeded } from './streams.ts';

/** A level of 100 with noise of `sd` correlated by phi, plus `extra`. */
function levels(count: number, phi: number, sd: number, random: () => number, extra: (t: number) => number): number[] {
  let level = normal(random);
  return Array.from({ length: count }, (_, t) => {
    level = phi * level + Math.sqrt(1 - phi * phi) * normal(random);
    return 100 + sd * level + extra(t);
  });
}

/** Rates of the warm-up's detection. */
export interface WarmUpRates {
  /** Share of runs without a warm-up that were cut. */
  readonly falseCuts: number;
  /** Remaining bias of the mean of a run that starts twice as slow, with a time constant of 10 s; share of the level. */
  readonly biasLeft: number;
  readonly biasWithout: number;
}

/** Simulates runs with and without a warm-up. */
export function warmUpRates(seconds: number, phi: number, runs: number, seed: number): WarmUpRates {
  const random = seeded(seed);
  let falseCuts = 0;
  let left = 0;
  let without = 0;
  for (let run = 0; run < runs; run++) {
    if (warmUpOf(levels(seconds, phi, 5, random, () => 0)) !== undefined) falseCuts++;
    const warm = (t: number) => 100 * Math.exp(-t / 10);
    const series = levels(seconds, phi, 5, random, warm);
    const cut = warmUpOf(series)?.windows ?? 0;
    const bias = Array.from({ length: seconds }, (_, t) => warm(t));
    left += meanOf(bias.slice(cut)) / 100;
    without += meanOf(bias) / 100;
  }
  return { falseCuts: falseCuts / runs, biasLeft: left / runs, biasWithout: without / runs };
}

/** Rates of the drift's detection. */
export interface DriftRates {
  /** Share of runs without a drift but with an interval that shows one of 20 % or more over the run. */
  readonly falseAlarms: number;
  readonly falseFailures: number;
  /** Share of intervals that contain the slope of a run with a drift of 20 %. */
  readonly coverage: number;
  /** Share of runs with a drift of 60 % in which a limit of 20 % is certainly missed. */
  readonly found: number;
}

/** Simulates runs with and without a drift. */
export function driftRates(seconds: number, phi: number, runs: number, seed: number): DriftRates {
  const random = seeded(seed);
  const hours = seconds / 3600;
  let falseAlarms = 0;
  let falseFailures = 0;
  let held = 0;
  let found = 0;
  const totals = (series: readonly number[]) => {
    const drift = driftOf(series, 1000);
    const low = drift?.low === undefined ? Number.NEGATIVE_INFINITY : drift.low * hours;
    const high = drift?.high === undefined ? Number.POSITIVE_INFINITY : drift.high * hours;
    return { low, high };
  };
  for (let run = 0; run < runs; run++) {
    const flat = totals(levels(seconds, phi, 5, random, () => 0));
    if (flat.low > 0 || flat.high < 0) falseAlarms++;
    if (flat.low >= 20) falseFailures++;
    const slow = totals(levels(seconds, phi, 5, random, (t) => (20 * t) / seconds));
    if (slow.low <= 20 && 20 <= slow.high) held++;
    if (totals(levels(seconds, phi, 5, random, (t) => (60 * t) / seconds)).low >= 20) found++;
  }
  return {
    falseAlarms: falseAlarms / runs,
    falseFailures: falseFailures / runs,
    coverage: held / runs,
    found: found / runs,
  };
}
