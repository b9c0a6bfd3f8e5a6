// Decides whether a target is met, missed, or too close to call, from the value and its interval.

import type { Kpi, VerdictMethod, VerdictReason } from '../../model/kpi.ts';
import { MIN_DECIDED_WINDOWS, MIN_WINDOWS } from './effective-samples.ts';
import { type GradedInterval, WIDENING } from './interval.ts';
import { endsMeet } from './kpi-interval.ts';
import { boundOf, meets, quantileOf } from './statistic.ts';

//   a. a decided interval lies on one side of the target           met or missed, decided
//   b. an indicative interval lies on one side of it               met or missed, indicative
//   c. no interval: the value is off by a factor of 2              met or missed, indicative
//      (percentiles above p95: 3), with a sample in the tail
//   d. otherwise                                                   inconclusive
//
// interval.ts says what decided and indicative are; docs/trust.md how often each answer was wrong.

const FAR = 2;
const FAR_IN_THE_TAIL = 3;
const TAIL_FROM = 0.95;
/** A mean of fewer samples than this proves nothing, however far it is off. */
const MIN_MEAN_SAMPLES = 20;
/** A longer test is not worth a verdict. */
const LONGEST_MS = 7 * 24 * 3_600_000;

/** What a verdict is based on. Lengths are in milliseconds. */
export interface Evidence {
  readonly value: number;
  readonly samples: number;
  readonly interval: GradedInterval | undefined;
  /** True if the interval is computed over several runs: a longer run then decides no sooner. */
  readonly isPooled?: boolean;
  /** Number of windows that the value was measured over, and their total length. */
  readonly windows: number;
  readonly lengthMs: number;
}

export interface Decision {
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly method: VerdictMethod;
  readonly reason: VerdictReason;
  /** See JudgedKpi. */
  readonly decidesAfterMs: number | undefined;
}

type Target = Pick<Kpi, 'statistic' | 'comparison' | 'target'>;

/** Compares the value with the target and ignores noise. */
export function byValue(kpi: Target, value: number, reason: 'exact' | 'k6_rule' | 'smoke'): Decision {
  const isMet = meets(value, kpi.comparison, kpi.target);
  return { verdict: isMet ? 'pass' : 'fail', method: 'point', reason, decidesAfterMs: undefined };
}

/** Returns the three-way verdict. `==` and `!=` ignore the interval, because none lies on one side of them. */
export function decide(kpi: Target, evidence: Evidence): Decision {
  const { value, interval } = evidence;
  if (boundOf(kpi.comparison) === 'none') return byValue(kpi, value, 'exact');
  if (interval === undefined) {
    return isFarOff(kpi, evidence)
      ? { ...byValue(kpi, value, 'exact'), method: 'indicative', reason: 'far_off' }
      : inconclusive('too_short', tooShortMs(kpi, evidence));
  }
  const [low, high] = endsMeet(interval, kpi);
  // A percentile is interpolated between two samples, so it may lie just outside an interval that ends at samples.
  if (low !== high || low !== meets(value, kpi.comparison, kpi.target)) {
    return inconclusive('too_close', evidence.isPooled === true ? undefined : tooCloseMs(kpi, evidence, interval));
  }
  const method = interval.grade === 'decided' ? 'decided' : 'indicative';
  return { verdict: low ? 'pass' : 'fail', method, reason: 'clear', decidesAfterMs: undefined };
}

function inconclusive(reason: 'too_short' | 'too_close', decidesAfterMs: number | undefined): Decision {
  return { verdict: 'inconclusive', method: 'point', reason, decidesAfterMs };
}

function isFarOff({ statistic, target }: Target, { value, samples }: Evidence): boolean {
  if (!(value > 0 && target > 0)) return false;
  const q = quantileOf(statistic);
  if (q === undefined ? samples < MIN_MEAN_SAMPLES : samples * Math.min(q, 1 - q) < 1) return false;
  const factor = farFactorOf(statistic);
  return value >= target * factor || value * factor <= target;
}

/** The factor by which a value without an interval must miss or meet the target to decide. */
export function farFactorOf(statistic: Kpi['statistic']): number {
  const q = quantileOf(statistic);
  return q !== undefined && q > TAIL_FROM ? FAR_IN_THE_TAIL : FAR;
}

/**
 * The interval narrows with the square root of the length, so (h/d)² lengths bring its end to the target; then half of
 * such runs decide.
 */
function tooCloseMs({ target }: Target, { value, lengthMs }: Evidence, interval: GradedInterval): number | undefined {
  const [near, far] = value < target ? [interval.high, interval.low] : [interval.low, interval.high];
  if (value === 0) return near === undefined ? undefined : reachable((lengthMs * near) / target);
  const end = near ?? far;
  if (!(value > 0 && target > 0) || end === undefined || end <= 0) return undefined;
  const half = Math.abs(Math.log(end / value)) / (interval.grade === 'decided' ? 1 : WIDENING);
  return reachable(Math.max(lengthMs * (half / Math.log(target / value)) ** 2, lengthMs));
}

/** Length needed for the shortest possible interval: 20 windows, and 3 samples in the tail if they were independent. */
function tooShortMs({ statistic }: Target, { samples, windows, lengthMs }: Evidence): number | undefined {
  if (samples === 0 || windows === 0) return undefined;
  const q = quantileOf(statistic) ?? 0.5;
  const tail = 20 / (samples * Math.min(q, 1 - q));
  return reachable(lengthMs * Math.max(MIN_DECIDED_WINDOWS / windows, tail, MIN_WINDOWS / windows));
}

function reachable(ms: number): number | undefined {
  return ms <= LONGEST_MS ? Math.ceil(ms) : undefined;
}
