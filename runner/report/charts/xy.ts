// Charts with another x axis than time: latency against load, and the percentile curve.

import { kneeOf } from '../../analysis/capacity/knee.ts';
import type { PrimaryLatency } from '../../analysis/requests/primary.ts';
import { median } from '../../analysis/statistics/numbers.ts';
import { duration, percentileName, perSecond } from '../../text/format.ts';
import type { ChartInput } from './chart.ts';
import { MAX_TABLE_ROWS } from './chart-limits.ts';
import type { ChartFigure, XyPlot } from './figure.ts';
import { percentileLines } from './percentile-lines.ts';

/** Fewer points show no relation. */
const FEWEST_POINTS = 8;
/** An interval counts as complete if at most this much of it lies outside the run. */
const SLACK_MS = 50;
/** The load must vary by at least this share of its highest value. */
const LEAST_SPREAD = 0.2;

/**
 * The p95 of each stretch with enough samples against the requests per second that ended in it; undefined if the load hardly changed or
 * the run is too short.
 */
export function loadChart(input: ChartInput, primary: PrimaryLatency): ChartFigure | undefined {
  const { stretches } = percentileLines(input, primary, [0.95], input.mostPoints);
  const { firstSampleMs = -Infinity, lastSampleMs = Infinity } = input.metrics;
  const points = (stretches[0] ?? [])
    // Without intervals that the run covers only in part, because their rate would be too low.
    .filter(({ startMs, endMs }) => startMs >= firstSampleMs - SLACK_MS && endMs <= lastSampleMs + SLACK_MS)
    .map(({ startMs, endMs, aggregate }): [number, number] => {
      const all = input.metrics.total(primary.metric, {}, { fromMs: startMs, toMs: endMs });
      return [((all ?? aggregate).count * 1000) / (endMs - startMs), aggregate.quantile(0.95) ?? 0];
    })
    .sort(([a], [b]) => a - b);
  const [lowest, highest] = [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0];
  if (points.length < FEWEST_POINTS || highest - lowest < highest * LEAST_SPREAD) return undefined;
  const knee = kneeOf(points);
  const plot: XyPlot = {
    kind: 'xy',
    height: 210,
    style: 'points',
    ...(knee === undefined ? {} : { knee: knee.x }),
    ink: 'p95',
    points,
    xFormat: 'perSecond',
    format: 'duration',
    xLabel: `${primary.noun}s per second`,
    yLabel: 'p95',
  };
  const third = Math.ceil(points.length / 3);
  const medianOf = (part: ReadonlyArray<readonly [number, number]>) => median(part.map(([, value]) => value));
  return {
    name: 'load',
    title: `${primary.label} against load`,
    takeaway: `${knee === undefined ? 'Each point is a part of the run.' : `Knee at about ${perSecond(knee.x)}: p95 is ${duration(knee.y)} there and rises steeply above it.`} The median p95 is ${duration(medianOf(points.slice(0, third)))} in the third with the lowest load and ${duration(medianOf(points.slice(-third)))} in the third with the highest.`,
    plot,
    table: {
      columns: ['Rate', 'p95'],
      rows: points
        .filter((_, index) => index % Math.ceil(points.length / MAX_TABLE_ROWS) === 0)
        .map(([rate, value]) => [perSecond(rate), duration(value)]),
    },
  };
}

/** Quantiles of the curve; those beyond what the samples allow are left out. */
const CURVE = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 0.99999];

interface Quantiles {
  readonly count: number;
  quantile(q: number): number | undefined;
}

/** The x of a quantile (0 to 1) on the axis, on which 0.9, 0.99 and 0.999 are equally far apart: -log10(1 - q). */
export function curveX(q: number): number {
  return -Math.log10(1 - q);
}

/** The percentile curve of samples; undefined with too few. `height` in pixels. */
export function percentileCurve(samples: Quantiles, height: number): XyPlot | undefined {
  // Above this quantile every percentile would be the largest sample.
  const furthest = 1 - 1 / Math.max(samples.count, 1);
  const points = CURVE.filter((q) => q <= furthest).map((q): [number, number] => [curveX(q), samples.quantile(q) ?? 0]);
  if (points.length < 3) return undefined;
  return {
    kind: 'xy',
    height,
    style: 'line',
    ink: 'p95',
    points,
    xFormat: 'percentile',
    format: 'duration',
    xLabel: 'percentile',
    yLabel: '',
  };
}

/** The percentile curve of the primary latency; undefined with too few samples. */
export function percentileCurveChart(input: ChartInput, primary: PrimaryLatency): ChartFigure | undefined {
  const total = input.metrics.total(primary.metric, primary.filter);
  const plot = total && percentileCurve(total, 210);
  if (total === undefined || plot === undefined) return undefined;
  return {
    name: 'percentiles',
    title: `${primary.label}: percentile curve`,
    takeaway: `p50 ${duration(total.quantile(0.5))}, p90 ${duration(total.quantile(0.9))}, p99 ${duration(total.quantile(0.99))}. The axis gives p90, p99 and p99.9 equal steps.`,
    plot,
    table: {
      columns: ['Percentile', primary.label],
      rows: plot.points.map(([x, value]) => [percentileName(1 - 10 ** -x, 4), duration(value)]),
    },
  };
}
