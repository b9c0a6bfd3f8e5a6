// Plans after which pairs of runs the builds are compared, and with what chance of a false alarm.

import { FALSE_ALARMS } from './runs-difference.ts';

/** Fewer pairs do not show the spread between pairs. */
export const LEAST_PAIRS = 3;

/** Share of the false alarms that all comparisons before the last may use together. */
const EARLY_SHARE = 0.4;

/** One comparison of the builds during a test in pairs. */
export interface Look {
  /** The comparison is made after this many pairs. */
  readonly pairs: number;
  /**
   * Chance of a false alarm in this comparison. They add up to 5 %, so the total holds wherever the test ends
   * (Bonferroni).
   */
  readonly alarms: number;
}

/**
 * The comparisons in a test of at most `most` pairs (3 or more). They come when a pair has ended with the new build,
 * every second pair: at the end, and before that every second to fourth pair from the third or fourth on, few enough
 * that each costs little.
 */
export function looksOf(most: number): Look[] {
  const last = Math.max(LEAST_PAIRS, most);
  const early: number[] = [];
  for (let pairs = last - 2; pairs >= LEAST_PAIRS; pairs -= pairs > 12 ? 4 : 2) early.unshift(pairs);
  const alarms = (FALSE_ALARMS * EARLY_SHARE) / Math.max(1, early.length);
  const final = early.length === 0 ? FALSE_ALARMS : FALSE_ALARMS * (1 - EARLY_SHARE);
  return [...early.map((pairs) => ({ pairs, alarms })), { pairs: last, alarms: final }];
}

/**
 * True if the old build runs first in pair `pair` (from 1) of at most `most`: a b, b a, a b … so that the last pair
 * ends with the new one.
 */
export function oldRunsFirst(pair: number, most: number): boolean {
  return (Math.max(LEAST_PAIRS, most) - pair) % 2 === 0;
}
