// Coverage, false alarms and detection of drifts, steps and shapes, for series with a known truth.

import { directionOf, driftOf } from '../../runner/analysis/shape/drift.ts';
import { floorDriftOf } from '../../runner/analysis/shape/floors.ts';
import { stepOf } from '../../runner/analysis/shape/level-series.ts';
import { shapeOf } from '../../runner/analysis/shape/shape.ts';
import { normal, seeded } from './random.ts';

/** A measured rate and its promise. */
export interface Measured {
  readonly what: string;
  /** A share, or a number of cases. */
  readonly measured: number;
  readonly promise: string;
  readonly isKept: boolean;
  readonly runs: number;
}

type Build = (index: number) => number;

/** `length` values of the shape with noise correlated by phi; phi = 1 is a random walk. */
export function noisySeries(length: number, shape: Build, seed: number, phi: number, sd = 1): number[] {
  const random = seeded(seed);
  const own = phi === 1 ? 1 : Math.sqrt(1 - phi * phi);
  let last = phi === 1 ? 0 : normal(random);
  return Array.from({ length }, (_, index) => {
    last = phi * last + own * normal(random);
    return shape(index) + sd * last;
  });
}

function shareOf(runs: number, isSo: (seed: number) => boolean): number {
  let times = 0;
  for (let seed = 1; seed <= runs; seed++) if (isSo(seed * 7919)) times++;
  return times / runs;
}

const PHIS = [0, 0.5, 0.8, 0.9, 0.95, 1];
/** Standard errors by which a measured share may miss its promise. */
const SLACK = 2;

const atLeast = (what: string, measured: number, promised: number, runs: number): Measured => ({
  what,
  measured,
  promise: `at least ${Math.round(promised * 100)} %`,
  isKept: measured >= promised - SLACK * Math.sqrt((promised * (1 - promised)) / runs),
  runs,
});
const atMost = (what: string, measured: number, promised: number, runs: number): Measured => ({
  what,
  measured,
  promise: `at most ${Math.round(promised * 100)} %`,
  isKept: measured <= promised + SLACK * Math.sqrt((promised * (1 - promised)) / runs),
  runs,
});

/** Drift over 300 to 3,600 s and with 5-s intervals; steps; memory without a leak; shapes. */
export function measureChanges(runs: number): Measured[] {
  const rows: Measured[] = [];
  for (const [cells, intervalMs, name] of [
    [300, 1000, '300 s'],
    [600, 1000, '600 s'],
    [310, 5000, '26 min on a 5-s grid'],
    [480, 60_000, '8 h on a 60-s grid'],
  ] as const) {
    for (const phi of PHIS) {
      const perHour = (0.002 * 3_600_000) / intervalMs;
      const covered = shareOf(runs, (seed) => {
        const drift = driftOf(
          noisySeries(cells, (i) => 0.002 * i, seed, phi),
          intervalMs,
        );
        return drift?.isFirm === true && (drift.low ?? -Infinity) <= perHour && perHour <= (drift.high ?? Infinity);
      });
      rows.push(atLeast(`drift: interval holds the truth, ${name}, correlation ${phi}`, covered, 0.92, runs));
      const alarms = shareOf(runs, (seed) => {
        const drift = driftOf(
          noisySeries(cells, () => 0, seed, phi),
          intervalMs,
        );
        return drift !== undefined && directionOf(drift) !== undefined;
      });
      rows.push(atMost(`drift: seen where there is none, ${name}, correlation ${phi}`, alarms, 0.05, runs));
    }
  }
  for (const [phi, promised] of [
    [0, 0.05],
    [0.5, 0.05],
    [0.8, 0.05],
  ] as const) {
    const none = shareOf(runs, (seed) => stepOf(noisySeries(120, () => 100, seed, phi, 5)) !== undefined);
    rows.push(atMost(`steps: seen where there is none, 120 values, correlation ${phi}`, none, promised, runs));
    const found = shareOf(runs, (seed) => {
      const step = stepOf(noisySeries(120, (i) => (i < 70 ? 100 : 115), seed, phi, 5));
      return Math.abs((step?.at ?? 0) - 70) <= 6;
    });
    rows.push(atLeast(`steps: 15 % found and placed, 120 values, correlation ${phi}`, found, 0.9, runs));
  }
  const grows = (at: Build, seed: number) => {
    const drift = floorDriftOf(noisySeries(600, at, seed, 0.5, 1), 1000);
    return drift !== undefined && (drift.low ?? 0) > 0;
  };
  const saw = (i: number) => 40 * ((i % 25) / 25);
  rows.push(
    atMost(
      'memory that swings with its collections is called growing',
      shareOf(runs, (seed) => grows((i) => 100 + saw(i), seed)),
      0.05,
      runs,
    ),
    atLeast(
      'memory that swings and leaks is called growing',
      shareOf(runs, (seed) => grows((i) => 100 + saw(i) + 0.03 * i, seed)),
      0.95,
      runs,
    ),
  );
  const SHAPES: ReadonlyArray<readonly [string, string, Build]> = [
    ['a line', 'rising', (i) => 100 + (40 * i) / 300],
    ['a step', 'stepped', (i) => (i < 120 ? 100 : 140)],
    ['a level that comes and goes', 'stepped', (i) => (i > 120 && i < 180 ? 140 : 100)],
    ['a cache that fills', 'levelled_off', (i) => 100 + 40 * (1 - Math.exp(-i / 36))],
    ['swings', 'swinging', (i) => 100 + saw(i)],
  ];
  for (const [name, kind, at] of SHAPES) {
    const right = shareOf(runs, (seed) => shapeOf(noisySeries(300, at, seed, 0.5, 5))?.kind === kind);
    rows.push(atLeast(`shapes: ${name} is called ${kind.replace('_', ' ')}`, right, 0.9, runs));
  }
  // A soak of 100 s on a service with highly correlated seconds.
  const SHORT_SHAPES: ReadonlyArray<readonly [string, string, Build]> = [
    ['a line that doubles', 'rising', (i) => 100 + (100 * i) / 90],
    ['a step by half', 'stepped', (i) => (i < 40 ? 100 : 150)],
    ['a cache that fills to the double', 'levelled_off', (i) => 100 + 100 * (1 - Math.exp(-i / 13.5))],
  ];
  for (const [name, kind, at] of SHORT_SHAPES) {
    const right = shareOf(runs, (seed) => shapeOf(noisySeries(90, at, seed, 0.8, 8))?.kind === kind);
    rows.push(
      atLeast(`shapes: ${name} in 90 s is called ${kind.replace('_', ' ')}, correlation 0.8`, right, 0.9, runs),
    );
  }
  return rows;
}
