// A target on change over the steady load becomes its verdict: the drift of one statistic, or the worst degradation of any endpoint.

import type { JudgedKpi, Kpi, Statistic } from '../model/kpi.ts';
import type { Aggregate, Interval, RunMetrics, TagFilter } from '../model/metrics.ts';
import { DEGRADATION } from '../targets/drift-target.ts';
import { oneLine } from '../text/display-text.ts';
import { duration, plural } from '../text/format.ts';
import { combine } from './combine.ts';
import { decide } from './decide.ts';
import { type Drift, driftOf, MIN_DRIFT_MS } from './drift.ts';
import { confidenceOf, type GradedInterval, STRETCH } from './interval.ts';
import { primaryLatency } from './primary.ts';
import { noData } from './reading.ts';
import { quantileOf, statisticValue } from './statistic.ts';
import { type StretchContext, stretchOf } from './stretch.ts';

// The statistic of each of up to 120 stretches of the steady load is a series; drift.ts gives its slope with a 95 % interval.
// From 5 minutes on the interval decides. From 20 stretches on a shorter one is indicative, each end half as far again from the
// slope. A change in percent is of the level at the start, by the fitted line.

const MOST_STRETCHES = 120;
const FEWEST_STRETCHES = 20;
/** A percentile of a stretch of fewer samples beyond it is mostly noise. */
const SAMPLES_BEYOND = 1;
const HOUR_MS = 3_600_000;
/** More endpoints than this are not followed one by one. */
const MOST_ENDPOINTS = 200;

interface Level {
  readonly drift: Drift;
  /** By the fitted line, at the start and at the end of the steady load. */
  readonly from: number;
  readonly to: number;
}

interface Change {
  readonly value: number;
  readonly interval: GradedInterval | undefined;
}

/** `p(95) drift < 10 %/h`: the slope per hour. `base` is the statistic that drifts. */
export function judgeDrift(kpi: Kpi, base: Statistic, metrics: RunMetrics, context: StretchContext): JudgedKpi {
  const timeline = metrics.timeline(kpi.metric, kpi.filter);
  const stretch = stretchOf(kpi.during ?? 'steady', timeline, context, metrics);
  if ('missing' in stretch) return noData(kpi, stretch.missing);
  const level = levelOf(timeline, stretch.runs.flat(), base, metrics.intervalMs);
  if (level === undefined) return noData(kpi, 'too few samples in the steady load for a slope');
  const { drift, from, to } = level;
  if (kpi.unit === '%/h' && from <= 0) return noData(kpi, 'the level at the start is 0, of which nothing is a share');
  const scale = kpi.unit === '%/h' ? 100 / from : 1;
  const change = changeOf(drift, scale, 1);
  const notes = [
    `${kpi.unit.startsWith('%') ? `${figure(from)} to ${figure(to)} ms over` : 'over'} ${duration(drift.spanMs, { trim: true })} of steady load`,
    ...(stretch.note === undefined ? [] : [stretch.note]),
  ];
  return judged(kpi, change, drift, notes);
}

/**
 * No endpoint's p50 and p95 may rise by more than the target, in percent of its level at the start, over the steady load; a level
 * below `leastLevel` counts as that, so that small times may rise by as many milliseconds. The KPI comes back as that of the
 * worst endpoint. A rise that noise may explain is no miss: nobody asked for this target.
 */
export function judgeDegradation(kpi: Kpi, metrics: RunMetrics, context: StretchContext): JudgedKpi {
  const primary = primaryLatency(metrics);
  if (primary === undefined) return noData(kpi, 'the run has no response times');
  const everything = metrics.timeline(primary.metric, primary.filter);
  const stretch = stretchOf('steady', everything, context, metrics);
  if ('missing' in stretch) return noData(kpi, stretch.missing);
  const cells = stretch.runs.flat();
  const rows = endpoints(metrics, primary.metric, primary.filter).flatMap((filter) => {
    const timeline = metrics.timeline(primary.metric, filter);
    return (['med', 'p(95)'] as const).flatMap((base) => {
      const level = levelOf(timeline, cells, base, metrics.intervalMs);
      if (level === undefined) return [];
      const scale = 100 / Math.max(level.from, kpi.leastLevel ?? 0);
      return [{ filter, base, level, change: changeOf(level.drift, scale, level.drift.spanMs / HOUR_MS) }];
    });
  });
  const surest = [...rows].sort(
    (a, b) => (b.change.interval?.low ?? -Infinity) - (a.change.interval?.low ?? -Infinity),
  );
  const missed = surest.find(({ change }) => (change.interval?.low ?? -Infinity) >= kpi.target);
  const worst = missed ?? rows.sort((a, b) => b.change.value - a.change.value)[0];
  if (worst === undefined) return noData({ ...kpi, metric: primary.metric }, 'too few samples in the steady load');
  const { filter, base, level, change } = worst;
  const own = { ...kpi, metric: primary.metric, filter, statistic: `${base} ${DEGRADATION}` };
  const rise = `${oneLine(filter.name ?? primary.metric, 120)}: ${base === 'med' ? 'p50' : 'p95'} went from ${figure(level.from)} to ${figure(level.to)} ms over ${duration(level.drift.spanMs, { trim: true })} of steady load`;
  const answer = judged(own, change, level.drift, [`${rise}; the worst of ${plural(rows.length, 'series', 'series')}`]);
  return answer.verdict === 'inconclusive'
    ? { ...answer, verdict: 'pass', method: 'indicative', decidesAfterMs: undefined }
    : answer;
}

function judged(kpi: Kpi, { value, interval }: Change, drift: Drift, notes: readonly string[]): JudgedKpi {
  const decision = decide(kpi, { value, samples: 0, interval, windows: drift.points, lengthMs: drift.spanMs });
  const firm = interval && { ...interval, firm: drift.isFirm };
  return {
    ...kpi,
    ...decision,
    decidesAfterMs: decision.verdict === 'inconclusive' ? decidesAfter(kpi.target, value, interval, drift) : undefined,
    actual: value,
    ciLow: interval?.low,
    ciHigh: interval?.high,
    confidence: confidenceOf(kpi, firm),
    samples: drift.points,
    note: notes.join('; '),
  };
}

/** The error of a slope falls with the length to the power of 1.5. */
function decidesAfter(target: number, value: number, interval: GradedInterval | undefined, drift: Drift) {
  const end = value < target ? interval?.high : interval?.low;
  if (end === undefined || value === target) return drift.isFirm ? undefined : MIN_DRIFT_MS;
  const lengths = (Math.abs(end - value) / Math.abs(target - value)) ** (2 / 3);
  const ms = Math.ceil(drift.spanMs * lengths);
  return ms < 7 * 24 * HOUR_MS ? Math.max(ms, drift.spanMs) : undefined;
}

/** The slope, times `hours`, in another unit; its interval where the series is long enough for one. */
function changeOf({ perHour, low, high, isFirm, points }: Drift, scale: number, hours: number): Change {
  const value = perHour * hours * scale;
  if (!isFirm && points < FEWEST_STRETCHES) return { value, interval: undefined };
  const stretch = isFirm ? 1 : STRETCH;
  const end = (slope: number | undefined) =>
    slope === undefined ? undefined : value + (slope * hours * scale - value) * stretch;
  return { value, interval: { low: end(low), high: end(high), grade: isFirm ? 'decided' : 'indicative' } };
}

/** The series of a statistic over the cells, gaps between them included, and its drift. */
function levelOf(
  timeline: readonly Interval[],
  cells: readonly number[],
  base: Statistic,
  intervalMs: number,
): Level | undefined {
  const [first, last] = [cells[0], cells.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const wanted = new Set(cells);
  const parts = timeline
    .slice(first, last + 1)
    .map(({ aggregate }, index) => (wanted.has(first + index) ? aggregate : undefined));
  const size = Math.ceil(parts.length / stretchesFor(parts, base));
  const series: Array<number | undefined> = [];
  for (let at = 0; at < parts.length; at += size) {
    const sum = combine(parts.slice(at, at + size).filter((part) => part !== undefined));
    series.push(sum === undefined ? undefined : statisticValue(sum, base, undefined));
  }
  const drift = driftOf(series, size * intervalMs);
  if (drift === undefined) return undefined;
  const known = series.flatMap((value, at) => (value === undefined ? [] : [{ at, value }]));
  const slope = (drift.perHour * size * intervalMs) / HOUR_MS;
  const line = median(known.map(({ at, value }) => value - slope * at));
  const begin = known[0]?.at ?? 0;
  const end = known.at(-1)?.at ?? 0;
  // A line through a curve may start below everything that was measured.
  const least = Math.min(...known.map(({ value }) => value));
  return { drift, from: Math.max(line + slope * begin, least), to: line + slope * end };
}

/** As many stretches as leave each the samples that the statistic takes. */
function stretchesFor(parts: ReadonlyArray<Aggregate | undefined>, base: Statistic): number {
  const samples = parts.reduce((sum, part) => sum + (part?.count ?? 0), 0);
  const q = quantileOf(base) ?? 0.5;
  const most = Math.floor((samples * Math.min(q, 1 - q)) / SAMPLES_BEYOND);
  return Math.max(1, Math.min(parts.length, MOST_STRETCHES, Math.max(most, FEWEST_STRETCHES)));
}

/** Filters of the endpoints, by name; one filter for everything where there are too many or requests have no name. */
function endpoints(metrics: RunMetrics, metric: string, filter: TagFilter): TagFilter[] {
  const names = metrics.groupBy(metric, ['name'], filter).flatMap(({ tags }) => tags.name || []);
  return names.length === 0 || names.length > MOST_ENDPOINTS ? [filter] : names.map((name) => ({ ...filter, name }));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}
