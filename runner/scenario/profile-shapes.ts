// The table of load profiles and their steps. Runs inside k6. The table in docs/profiles.md is made from it.

import type { Phase, Profile } from '../model/plan.ts';

/** One step of a profile: within `seconds` the load moves linearly to `factor` times the base. */
export interface Step {
  readonly name: string;
  readonly kind: Phase['kind'];
  readonly seconds: number;
  readonly factor: number;
}

interface ProfileShape {
  readonly purpose: string;
  readonly steps: readonly Step[];
  /** Maximum virtual users, or iterations per second, of a base load from the scenario. */
  readonly baseCap?: number;
}

/** Ramp up to the base, hold, ramp down. */
function plateau(upSeconds: number, holdSeconds: number, downSeconds: number): Step[] {
  return [
    { name: 'ramp-up', kind: 'ramp-up', seconds: upSeconds, factor: 1 },
    { name: 'steady', kind: 'hold', seconds: holdSeconds, factor: 1 },
    { name: 'ramp-down', kind: 'ramp-down', seconds: downSeconds, factor: 0 },
  ];
}

/** Ramp to each load and hold it. */
function stairs(factors: readonly number[], upSeconds: number, holdSeconds: number): Step[] {
  return factors.flatMap((factor): Step[] => [
    { name: `to ${factor * 100} %`, kind: 'ramp-up', seconds: upSeconds, factor },
    { name: `at ${factor * 100} %`, kind: 'step', seconds: holdSeconds, factor },
  ]);
}

/** The one table of profiles: durations are defaults, and `--duration` rescales them all by the same ratio. */
export const PROFILE_SHAPES: Readonly<Record<Profile, ProfileShape>> = {
  smoke: {
    purpose: 'does it work at all',
    baseCap: 2,
    steps: [{ name: 'steady', kind: 'hold', seconds: 10, factor: 1 }],
  },
  load: {
    purpose: 'are the targets met at the expected load',
    steps: plateau(30, 180, 30),
  },
  stress: {
    purpose: 'what happens above the expected load, and does it recover',
    steps: [
      { name: 'ramp-up', kind: 'ramp-up', seconds: 30, factor: 1 },
      { name: 'at 100 %', kind: 'step', seconds: 90, factor: 1 },
      ...stairs([1.5, 2, 3], 30, 90),
      { name: 'back to 100 %', kind: 'ramp-down', seconds: 30, factor: 1 },
      { name: 'recovery', kind: 'hold', seconds: 60, factor: 1 },
      { name: 'ramp-down', kind: 'ramp-down', seconds: 30, factor: 0 },
    ],
  },
  spike: {
    purpose: 'how does it handle a sudden burst, and when does it recover',
    steps: [
      { name: 'ramp-up', kind: 'ramp-up', seconds: 15, factor: 1 },
      { name: 'before', kind: 'hold', seconds: 45, factor: 1 },
      { name: 'burst', kind: 'ramp-up', seconds: 5, factor: 5 },
      { name: 'spike', kind: 'spike', seconds: 30, factor: 5 },
      { name: 'drop', kind: 'ramp-down', seconds: 5, factor: 1 },
      { name: 'recovery', kind: 'hold', seconds: 65, factor: 1 },
      { name: 'ramp-down', kind: 'ramp-down', seconds: 15, factor: 0 },
    ],
  },
  soak: {
    purpose: 'does it stay stable over time: leaks, drift, exhaustion',
    steps: plateau(180, 3300, 120),
  },
  breakpoint: {
    purpose: 'at which load does it stop meeting its targets',
    steps: stairs([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 15, 45),
  },
};
