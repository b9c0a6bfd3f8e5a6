// The difference of one statistic between two runs, with its interval and verdict.

import type { Change } from '../../model/comparison.ts';
import { DEFAULT_PRACTICAL_SIZE } from '../../model/practical-size.ts';
import type { ConfidenceInterval } from '../statistics/interval.ts';

// MOVER (Zou & Donner 2008), from the two within-run intervals l to u of x; times on a log scale, shares unchanged:
//
//   d = xB - xA;  L = d - √((xB-lB)² + (uA-xA)²);  U = d + √((uB-xB)² + (xA-lA)²)
//
//   worse    L > 0, and for times d >= the smallest change that counts: 5 % and 5 ms by default (practical-size.ts)
//   better   the mirror image
//   same     L and U within ± that change; for shares within ±0.5 points
//   unknown  everything else, and if one run has no interval
//
// This compares the two runs only. If there is only chance within the runs, at most about 5 % of comparisons say worse
// or better. The variation between runs is in no interval of a single run: of pairs of real runs of the same build,
// between 4 % (a quiet machine) and 80 % (a server near saturation) would be called different. Only several runs of
// each build decide it.

/** Smallest relative change of a time that counts as a change, and largest that counts as none. */
export const LEAST_CHANGE = DEFAULT_PRACTICAL_SIZE.percent / 100;

/** Shares closer than this count as equal: half a percentage point. */
export const SAME_POINTS = 0.005;

/** A value of one run; `interval` is undefined if the run gives none. */
export interface Estimate {
  readonly value: number;
  readonly interval: ConfidenceInterval | undefined;
}

export interface Difference {
  /** Change from a to b: relative to a (0.1 = 10 % more), for shares b - a. undefined if it is not a number. */
  readonly change: number | undefined;
  /** 95 % interval of the change. */
  readonly interval: ConfidenceInterval | undefined;
  readonly verdict: Change;
}

/** The interval of the difference; undefined if either value has none. Never negative in width, despite rounding. */
function mover(a: Estimate, b: Estimate): ConfidenceInterval | undefined {
  if (a.interval === undefined || b.interval === undefined) return undefined;
  const d = b.value - a.value;
  const part = (from: number, to: number) => Math.max(to - from, 0) ** 2;
  return {
    low: d - Math.sqrt(part(b.interval.low, b.value) + part(a.value, a.interval.high)),
    high: d + Math.sqrt(part(b.value, b.interval.high) + part(a.interval.low, a.value)),
  };
}

function logarithm({ value, interval }: Estimate): Estimate | undefined {
  if (!(value > 0)) return undefined;
  const isWhole = interval !== undefined && interval.low > 0;
  return {
    value: Math.log(value),
    interval: isWhole ? { low: Math.log(interval.low), high: Math.log(interval.high) } : undefined,
  };
}

/**
 * The difference of two times, or of two rates per second with `better` = larger. Values must not be negative. `least`:
 * smallest relative change that counts.
 */
export function relativeDifference(
  a: Estimate,
  b: Estimate,
  better: 'smaller' | 'larger' = 'smaller',
  least = LEAST_CHANGE,
): Difference {
  const [from, to] = [logarithm(a), logarithm(b)];
  if (from === undefined || to === undefined) {
    return { change: a.value === b.value ? 0 : undefined, interval: undefined, verdict: 'unknown' };
  }
  const d = to.value - from.value;
  const interval = mover(from, to);
  const verdict = verdictOf(d, interval, Math.log1p(least), Math.log1p(least));
  return {
    change: Math.expm1(d),
    interval: interval && { low: Math.expm1(interval.low), high: Math.expm1(interval.high) },
    verdict: better === 'smaller' ? verdict : mirrored(verdict),
  };
}

/** The difference of two shares of something bad, such as failed requests. */
export function shareDifference(a: Estimate, b: Estimate): Difference {
  const interval = mover(a, b);
  const change = b.value - a.value;
  return { change, interval, verdict: verdictOf(change, interval, 0, SAME_POINTS) };
}

function verdictOf(change: number, interval: ConfidenceInterval | undefined, least: number, same: number): Change {
  if (interval === undefined) return 'unknown';
  if (interval.low > 0 && change >= least) return 'worse';
  if (interval.high < 0 && change <= -least) return 'better';
  return interval.low > -same && interval.high < same ? 'same' : 'unknown';
}

function mirrored(verdict: Change): Change {
  if (verdict === 'worse') return 'better';
  return verdict === 'better' ? 'worse' : verdict;
}
