// Latency over time as a heatmap: every sample of the run in a grid of time and (logarithmic) latency, darker = more.

import { representative } from '../../metrics/histogram.ts';
import type { Bins } from '../../metrics/model.ts';
import { duration, elapsed, percent } from '../format.ts';
import type { PrimaryLatency } from '../primary.ts';
import { type Chart, type ChartInput, drawBoth, gridOf, timeAxis, valueAxis } from './chart.ts';
import { type Ink, ink } from './ink.ts';
import { stretches } from './timeline.ts';

const LEVELS: readonly Ink[] = ['heat0', 'heat1', 'heat2', 'heat3', 'heat4', 'heat5', 'heat6', 'heat7'];
const MAX_COLUMNS = 120;
const ROWS = 30;

interface Column {
  readonly fromMs: number;
  readonly toMs: number;
  readonly counts: Float64Array;
}

/** Rows are equal steps of log10(latency) between the smallest and the largest value of the run. */
interface Scale {
  readonly low: number;
  readonly high: number;
}

function scaleOf(min: number, max: number): Scale {
  // Half a row of room; at least a third of a decade, so that a constant latency is a line and not the whole picture.
  const low = Math.log10(Math.max(min, 0.001));
  const high = Math.log10(Math.max(max, 0.0011));
  const room = Math.max((0.34 - (high - low)) / 2, (high - low) * 0.02);
  return { low: low - room, high: high + room };
}

function rowOf(value: number, { low, high }: Scale): number {
  const row = Math.floor(((Math.log10(Math.max(value, 0.001)) - low) / (high - low)) * ROWS);
  return Math.min(Math.max(row, 0), ROWS - 1);
}

function addBins(counts: Float64Array, bins: Bins, scale: Scale): void {
  for (let index = 0; index < bins.keys.length; index++) {
    const row = rowOf(representative(bins.keys[index] ?? 0), scale);
    counts[row] = (counts[row] ?? 0) + (bins.counts[index] ?? 0);
  }
}

function columnsOf(input: ChartInput, primary: PrimaryLatency, scale: Scale): Column[] {
  const intervals = input.metrics.timeline(primary.metric, primary.filter);
  const perColumn = Math.ceil(intervals.length / MAX_COLUMNS);
  const columns: Column[] = [];
  for (let first = 0; first < intervals.length; first += perColumn) {
    const group = intervals.slice(first, first + perColumn);
    const counts = new Float64Array(ROWS);
    for (const { aggregate } of group) if (aggregate !== undefined) addBins(counts, aggregate.bins(), scale);
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

/** Square root, so that the rare slow request is still seen beside the many quick ones. */
function levelOf(count: number, most: number): number {
  return Math.min(Math.floor(Math.sqrt(count / most) * LEVELS.length), LEVELS.length - 1);
}

function tickLabels({ low, high }: Scale) {
  return (value: number) => duration(10 ** (low + value * (high - low)), { trim: true, digits: 2 });
}

/** undefined where the run has no latency. */
export function heatmapChart(input: ChartInput, primary: PrimaryLatency): Chart | undefined {
  const total = input.metrics.total(primary.metric, primary.filter);
  if (total?.min === undefined || total.max === undefined) return undefined;
  const scale = scaleOf(total.min, total.max);
  const columns = columnsOf(input, primary, scale);
  const most = columns.reduce((top, { counts }) => Math.max(top, ...counts), 1);
  return {
    name: 'heatmap',
    title: `${primary.label}: where the samples lie, over time`,
    takeaway: modes(total.bins(), scale, total.count),
    ...drawBoth('heatmap', 260, (frame) => ({
      grid: gridOf(frame, 14),
      xAxis: timeAxis(input.axisMs, frame),
      yAxis: { ...valueAxis(tickLabels(scale), 1, frame), splitNumber: 5 },
      series: [
        {
          type: 'custom' as const,
          clip: true,
          // One path per shade: a rectangle element per cell would be ten times the bytes.
          data: LEVELS.map((_, level) => [level]),
          renderItem: (_params, api) => {
            const level = Number(api.value(0));
            let path = '';
            for (const { fromMs, toMs, counts } of columns) {
              counts.forEach((count, row) => {
                if (count === 0 || levelOf(count, most) !== level) return;
                const [left = 0, top = 0] = api.coord([fromMs, (row + 1) / ROWS]);
                const [right = 0, bottom = 0] = api.coord([toMs, row / ROWS]);
                const gap = right - left > 4 ? 0.5 : 0;
                path += `M${r(left)} ${r(top)}h${r(right - left - gap)}v${r(bottom - top - gap)}h${r(left - right + gap)}z`;
              });
            }
            return {
              type: 'path',
              shape: { pathData: path === '' ? 'M0 0' : path },
              style: { fill: ink(LEVELS[level] ?? 'heat0') },
            };
          },
          encode: { x: -1, y: -1 },
        },
      ],
    })),
    table: {
      columns: ['Time', 'Fastest', 'A quarter below', 'Half below', 'Three quarters below', 'Slowest'],
      rows: stretches(input).map((range) => {
        const part = input.metrics.total(primary.metric, primary.filter, range);
        const at = (q: number) => duration(part?.quantile(q));
        return [
          elapsed(range.fromMs - input.loadStartMs),
          duration(part?.min),
          at(0.25),
          at(0.5),
          at(0.75),
          duration(part?.max),
        ];
      }),
    },
  };
}

function r(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Says where most samples lie: the densest row of the whole run and its share. */
function modes(bins: Bins, scale: Scale, samples: number): string {
  const counts = new Float64Array(ROWS);
  addBins(counts, bins, scale);
  const row = counts.indexOf(Math.max(...counts));
  const edge = (index: number) => 10 ** (scale.low + (index / ROWS) * (scale.high - scale.low));
  return `Most samples in one band: ${percent((counts[row] ?? 0) / samples)} between ${duration(edge(row), { digits: 2 })} and ${duration(edge(row + 1), { digits: 2 })}. Darker = more samples (square-root scale), latency on a logarithmic scale.`;
}
