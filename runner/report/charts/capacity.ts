// The steps of a capacity search as points: p95 against throughput, with the knee marked.

import { median } from '../../analysis/statistics/numbers.ts';
import { duration, isFigure, perSecond } from '../../text/format.ts';
import type { ChartInput } from './chart.ts';
import { MAX_TABLE_ROWS } from './chart-limits.ts';
import type { ChartFigure, XyPlot } from './figure.ts';

/** The chart of a capacity search; undefined for any other run, and if fewer than two steps had requests. */
export function capacityChart({ result: { capacity } }: Pick<ChartInput, 'result'>): ChartFigure | undefined {
  const held = (capacity?.steps ?? []).flatMap((step) =>
    isFigure(step.requests_per_s) && isFigure(step.p95_ms)
      ? [{ load: step.load, rate: step.requests_per_s, p95Ms: step.p95_ms, isMet: step.is_met }]
      : [],
  );
  if (capacity === undefined || held.length < 2) return undefined;
  const { requests_per_s: kneeRate, p95_ms: kneeMs, missed_at: missedAt } = capacity;
  const points = held.toSorted((a, b) => a.rate - b.rate);
  const highest = Math.max(...held.map(({ p95Ms }) => p95Ms));
  const loads = [...new Set(held.map(({ load }) => load))].sort((a, b) => a - b);
  const middle = (load: number, of: (step: (typeof held)[number]) => number) =>
    median(held.filter((step) => step.load === load).map(of)) ?? 0;
  const plot: XyPlot = {
    kind: 'xy',
    height: 220,
    style: 'points',
    ...(isFigure(kneeRate) && missedAt !== null ? { knee: kneeRate } : {}),
    ink: 'p95',
    points: points.map(({ rate, p95Ms }) => [rate, p95Ms]),
    marked: points.flatMap(({ isMet }, index) => (isMet ? [] : [index])),
    curve: loads.map((load) => [middle(load, ({ rate }) => rate), middle(load, ({ p95Ms }) => p95Ms)]),
    dot: 9,
    isWide: true,
    xFormat: 'perSecond',
    format: 'duration',
    xLabel: 'requests per second',
    yLabel: 'p95',
  };
  const knee =
    !isFigure(kneeRate) || !isFigure(kneeMs)
      ? 'No load met the targets.'
      : missedAt === null
        ? `No knee up to ${perSecond(kneeRate)}, where p95 is ${duration(kneeMs)}.`
        : `Knee at ${perSecond(kneeRate)}: p95 is ${duration(kneeMs)} there and up to ${duration(highest)} above it.`;
  return {
    name: 'capacity',
    title: 'p95 against requests per second',
    takeaway: `Each point is a load that was held; red points missed a target. ${knee}`,
    plot,
    table: {
      columns: ['Throughput', 'p95', 'Targets'],
      rows: points
        .slice(0, MAX_TABLE_ROWS)
        .map(({ rate, p95Ms, isMet }) => [perSecond(rate), duration(p95Ms), isMet ? 'met' : 'missed']),
    },
  };
}
