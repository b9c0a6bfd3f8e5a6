// Decides whether response time and throughput of a step are stable, or a queue is still growing.

import type { RunMetrics } from '../../model/metrics.ts';
import { primaryLatency } from '../requests/primary.ts';
import { batchMeans, theilSen } from '../shape/drift.ts';
import { meanOf, squaresAround } from '../statistics/numbers.ts';

// Uses the later two thirds of the time so far: the mean response time and the iterations of each second. Both are
// stable if the slope's 95 % interval (drift.ts) includes 0 and the two halves agree within 2 standard errors of their
// difference, but at most by FAR: a growing queue has correlated noise, which hides its slope. (A light load has few
// iterations, so this limit is for response times only.) A change below NEGLIGIBLE counts as none.

/** The newest second is incomplete. */
const UNSETTLED_MS = 1000;
const LATER_PART = 2 / 3;
const LEAST_VALUES = 6;
/** Longer steps are divided into this many periods. */
const MOST_VALUES = 40;
const NEGLIGIBLE = 0.05;
const AGREE_WITHIN = 2;
const FAR = 0.25;
/** Consecutive checks, one per second, that must agree: a single one may be chance. */
const LOOKS = 3;
/** With fewer requests, p95 is based on fewer than ten. */
const LEAST_REQUESTS = 200;
/** A growing queue increases response times by at least this share over the later part. */
const GROWS_BY = 0.1;

type Series = ReadonlyArray<number | undefined>;

interface Trend {
  /** Slope times the length of the series, divided by its mean; 0 if noise explains it. */
  readonly slope: number;
  /** Difference of the later half from the earlier one; 0 if they agree. */
  readonly difference: number;
}

/**
 * `most`: halves that differ by more than this share of the mean do not agree. undefined if there are too few values,
 * or none above 0.
 */
function trendOf(series: Series, most: number): Trend | undefined {
  const points = batchMeans(series, Math.min(series.length, MOST_VALUES));
  const values = points.map(({ value }) => value);
  const mean = meanOf(values);
  if (points.length < LEAST_VALUES || !(mean > 0)) return undefined;
  const { slope, low, high } = theilSen(points);
  const half = Math.floor(values.length / 2);
  const [before, after] = [values.slice(0, half), values.slice(half)];
  const difference = meanOf(after) - meanOf(before);
  const noise = AGREE_WITHIN * Math.sqrt(errorOf(before) + errorOf(after));
  const agree = Math.abs(difference) <= Math.min(noise, most * mean);
  const isSloped = (low !== undefined && low > 0) || (high !== undefined && high < 0);
  return { slope: isSloped ? (slope * series.length) / mean : 0, difference: agree ? 0 : difference / mean };
}

/** Squared standard error of the mean. */
function errorOf(values: readonly number[]): number {
  return squaresAround(meanOf(values), values) / Math.max(1, values.length - 1) / values.length;
}

/** One value per complete second of a step. */
export interface HeldSeconds {
  /** Start of the first second, epoch milliseconds. */
  readonly startMs?: number | undefined;
  readonly latencyMs: Series;
  readonly iterations: Series;
}

const later = (series: Series): Series => series.slice(Math.ceil(series.length * (1 - LATER_PART)));

function isLevel({ latencyMs, iterations }: HeldSeconds): boolean {
  const trends = [trendOf(later(latencyMs), FAR), trendOf(later(iterations), Number.POSITIVE_INFINITY)];
  return trends.every(
    (trend) => trend !== undefined && Math.max(Math.abs(trend.slope), Math.abs(trend.difference)) < NEGLIGIBLE,
  );
}

function upTo({ latencyMs, iterations }: HeldSeconds, seconds: number): HeldSeconds {
  return { latencyMs: latencyMs.slice(0, seconds), iterations: iterations.slice(0, seconds) };
}

/** The series as they were at each of the last checks. */
function lastLooks(held: HeldSeconds): HeldSeconds[] {
  return Array.from({ length: LOOKS }, (_, back) => upTo(held, held.latencyMs.length - back));
}

/** True if response time and throughput are stable; false also if there are too few values. */
export function isStable(held: HeldSeconds): boolean {
  return lastLooks(held).every(isLevel);
}

/**
 * How much response times still rise at the end, as a share of their mean over the later part; undefined: no growth
 * beyond noise.
 */
export function growthOf(held: HeldSeconds): number | undefined {
  const rises = lastLooks(held).map(({ latencyMs }) => {
    const { slope, difference } = trendOf(later(latencyMs), FAR) ?? { slope: 0, difference: 0 };
    return Math.max(slope >= GROWS_BY ? slope : 0, difference >= FAR ? difference : 0);
  });
  return rises.every((rise) => rise > 0) ? rises[0] : undefined;
}

/** The step so far. `isOver`: its last second is complete, because nothing more will come. */
export function heldSeconds(metrics: RunMetrics, { isOver }: { readonly isOver: boolean }): HeldSeconds {
  const untilMs = (metrics.lastSampleMs ?? 0) - (isOver ? 0 : UNSETTLED_MS);
  const primary = primaryLatency(metrics);
  const whole = (metric: string, filter = {}) =>
    metrics.timeline(metric, filter).filter(({ startMs, lengthMs }) => startMs + lengthMs <= untilMs);
  const times = primary === undefined ? [] : whole(primary.metric);
  return {
    startMs: times[0]?.startMs,
    latencyMs: times.map(({ aggregate }) => aggregate?.mean),
    iterations: whole('iterations').map(({ aggregate }) => aggregate?.sum ?? 0),
  };
}

/** True if a step may end: it lasted at least `leastMs` and is stable. Call it once a second. */
export function mayEnd(metrics: RunMetrics, leastMs: number): boolean {
  const { firstSampleMs, lastSampleMs } = metrics;
  if (firstSampleMs === undefined || lastSampleMs === undefined || lastSampleMs - firstSampleMs < leastMs) return false;
  const primary = primaryLatency(metrics);
  const requests = primary === undefined ? 0 : (metrics.total(primary.metric)?.count ?? 0);
  return requests >= LEAST_REQUESTS && isStable(heldSeconds(metrics, { isOver: false }));
}
