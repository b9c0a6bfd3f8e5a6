// The load over time: active VUs, and for open models the iterations asked for, those that were done and those dropped.

import { askedRate } from '../../analysis/load/arrival-rate.ts';
import type { TagFilter, TimeRange } from '../../model/metrics.ts';
import { count, elapsed, perSecond, plural } from '../../text/format.ts';
import { type Band, drawBands } from './area.ts';
import type { ChartInput } from './chart.ts';
import type { ChartFigure, Point } from './figure.ts';
import { highest, pointsOf, ratesOf, secondsOf, tableOverTime } from './timeline.ts';

/** Active VUs; undefined where k6 reported none. */
export function vusChart(input: ChartInput): ChartFigure | undefined {
  const vus = pointsOf(input, 'vus', (aggregate) => aggregate.max);
  const peak = highest(vus);
  if (peak === undefined) return undefined;
  return {
    name: 'vus',
    title: 'Active virtual users',
    takeaway: `Max ${count(peak.value)}, first at ${elapsed(peak.atMs)}.`,
    ...drawBands(
      input,
      { name: 'vus', height: 170 },
      [{ name: 'VUs', ink: 'vus', style: 'area', points: vus }],
      'count',
    ),
    table: tableOverTime(input, ['VUs, min', 'VUs, max'], (range) => {
      const part = input.metrics.total('vus', {}, range);
      return [count(part?.min), count(part?.max)];
    }),
  };
}

/** Filters for the scenarios whose load is a rate; one for all iterations where every scenario, or none, is such. */
function openScenarios({ result: { scenarios } }: ChartInput): TagFilter[] {
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

/** Requested against achieved arrival rate; undefined for closed models without dropped iterations. */
export function arrivalsChart(input: ChartInput): ChartFigure | undefined {
  const asked = askedRate(input.result.scenarios, input.result.options);
  const open = openScenarios(input);
  // What maxDuration left out of other scenarios was due at no moment.
  const droppedTotal = input.result.iterations.dropped;
  if (asked === undefined && droppedTotal === 0) return undefined;
  const sumOf = (metric: string) =>
    open.map((filter) => ratesOf(input, metric, (aggregate) => aggregate.sum, filter)).reduce(plus);
  const achieved = sumOf('iterations');
  if (achieved.length === 0) return undefined;
  const bands: Band[] = [
    { name: 'done', ink: 'achieved', style: 'area', points: achieved },
    ...(droppedTotal === 0
      ? []
      : [{ name: 'dropped', ink: 'dropped', style: 'area', points: sumOf('dropped_iterations') } as const]),
  ];
  if (asked !== undefined) {
    const points = achieved.map(([atMs]): [number, number] => [atMs, asked(atMs)]);
    bands.push({ name: 'requested', ink: 'asked', style: 'line', dash: [6, 3], points });
  }
  const totalOf = (metric: string, range?: TimeRange) =>
    open.reduce((sum, filter) => sum + (input.metrics.total(metric, filter, range)?.sum ?? 0), 0);
  const done = totalOf('iterations');
  return {
    name: 'arrivals',
    title: 'Iterations per second: requested, done, dropped',
    takeaway:
      droppedTotal === 0
        ? `${plural(done, 'iteration')} done, none dropped.`
        : `${plural(droppedTotal, 'iteration')} dropped because no VU was free; ${count(done)} done.`,
    ...drawBands(input, { name: 'arrivals', height: 210 }, bands, 'perSecond'),
    table: tableOverTime(input, ['Requested/s', 'Done/s', 'Dropped/s'], (range) => {
      const seconds = secondsOf(input, range);
      const middle = (range.fromMs + range.toMs) / 2 - input.loadStartMs;
      return [
        perSecond(asked?.(middle)),
        perSecond(totalOf('iterations', range) / seconds),
        perSecond(droppedTotal === 0 ? 0 : totalOf('dropped_iterations', range) / seconds),
      ];
    }),
  };
}
