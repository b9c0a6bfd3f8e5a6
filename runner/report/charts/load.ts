// The load over time: active VUs, and for arrival-rate executors the requested, completed and dropped iterations.

import { requestedRate } from '../../analysis/load/arrival-rate.ts';
import type { TagFilter, TimeRange } from '../../model/metrics.ts';
import { count, elapsed, perSecond, plural } from '../../text/format.ts';
import { type Band, bandsPlot } from './area.ts';
import type { ChartInput } from './chart.ts';
import type { ChartFigure, Point } from './figure.ts';
import { highest, pointsOf, ratesOf, secondsOf, tableOverTime } from './timeline.ts';

/** Active VUs; undefined if k6 reported none. */
export function vusChart(input: ChartInput): ChartFigure | undefined {
  const vus = pointsOf(input, 'vus', (aggregate) => aggregate.max);
  const peak = highest(vus);
  if (peak === undefined) return undefined;
  return {
    name: 'vus',
    title: 'Active virtual users',
    takeaway: `Max ${count(peak.value)}, first at ${elapsed(peak.atMs)}.`,
    ...bandsPlot(input, 170, [{ name: 'VUs', ink: 'vus', style: 'area', points: vus }], 'count'),
    table: tableOverTime(input, ['VUs, min', 'VUs, max'], (range) => {
      const part = input.metrics.total('vus', {}, range);
      return [count(part?.min), count(part?.max)];
    }),
  };
}

/** Filters for the scenarios with an arrival-rate executor; one without tags if all scenarios have such, or none. */
function arrivalRateFilters({ result: { scenarios } }: ChartInput): TagFilter[] {
  const open = Object.entries(scenarios).filter(([, { executor }]) => executor.endsWith('-arrival-rate'));
  return open.length === 0 || open.length === Object.keys(scenarios).length
    ? [{}]
    : open.map(([scenario]) => ({ scenario }));
}

function plus(a: readonly Point[], b: readonly Point[]): Point[] {
  return a.map(([atMs, value], index) => {
    const other = b[index]?.[1] ?? null;
    return [atMs, value === null && other === null ? null : (value ?? 0) + (other ?? 0)];
  });
}

/** Requested and achieved arrival rate; undefined without an arrival-rate executor and dropped iterations. */
export function arrivalsChart(input: ChartInput): ChartFigure | undefined {
  const requested = requestedRate(input.result.scenarios, input.result.options);
  const filters = arrivalRateFilters(input);
  // Without iterations that maxDuration cut off: k6 counts them as dropped too, but they were due at no particular time.
  const droppedTotal = input.result.iterations.dropped;
  if (requested === undefined && droppedTotal === 0) return undefined;
  const sumOf = (metric: string) =>
    filters.map((filter) => ratesOf(input, metric, (aggregate) => aggregate.sum, filter)).reduce(plus);
  const achieved = sumOf('iterations');
  if (achieved.length === 0) return undefined;
  const bands: Band[] = [
    { name: 'completed', ink: 'achieved', style: 'area', points: achieved },
    ...(droppedTotal === 0
      ? []
      : [{ name: 'dropped', ink: 'dropped', style: 'area', points: sumOf('dropped_iterations') } as const]),
  ];
  if (requested !== undefined) {
    const points = achieved.map(([atMs]): [number, number] => [atMs, requested(atMs)]);
    bands.push({ name: 'requested', ink: 'asked', style: 'line', dash: [6, 3], points });
  }
  const totalOf = (metric: string, range?: TimeRange) =>
    filters.reduce((sum, filter) => sum + (input.metrics.total(metric, filter, range)?.sum ?? 0), 0);
  const completed = totalOf('iterations');
  const ofScenarios = filters.every(({ scenario }) => scenario === undefined) ? '' : ' of arrival-rate scenarios';
  return {
    name: 'arrivals',
    title: 'Iterations per second: requested, completed, dropped',
    takeaway:
      droppedTotal === 0
        ? `${plural(completed, 'iteration')}${ofScenarios} completed, none dropped.`
        : `${plural(droppedTotal, 'iteration')}${ofScenarios} dropped because no VU was free; ${count(completed)} completed.`,
    ...bandsPlot(input, 210, bands, 'perSecond'),
    table: tableOverTime(input, ['Requested/s', 'Completed/s', 'Dropped/s'], (range) => {
      const seconds = secondsOf(input, range);
      const middle = (range.fromMs + range.toMs) / 2 - input.loadStartMs;
      return [
        perSecond(requested?.(middle)),
        perSecond(totalOf('iterations', range) / seconds),
        perSecond(droppedTotal === 0 ? 0 : totalOf('dropped_iterations', range) / seconds),
      ];
    }),
  };
}
