// A target on the growth of a metric of the system under test becomes its verdict: per hour, over the steady part of the load.

import type { JudgedKpi, Kpi } from '../model/kpi.ts';
import type { RunMetrics } from '../model/metrics.ts';
import { plural } from '../text/format.ts';
import { noData } from './reading.ts';
import { meets } from './statistic.ts';
import { type StretchContext, stretchOf } from './stretch.ts';
import { MIN_TREND_ESS, MIN_TREND_POINTS, trendOf } from './trend.ts';

const HOUR_MS = 3_600_000;

/**
 * Growth is the Theil-Sen slope of the interval means, per hour. Ramps are left out unless the KPI says `during`: memory that comes
 * with the load is no leak. Pass or fail only where the whole 95 % interval of the slope is on one side of the target and the run
 * is long enough for one (300 intervals worth 10 independent observations); inconclusive otherwise, without a figure below 300 intervals.
 */
export function judgeGrowth(kpi: Kpi, metrics: RunMetrics, context: StretchContext): JudgedKpi {
  const timeline = metrics.timeline(kpi.metric, kpi.filter);
  const stretch = stretchOf(kpi.during ?? 'steady', timeline, context, metrics);
  if ('missing' in stretch) return noData(kpi, stretch.missing);
  const cells = stretch.runs.flat();
  const [first, last] = [cells[0], cells.at(-1)];
  if (first === undefined || last === undefined) return noData(kpi, 'no interval of the run is steady');
  // Steps in between that are not steady stay gaps: a slope is over time, not over cells.
  const wanted = new Set(cells);
  const series = withoutEnds(
    timeline
      .slice(first, last + 1)
      .map(({ aggregate }, index) => (wanted.has(first + index) ? aggregate?.mean : undefined)),
  );
  const trend = trendOf(series);
  if (trend === undefined) return noData(kpi, 'there are too few readings in the steady part of the load for a slope');
  const perHour = HOUR_MS / metrics.intervalMs;
  const [actual, low, high] = [trend.slope, trend.low, trend.high].map((value) =>
    value === undefined ? undefined : value * perHour,
  );
  if (actual === undefined) return noData(kpi, 'no slope');
  const notes: string[] = [];
  const lengthS = Math.round((series.length * metrics.intervalMs) / 1000);
  const isShort = trend.points < MIN_TREND_POINTS || trend.effective < MIN_TREND_ESS;
  const ends = [low, high].map((end) => (end === undefined ? undefined : meets(end, kpi.comparison, kpi.target)));
  const isOneSided = ends[0] !== undefined && ends[0] === ends[1];
  if (trend.points < MIN_TREND_POINTS) {
    notes.push(
      `${plural(trend.points, 'reading')} over ${lengthS} s are too few to tell growth from noise; it takes ${MIN_TREND_POINTS}, so keep it to a soak (profiles: [soak]) or run longer`,
    );
  } else if (trend.effective < MIN_TREND_ESS) {
    notes.push(
      `neighbouring readings are so alike that they are worth ${Math.floor(trend.effective)} independent ones`,
    );
  } else if (!isOneSided) notes.push('the interval of the slope holds the target: a longer run would tell');
  if (stretch.note !== undefined) notes.push(stretch.note);
  const isDecided = !isShort && isOneSided;
  return {
    ...kpi,
    verdict: !isDecided ? 'inconclusive' : ends[0] === true ? 'pass' : 'fail',
    // Seconds stretched to an hour are no figure: some noise becomes gigabytes.
    actual: trend.points < MIN_TREND_POINTS ? undefined : actual,
    ciLow: trend.points < MIN_TREND_POINTS ? undefined : low,
    ciHigh: trend.points < MIN_TREND_POINTS ? undefined : high,
    confidence: isDecided ? 'firm' : isShort ? 'unknown' : 'open',
    samples: trend.points,
    note: notes.length === 0 ? undefined : notes.join('; '),
  };
}

/** What lies before the first and after the last reading is no gap: nobody was to read there. */
function withoutEnds(series: ReadonlyArray<number | undefined>): ReadonlyArray<number | undefined> {
  const from = series.findIndex((value) => value !== undefined);
  return from < 0 ? [] : series.slice(from, series.findLastIndex((value) => value !== undefined) + 1);
}
