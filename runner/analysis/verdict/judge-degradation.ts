// Judges the built-in targets of a soak: no endpoint gets slower, and the memory of no process keeps rising.

import type { JudgedKpi, Kpi } from '../../model/kpi.ts';
import type { RunMetrics, TagFilter } from '../../model/metrics.ts';
import { meansOfLine } from '../../monitor/line-means.ts';
import { panelsOf } from '../../monitor/panels.ts';
import { serverResult } from '../../monitor/server-figures.ts';
import { DEGRADATION } from '../../targets/drift-target.ts';
import { oneLine } from '../../text/display-text.ts';
import { bytes, duration, plural, significant } from '../../text/format.ts';
import { type JudgedPartContext, judgedPartOf } from '../load/judged-part.ts';
import { primaryLatency } from '../requests/primary.ts';
import { MIN_DRIFT_MS } from '../shape/drift.ts';
import { type Change, changeOf, FEWEST_PERIODS, levelSeries } from '../shape/level-series.ts';
import { ongoingDriftOf } from '../shape/ongoing-drift.ts';
import { shapeOf } from '../shape/shape.ts';
import type { GradedInterval } from '../statistics/interval.ts';
import { WIDENING } from '../statistics/interval.ts';
import { confidenceOf } from '../statistics/kpi-interval.ts';
import { noData } from './reading.ts';

// Both are missed only if the lower end of the change exceeds the target in percent and `leastRise`. A rise that noise
// may explain is no miss, because these targets are built in.

const BASES = ['med', 'p(95)'] as const;
/** With more endpoints, they are not examined individually. */
const MOST_ENDPOINTS = 200;
const HOUR_MS = 3_600_000;
/** If memory rises at less than this share of its earlier speed in the second half, it is filling up. */
export const SLOWING = 0.5;
/** From this clarity a rise cannot be noise. */
const CERTAIN = 5;

interface Candidate {
  readonly change: Change;
  readonly kpi: Kpi;
  /** What rose from where to where. */
  readonly note: string;
}

/**
 * No endpoint's p50 or p95 may rise by more than the target over the steady load. Returns the KPI of the worst
 * endpoint.
 */
export function judgeDegradation(kpi: Kpi, metrics: RunMetrics, context: JudgedPartContext): JudgedKpi {
  const primary = primaryLatency(metrics);
  if (primary === undefined) return noData(kpi, 'the run has no response times');
  const { metric } = primary;
  const everything = metrics.timeline(metric, primary.filter);
  const judgedPart = judgedPartOf('steady', everything, context, metrics);
  if ('missing' in judgedPart) return noData(kpi, judgedPart.missing);
  const cells = judgedPart.runs.flat();
  const candidates = endpoints(metrics, metric, primary.filter).flatMap((filter) => {
    const timeline = metrics.timeline(metric, filter);
    return levelSeries(timeline, cells, BASES, metrics.intervalMs).flatMap((series, i): Candidate[] => {
      const base = BASES[i] ?? 'med';
      const change = changeOf(series);
      if (change === undefined || (!change.isFirm && change.points < FEWEST_PERIODS)) return [];
      const { from, to, spanMs } = change;
      const name = oneLine(filter.name ?? metric, 120);
      const note = `${name}: ${base === 'med' ? 'p50' : 'p95'} went from ${significant(from, 3)} to ${significant(to, 3)} ms over ${duration(spanMs, { trim: true })} of steady load`;
      return [{ change, note, kpi: { ...kpi, metric, filter, statistic: `${base} ${DEGRADATION}` } }];
    });
  });
  return worstOf(candidates) ?? noData({ ...kpi, metric }, 'too few samples in the steady load');
}

/**
 * The resident memory of no process may keep rising by more than the target over the steady load. A step, a cache that
 * fills and stays, and a rise that slows to half its speed or less are no misses. Returns the KPI of the process that
 * grew most.
 */
export function judgeMemory(kpi: Kpi, metrics: RunMetrics, context: JudgedPartContext): JudgedKpi {
  const { server } = metrics;
  const lines = server === undefined ? [] : residentLines(metrics);
  if (server === undefined || lines.length === 0) return noData(kpi, 'the memory of no process was read');
  const candidates = lines.flatMap((line): Candidate[] => {
    const levels = meansOfLine(line, server.metrics);
    const judgedPart = judgedPartOf('steady', levels, context, metrics);
    if ('missing' in judgedPart) return [];
    const cells = judgedPart.runs.flat();
    const [first = 0, last = -1] = [cells[0], cells.at(-1)];
    const series = levels.slice(first, last + 1).map(({ value }) => value);
    const change = steadyRise(series, server.metrics.intervalMs);
    if (change === undefined) return [];
    const [member] = line.members;
    const note = `${oneLine(line.source, 60)} went from ${bytes(change.from)} to ${bytes(change.to)} over ${duration(change.spanMs, { trim: true })} of steady load`;
    return [{ change, note, kpi: { ...kpi, metric: member?.name ?? kpi.metric, filter: { source: line.source } } }];
  });
  return worstOf(candidates) ?? noData(kpi, 'too few readings of memory in the steady load');
}

/** True if the memory of a process of the system under test was monitored. */
export function watchesMemory(metrics: RunMetrics): boolean {
  return metrics.server !== undefined && residentLines(metrics).length > 0;
}

function residentLines(metrics: RunMetrics) {
  const { panels } = panelsOf(serverResult(metrics.server).metrics ?? []);
  return panels
    .filter(({ id }) => id === 'memory')
    .flatMap(({ lines }) => lines.filter(({ role }) => role === 'resident'));
}

/**
 * The continuing change over the whole length: the speed without the first third, in which memory fills as load begins.
 * No change if it only stepped, filled up or slows down.
 */
export function steadyRise(series: ReadonlyArray<number | undefined>, intervalMs: number): Change | undefined {
  const drift = ongoingDriftOf(series.slice(Math.floor(series.length / 3)), intervalMs);
  const shape = shapeOf(series);
  if (drift === undefined || shape === undefined) return undefined;
  const { points, perHour } = drift;
  const spanMs = series.length * intervalMs;
  const isFirm = spanMs >= MIN_DRIFT_MS;
  const hours = spanMs / HOUR_MS;
  const continues = shape.kind === 'rising' ? shape.evenness >= SLOWING && shape.clarity >= CERTAIN : drift.fromLows;
  const end = (slope: number | undefined) =>
    slope === undefined || !continues ? undefined : (perHour + (slope - perHour) * (isFirm ? 1 : WIDENING)) * hours;
  const from = shape.kind === 'rising' || shape.kind === 'steady' ? shape.from : shape.to;
  return { from, to: from + perHour * hours, low: end(drift.low), high: end(drift.high), isFirm, points, spanMs };
}

/** The candidate that most surely misses its target, judged; if none misses, the one that rose most. */
function worstOf(candidates: readonly Candidate[]): JudgedKpi | undefined {
  const weighed = candidates
    .filter(({ change }) => change.from > 0)
    .map((candidate) => ({ candidate, excess: excessOf(candidate), rise: candidate.change.to / candidate.change.from }))
    .sort((a, b) => b.excess - a.excess || b.rise - a.rise);
  const worst = weighed[0]?.candidate;
  return worst === undefined ? undefined : judged(worst, candidates.length, (weighed[0]?.excess ?? 0) >= 1);
}

/**
 * How many times the certain part of the change exceeds both limits: missed from 1; below 0.5 it is 0, and candidates
 * are sorted by their rise.
 */
function excessOf({ change: { low, from }, kpi }: Candidate): number {
  if (low === undefined || low <= 0) return 0;
  const times = Math.min(((low / from) * 100) / kpi.target, kpi.leastRise ? low / kpi.leastRise : Infinity);
  return times >= 0.5 ? times : 0;
}

function judged({ change, kpi, note }: Candidate, of: number, isMissed: boolean): JudgedKpi {
  const { from, to, low, high, isFirm, points } = change;
  const share = (by: number | undefined) => (by === undefined ? undefined : (by / from) * 100);
  const isBeyond = (share(to - from) ?? 0) >= kpi.target;
  const interval: GradedInterval = { low: share(low), high: share(high), grade: isFirm ? 'decided' : 'indicative' };
  return {
    ...kpi,
    verdict: isMissed ? 'fail' : 'pass',
    method: isFirm ? 'decided' : 'indicative',
    reason: isBeyond && !isMissed ? 'not_proven' : 'clear',
    decidesAfterMs: undefined,
    actual: share(to - from),
    ciLow: interval.low,
    ciHigh: interval.high,
    // For a built-in limit it does not matter whether a rise is within the margin of error.
    confidence: isMissed ? confidenceOf(kpi, { ...interval, firm: isFirm }) : 'unknown',
    samples: points,
    note: of === 1 ? note : `${note}; the worst of ${plural(of, 'series', 'series')}`,
  };
}

/**
 * Filters for the endpoints, by name; a single filter for everything if there are too many or requests have no name.
 */
function endpoints(metrics: RunMetrics, metric: string, filter: TagFilter): TagFilter[] {
  const names = metrics.groupBy(metric, ['name'], filter).flatMap(({ tags }) => tags.name || []);
  return names.length === 0 || names.length > MOST_ENDPOINTS ? [filter] : names.map((name) => ({ ...filter, name }));
}
