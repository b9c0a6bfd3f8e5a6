// How many pairs of runs there may be → after which of them the builds are compared, and with what chance of a false alarm each time.

import { FALSE_ALARMS } from './runs-difference.ts';

/** Fewer do not show how far pairs lie apart. */
export const LEAST_PAIRS = 3;

/** What the looks before the last may spend of the false alarms together. */
const EARLY_SHARE = 0.4;

export interface Look {
  /** After this many pairs. */
  readonly pairs: number;
  /** The chance of a false alarm at this look; those of all looks add up to 5 %, so it holds wherever the test ends (Bonferroni). */
  readonly alarms: number;
}

/**
 * The looks of a test of at most `most` pairs, 3 or more. Every second pair ends with the new build, which is when there is a look: the last, and
 * from the third or fourth pair on every fourth to second before it, few so that each costs little.
 */
export function looksOf(most: number): Look[] {
  const last = Math.max(LEAST_PAIRS, most);
  const early: number[] = [];
  for (let pairs = last - 2; pairs >= LEAST_PAIRS; pairs -= pairs > 12 ? 4 : 2) early.unshift(pairs);
  const alarms = (FALSE_ALARMS * EARLY_SHARE) / Math.max(1, early.length);
  const final = early.length === 0 ? FALSE_ALARMS : FALSE_ALARMS * (1 - EARLY_SHARE);
  return [...early.map((pairs) => ({ pairs, alarms })), { pairs: last, alarms: final }];
}

/** Whether the old build runs first in pair `pair` (from 1) of at most `most`: a b, b a, a b … so that the last pair ends with the new one. */
export function oldRunsFirst(pair: number, most: number): boolean {
  return (Math.max(LEAST_PAIRS, most) - pair) % 2 === 0;
}
