// Metrics of a run → points on the shared time axis, and rows of data tables.

import type { Aggregate, Interval, TagFilter, TimeRange } from '../../model/metrics.ts';
import { elapsed } from '../../text/format.ts';
import type { ChartInput } from './chart.ts';
import { MAX_TABLE_ROWS } from './chart-limits.ts';
import type { ChartTable, Point } from './figure.ts';

export type { Point } from './figure.ts';

/**
 * The metric's timeline in at most `most` intervals. Neighbouring intervals are merged by their samples, so percentiles are those of
 * all samples and not averages of percentiles.
 */
function intervalsOf(
  { metrics }: ChartInput,
  metric: string,
  filter: TagFilter | undefined,
  most: number,
): readonly Interval[] {
  const intervals = metrics.timeline(metric, filter);
  if (intervals.length <= most) return intervals;
  const per = Math.ceil(intervals.length / most);
  const merged: Interval[] = [];
  for (let first = 0; first < intervals.length; first += per) {
    const group = intervals.slice(first, first + per);
    const startMs = group[0]?.startMs ?? 0;
    const lengthMs = group.reduce((sum, interval) => sum + interval.lengthMs, 0);
    const hasSamples = group.some(({ aggregate }) => aggregate !== undefined);
    const range = { fromMs: startMs, toMs: startMs + lengthMs };
    merged.push({ startMs, lengthMs, aggregate: hasSamples ? metrics.total(metric, filter, range) : undefined });
  }
  return merged;
}

/** The part of an interval between the first and the last sample of the run, in milliseconds. */
function coveredMs(input: ChartInput, interval: { startMs: number; lengthMs: number }): number {
  const { firstSampleMs, lastSampleMs } = input.metrics;
  if (firstSampleMs === undefined || lastSampleMs === undefined) return interval.lengthMs;
  const from = Math.max(interval.startMs, firstSampleMs);
  return Math.min(interval.startMs + interval.lengthMs, lastSampleMs) - from;
}

/** The middle of an interval on the time axis. */
function middle(input: ChartInput, interval: Interval): number {
  const at = interval.startMs + interval.lengthMs / 2 - input.loadStartMs;
  return Math.round(Math.min(Math.max(at, 0), input.axisMs));
}

type FigureOf = (aggregate: Aggregate) => number | undefined;

/** A line of one figure; an interval without samples is a gap. For percentiles see percentile-lines.ts. */
export function pointsOf(input: ChartInput, metric: string, figure: FigureOf, filter?: TagFilter): Point[] {
  return intervalsOf(input, metric, filter, input.mostPoints).map((interval): Point => {
    const value = interval.aggregate === undefined ? undefined : figure(interval.aggregate);
    return [middle(input, interval), value ?? null];
  });
}

/**
 * The amount per second of each interval; 0 without samples. The first and the last interval are measured only in part: their rate
 * covers the measured part, and if that is less than half, they are gaps, because the rate could show a false dip.
 */
export function ratesOf(
  input: ChartInput,
  metric: string,
  amount: (aggregate: Aggregate) => number,
  filter?: TagFilter,
  most = input.mostPoints,
): Point[] {
  const intervals = intervalsOf(input, metric, filter, most);
  return intervals.map((interval): Point => {
    const covered = coveredMs(input, interval);
    const isPartial = covered < interval.lengthMs;
    if (isPartial && covered < interval.lengthMs / 2 && intervals.length > 2) return [middle(input, interval), null];
    const perMs = (interval.aggregate === undefined ? 0 : amount(interval.aggregate)) / Math.max(covered, 1);
    return [middle(input, interval), perMs * 1000];
  });
}

/** The run in at most MAX_TABLE_ROWS ranges of whole intervals, for data tables; milliseconds since 1970. */
function stretches(input: ChartInput): TimeRange[] {
  const { firstSampleMs, lastSampleMs, intervalMs } = input.metrics;
  if (firstSampleMs === undefined || lastSampleMs === undefined) return [];
  // All metrics have the same grid of intervals, which need not begin at a round time.
  const [anyMetric] = input.metrics.metrics.keys();
  const start = (anyMetric === undefined ? undefined : input.metrics.timeline(anyMetric)[0]?.startMs) ?? firstSampleMs;
  const intervals = Math.max(Math.ceil((lastSampleMs + 1 - start) / intervalMs), 1);
  const perStretch = Math.ceil(intervals / MAX_TABLE_ROWS) * intervalMs;
  const ranges: TimeRange[] = [];
  for (let from = start; from <= lastSampleMs; from += perStretch)
    ranges.push({ fromMs: from, toMs: from + perStretch });
  return ranges;
}

/** A table of the run over time; `cells` returns the cells after the time. */
export function tableOverTime(
  input: ChartInput,
  columns: readonly string[],
  cells: (range: TimeRange) => readonly string[],
): ChartTable {
  const ranges = stretches(input);
  return {
    columns: ['Time', ...columns],
    rows: ranges.map((range) => [elapsed(range.fromMs - input.loadStartMs), ...cells(range)]),
    startedAtMs: ranges.map(({ fromMs }) => fromMs),
  };
}

/** Seconds of a range between the first and the last sample, at least 0.001. */
export function secondsOf(input: ChartInput, range: TimeRange): number {
  return Math.max(coveredMs(input, { startMs: range.fromMs, lengthMs: range.toMs - range.fromMs }), 1) / 1000;
}

/** Whether any of the points is above 0. */
export function hasAny(points: readonly Point[]): boolean {
  return points.some(([, value]) => value !== null && value > 0);
}

/** The highest value of some points, or undefined. */
export function highest(points: readonly Point[]): { atMs: number; value: number } | undefined {
  let best: { atMs: number; value: number } | undefined;
  for (const [atMs, value] of points) {
    if (value !== null && (best === undefined || value > best.value)) best = { atMs, value };
  }
  return best;
}

/** At most `most` points, each the highest value of its part, so that spikes remain. */
export function thinned(points: readonly Point[], most: number): Point[] {
  const per = Math.ceil(points.length / most);
  if (per <= 1) return [...points];
  const kept: Point[] = [];
  for (let first = 0; first < points.length; first += per) {
    const group = points.slice(first, first + per);
    kept.push([group[Math.floor(group.length / 2)]?.[0] ?? 0, highest(group)?.value ?? null]);
  }
  return kept;
}

/** The lowest value of some points, or undefined. */
export function lowest(points: readonly Point[]): number | undefined {
  let best: number | undefined;
  for (const [, value] of points) if (value !== null && (best === undefined || value < best)) best = value;
  return best;
}

/** a − b at each point, never below 0; a gap where either has one. */
export function minus(a: readonly Point[], b: readonly Point[]): Point[] {
  return a.map(([atMs, value], index) => {
    const other = b[index]?.[1];
    return [atMs, value === null || other === null ? null : Math.max(value - (other ?? 0), 0)];
  });
}
