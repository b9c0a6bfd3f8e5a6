// Compares a percentile of two runs without intervals: whether they differ by far more than chance explains for this
// number of requests.

// ln of a quantile of n lognormal times has the error σ √(q(1-q)/n) / φ(z_q), with σ = ln(p95/p50)/1.645 of the run.
// Neighbouring requests are alike, so the error is doubled. It compares these two runs only, and does not include the
// spread between runs of one build.

import jStat from 'jstat';
import type { Change } from '../../model/comparison.ts';

const P95_NORMAL = 1.6449;
const DOUBLED = 2;
/** Two-sided 1 %. */
const CRITICAL = 2.576;
const ENOUGH_SAMPLES = 20;
/** At least this many requests lie beyond the percentile. */
const MIN_TAIL = 5;

export interface PlainSide {
  /** Value of the compared percentile. */
  readonly value: number;
  readonly p50: number;
  readonly p95: number;
  readonly samples: number;
}

function errorOf({ p50, p95, samples }: PlainSide, q: number): number {
  const sigma = Math.log(p95 / p50) / P95_NORMAL;
  const z = jStat.normal.inv(q, 0, 1);
  const density = Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI);
  return (DOUBLED * sigma * Math.sqrt((q * (1 - q)) / samples)) / density;
}

/** `least`: smallest relative change that counts. unknown: the difference may be chance, or is too small to count. */
export function plainDifference(a: PlainSide, b: PlainSide, q: number, least: number): Change {
  const isUsable = ({ value, p50, p95, samples }: PlainSide) =>
    value > 0 && p50 > 0 && p95 >= p50 && samples * Math.min(q, 1 - q) >= MIN_TAIL && samples >= ENOUGH_SAMPLES;
  if (!isUsable(a) || !isUsable(b)) return 'unknown';
  const d = Math.log(b.value / a.value);
  const isCertain = Math.abs(d) > CRITICAL * Math.hypot(errorOf(a, q), errorOf(b, q));
  if (!isCertain || Math.abs(d) < Math.log1p(least)) return 'unknown';
  return d > 0 ? 'worse' : 'better';
}
