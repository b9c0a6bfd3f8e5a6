// Latency over time as a heatmap: all samples of the run, counted in a grid of time and logarithmic latency.

import type { PrimaryLatency } from '../../analysis/requests/primary.ts';
import { representative } from '../../metrics/buckets/histogram.ts';
import type { Bins } from '../../model/metrics.ts';
import { duration, percent } from '../../text/format.ts';
import type { ChartInput } from './chart.ts';
import type { ChartFigure, HeatmapColumn } from './figure.ts';
import { tableOverTime } from './timeline.ts';

/** Enough columns for a wide screen that is zoomed in; the SVG has fewer (draw-heatmap.ts). */
const MAX_COLUMNS = 360;
const ROWS = 28;

/** Edges of the latency axis as log10 of milliseconds. Rows are equal steps between them. */
interface LatencyScale {
  readonly low: number;
  readonly high: number;
}

function scaleOf(min: number, max: number): LatencyScale {
  // At least a third of a decade, so that a constant latency is a line and does not fill the chart.
  const low = Math.log10(Math.max(min, 0.001));
  const high = Math.log10(Math.max(max, 0.0011));
  const room = Math.max((0.34 - (high - low)) / 2, (high - low) * 0.02);
  return { low: low - room, high: high + room };
}

function rowOf(value: number, { low, high }: LatencyScale): number {
  const row = Math.floor(((Math.log10(Math.max(value, 0.001)) - low) / (high - low)) * ROWS);
  return Math.min(Math.max(row, 0), ROWS - 1);
}

/** Adds bins to the counts. `rows` caches the row of each key, because a logarithm per bin and interval would take most of the time. */
function addBins(counts: number[], bins: Bins, scale: LatencyScale, rows: Map<number, number>): void {
  for (let index = 0; index < bins.keys.length; index++) {
    const key = bins.keys[index] ?? 0;
    let row = rows.get(key);
    if (row === undefined) {
      row = rowOf(representative(key), scale);
      rows.set(key, row);
    }
    counts[row] = (counts[row] ?? 0) + (bins.counts[index] ?? 0);
  }
}

function noCounts(): number[] {
  return new Array<number>(ROWS).fill(0);
}

function columnsOf(input: ChartInput, primary: PrimaryLatency, scale: LatencyScale): HeatmapColumn[] {
  const intervals = input.metrics.timeline(primary.metric, primary.filter);
  const perColumn = Math.ceil(intervals.length / Math.min(MAX_COLUMNS, input.mostPoints));
  const columns: HeatmapColumn[] = [];
  const rows = new Map<number, number>();
  for (let first = 0; first < intervals.length; first += perColumn) {
    const group = intervals.slice(first, first + perColumn);
    const counts = noCounts();
    for (const { aggregate } of group) if (aggregate !== undefined) addBins(counts, aggregate.bins(), scale, rows);
    const start = group[0]?.startMs ?? 0;
    const fromMs = Math.max(start - input.loadStartMs, 0);
    const toMs = Math.min(
      start + group.reduce((sum, { lengthMs }) => sum + lengthMs, 0) - input.loadStartMs,
      input.axisMs,
    );
    if (toMs > fromMs) columns.push({ fromMs, toMs, counts });
  }
  return columns;
}

/** The chart; undefined if the run has no latency. */
export function heatmapChart(input: ChartInput, primary: PrimaryLatency): ChartFigure | undefined {
  const total = input.metrics.total(primary.metric, primary.filter);
  if (total?.min === undefined || total.max === undefined) return undefined;
  const scale = scaleOf(total.min, total.max);
  return {
    name: 'heatmap',
    title: `${primary.label}, heatmap`,
    takeaway: mostCommonRange(total.bins(), scale, total.count),
    plot: {
      kind: 'heatmap',
      height: 210,
      ...scale,
      rows: ROWS,
      columns: columnsOf(input, primary, scale),
      axisMs: input.axisMs,
      startedAtMs: input.loadStartMs,
    },
    table: tableOverTime(input, ['min', 'p25', 'p50', 'p75', 'max'], (range) => {
      const part = input.metrics.total(primary.metric, primary.filter, range);
      const at = (q: number) => duration(part?.quantile(q));
      return [duration(part?.min), at(0.25), at(0.5), at(0.75), duration(part?.max)];
    }),
  };
}

/** One sentence on the row with most samples, and how to read the chart. */
function mostCommonRange(bins: Bins, scale: LatencyScale, samples: number): string {
  const counts = noCounts();
  addBins(counts, bins, scale, new Map());
  const row = counts.indexOf(Math.max(...counts));
  const edge = (index: number) => 10 ** (scale.low + (index / ROWS) * (scale.high - scale.low));
  return `The most common range is ${duration(edge(row), { digits: 2 })} to ${duration(edge(row + 1), { digits: 2 })}, with ${percent((counts[row] ?? 0) / samples)} of the samples. A stronger colour means more samples. The latency axis is logarithmic.`;
}
