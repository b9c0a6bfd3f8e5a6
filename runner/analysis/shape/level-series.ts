// Builds the series of a statistic over the steady load, and computes its change from start to end with an interval.

import type { Statistic } from '../../model/kpi.ts';
import type { Aggregate, Interval } from '../../model/metrics.ts';
import { combine } from '../statistics/combine.ts';
import { WIDENING } from '../statistics/interval.ts';
import { median } from '../statistics/numbers.ts';
import { quantileOf, statisticValue } from '../statistics/statistic.ts';
import { type Drift, driftOf } from './drift.ts';
import { shapeOf } from './shape.ts';
import type { Shape } from './shape-kinds.ts';

// Steps are found first, because a drift is only the slope between them:
//
//   drift    the slope of the longest part between two steps, or of the part after the series levelled off
//   change   for a step or a series that levelled off: the levels before and after, ± 2.5 standard errors with correlated noise
//            (1.96 for 95 %, the rest because the place was searched); for anything else the slope times the length
//
// Below 5 minutes both are indicative: each end is moved half as far again from the value.

const MOST_PERIODS = 120;
export const FEWEST_PERIODS = 20;
/** A percentile of a period with fewer samples beyond it is mostly noise. */
const SAMPLES_BEYOND = 1;
const HOUR_MS = 3_600_000;
/** From this clarity a step is certain, wherever in the run it was searched. */
const CERTAIN = 5;
const STEP_ERRORS = 2.5;

export type Series = ReadonlyArray<number | undefined>;

export interface LevelSeries {
  readonly series: Series;
  /** Time per element. */
  readonly intervalMs: number;
}

/**
 * One series per statistic in `bases`: its value in each of up to 120 periods of the cells (ascending indices),
 * including gaps between them. Empty without cells.
 */
export function levelSeries(
  timeline: readonly Interval[],
  cells: readonly number[],
  bases: readonly Statistic[],
  intervalMs: number,
): LevelSeries[] {
  const [first, last] = [cells[0], cells.at(-1)];
  if (first === undefined || last === undefined) return [];
  const wanted = new Set(cells);
  const parts = timeline
    .slice(first, last + 1)
    .map(({ aggregate }, index) => (wanted.has(first + index) ? aggregate : undefined));
  // Adding up histograms is expensive, so statistics with periods of one size are computed together.
  const bySize = new Map<number, Statistic[]>();
  for (const base of bases) {
    const size = Math.ceil(parts.length / periodCount(parts, base));
    bySize.set(size, [...(bySize.get(size) ?? []), base]);
  }
  const levels = new Map<Statistic, LevelSeries>();
  for (const [size, shared] of bySize) {
    const rows = periodsOf(parts, size).map((sum) =>
      shared.map((base) => (sum === undefined ? undefined : statisticValue(sum, base, undefined))),
    );
    for (const [place, base] of shared.entries()) {
      levels.set(base, { series: rows.map((row) => row[place]), intervalMs: size * intervalMs });
    }
  }
  return bases.flatMap((base) => levels.get(base) ?? []);
}

function periodsOf(parts: ReadonlyArray<Aggregate | undefined>, size: number): Array<Aggregate | undefined> {
  if (size === 1) return [...parts];
  const periods: Array<Aggregate | undefined> = [];
  for (let at = 0; at < parts.length; at += size) {
    periods.push(combine(parts.slice(at, at + size).filter((part) => part !== undefined)));
  }
  return periods;
}

/** As many periods as leave each enough samples for the statistic. */
function periodCount(parts: ReadonlyArray<Aggregate | undefined>, base: Statistic): number {
  const samples = parts.reduce((sum, part) => sum + (part?.count ?? 0), 0);
  const q = quantileOf(base) ?? 0.5;
  const most = Math.floor((samples * Math.min(q, 1 - q)) / SAMPLES_BEYOND);
  return Math.max(1, Math.min(parts.length, MOST_PERIODS, Math.max(most, FEWEST_PERIODS)));
}

/** A change over a time, with its 95 % interval; an end is undefined if open. */
export interface Change {
  /** Level at the start and at the end. */
  readonly from: number;
  readonly to: number;
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly isFirm: boolean;
  readonly points: number;
  readonly spanMs: number;
}

/** The change from start to end; undefined with too few values. `low` and `high` refer to `to - from`. */
export function changeOf({ series, intervalMs }: LevelSeries): Change | undefined {
  const shape = stepOf(series);
  const passes = shape?.at !== undefined && shape.until !== undefined;
  // A temporary level is no change from start to end.
  const lasting = passes ? withoutPart(series, shape.at ?? 0, shape.until ?? 0) : series;
  const drift = driftOf(lasting, intervalMs);
  if (drift === undefined) return undefined;
  const { isFirm, points, spanMs } = drift;
  const hours = spanMs / HOUR_MS;
  if (shape !== undefined && !passes) {
    const by = shape.to - shape.from;
    const half = (Math.abs(by) / shape.clarity) * STEP_ERRORS * (isFirm ? 1 : WIDENING);
    return { from: shape.from, to: shape.to, low: by - half, high: by + half, isFirm, points, spanMs };
  }
  const { from, to } = lineOf(lasting, drift, intervalMs);
  const end = (perHour: number | undefined) => widened(perHour, drift)?.(hours);
  return { from, to, low: end(drift.low), high: end(drift.high), isFirm, points, spanMs };
}

/** The drift of the part between steps, its level at the start, and the step that was left out. */
export interface LevelDrift {
  readonly drift: Drift;
  readonly from: number;
  readonly to: number;
  readonly after: Shape | undefined;
}

/** The drift of the longest part between steps; undefined with too few values. */
export function driftBetweenSteps({ series, intervalMs }: LevelSeries): LevelDrift | undefined {
  const shape = stepOf(series);
  const part = shape === undefined ? series : longestPart(series, shape);
  const drift = driftOf(part, intervalMs);
  return drift === undefined ? undefined : { drift, ...lineOf(part, drift, intervalMs), after: shape };
}

/** The series without its step: the longer side, or everything but the time at another level. */
export function longestPart(series: Series, { kind, at = 0, until }: Pick<Shape, 'kind' | 'at' | 'until'>): Series {
  if (kind === 'levelled_off') return series.slice(at);
  if (until !== undefined) return withoutPart(series, at, until);
  return at > series.length / 2 ? series.slice(0, at) : series.slice(at);
}

/** Where the series stepped or levelled off (shape.ts), too clearly for noise; undefined if nowhere. */
export function stepOf(series: Series): Shape | undefined {
  const shape = shapeOf(series);
  const isStep = shape?.kind === 'stepped' || shape?.kind === 'levelled_off';
  return isStep && shape.at !== undefined && shape.clarity >= CERTAIN ? shape : undefined;
}

function withoutPart(series: Series, from: number, to: number): Series {
  return series.map((value, index) => (index >= from && index < to ? undefined : value));
}

/** Levels at both ends of the slope. */
function lineOf(series: Series, drift: Drift, intervalMs: number): { from: number; to: number } {
  const known = series.flatMap((value, at) => (value === undefined ? [] : [{ at, value }]));
  const slope = (drift.perHour * intervalMs) / HOUR_MS;
  const line = median(known.map(({ at, value }) => value - slope * at)) ?? 0;
  const [begin, end] = [known[0]?.at ?? 0, known.at(-1)?.at ?? 0];
  // A line through a curve may start below everything that was measured.
  const least = known.reduce((lowest, { value }) => Math.min(lowest, value), Infinity);
  return { from: Math.max(line + slope * begin, least), to: line + slope * end };
}

/** One end of the slope's interval, as a function of hours; undefined if it is open. */
export function widened(
  perHour: number | undefined,
  { perHour: slope, isFirm }: Drift,
): ((hours: number) => number) | undefined {
  if (perHour === undefined) return undefined;
  const end = slope + (perHour - slope) * (isFirm ? 1 : WIDENING);
  return (hours) => end * hours;
}
