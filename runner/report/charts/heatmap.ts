// Latency over time as a heatmap: every sample of the run in a grid of time and (logarithmic) latency, darker = more.

import { representative } from '../../metrics/histogram.ts';
import type { Bins } from '../../metrics/model.ts';
import { duration, elapsed, percent } from '../format.ts';
import type { PrimaryLatency } from '../primary.ts';
import { type Chart, type ChartInput, drawBoth, type Frame, gridOf, logTicks, timeAxis, valueAxis } from './chart.ts';
import { type Ink, ink } from './ink.ts';
import { stretches } from './timeline.ts';

const LEVELS: readonly Ink[] = ['heat0', 'heat1', 'heat2', 'heat3', 'heat4', 'heat5', 'heat6', 'heat7'];
const MAX_COLUMNS = 120;
const ROWS = 28;

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

function columnsOf(input: ChartInput, primary: PrimaryLatency, scale: Scale, atMost: number): Column[] {
  const intervals = input.metrics.timeline(primary.metric, primary.filter);
  const perColumn = Math.ceil(intervals.length / atMost);
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

/** The value axis: 0 to 1 is the height of the picture, labelled with round latencies. */
function latencyAxis({ low, high }: Scale, frame: Frame) {
  const ticks = logTicks(low, high, 7).map((exponent) => (exponent - low) / (high - low));
  const axis = valueAxis(
    (value) => duration(10 ** (low + value * (high - low)), { trim: true, digits: 2 }),
    { max: 1, interval: 1 },
    frame,
  );
  return {
    ...axis,
    axisLabel: { ...axis.axisLabel, customValues: ticks },
    axisTick: { show: false, customValues: ticks },
  };
}

/** Neighbouring columns with the same shade in one row, as one stroke as thick as the row: a fifth of the bytes of rectangles. */
function strokesOf(
  columns: readonly Column[],
  level: number,
  most: number,
): { row: number; fromMs: number; toMs: number }[] {
  const strokes: { row: number; fromMs: number; toMs: number }[] = [];
  for (let row = 0; row < ROWS; row++) {
    let open: { row: number; fromMs: number; toMs: number } | undefined;
    for (const { fromMs, toMs, counts } of columns) {
      const amount = counts[row] ?? 0;
      if (amount === 0 || levelOf(amount, most) !== level) open = undefined;
      else if (open !== undefined) open.toMs = toMs;
      else {
        open = { row, fromMs, toMs };
        strokes.push(open);
      }
    }
  }
  return strokes;
}

/** undefined where the run has no latency. */
export function heatmapChart(input: ChartInput, primary: PrimaryLatency): Chart | undefined {
  const total = input.metrics.total(primary.metric, primary.filter);
  if (total?.min === undefined || total.max === undefined) return undefined;
  const scale = scaleOf(total.min, total.max);
  return {
    name: 'heatmap',
    title: `${primary.label}: where the samples lie, over time`,
    takeaway: modes(total.bins(), scale, total.count),
    ...drawBoth('heatmap', 260, (frame) => {
      const columns = columnsOf(input, primary, scale, frame.isNarrow ? MAX_COLUMNS / 2 : MAX_COLUMNS);
      const most = columns.reduce((top, { counts }) => Math.max(top, ...counts), 1);
      return {
        grid: gridOf(frame, 14),
        xAxis: timeAxis(input.axisMs, frame),
        yAxis: latencyAxis(scale, frame),
        series: [
          {
            type: 'custom' as const,
            clip: true,
            data: LEVELS.map((_, level) => [level]),
            encode: { x: -1, y: -1 },
            renderItem: (_params, api) => {
              const level = Number(api.value(0));
              const [, top = 0] = api.coord([0, 1]);
              const [, bottom = 0] = api.coord([0, 0]);
              const pathData = strokesOf(columns, level, most)
                .map(({ row, fromMs, toMs }) => {
                  const [from = 0, y = 0] = api.coord([fromMs, (row + 0.5) / ROWS]);
                  const [to = 0] = api.coord([toMs, 0]);
                  return `M${tenth(from)} ${tenth(y)}L${tenth(to)} ${tenth(y)}`;
                })
                .join('');
              return {
                type: 'path',
                shape: { pathData: pathData === '' ? 'M0 0' : pathData },
                style: {
                  fill: 'none',
                  stroke: ink(LEVELS[level] ?? 'heat0'),
                  lineWidth: tenth((bottom - top) / ROWS) + 0.1,
                },
              };
            },
          },
        ],
      };
    }),
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

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Says where most samples lie: the densest row of the whole run and its share. */
function modes(bins: Bins, scale: Scale, samples: number): string {
  const counts = new Float64Array(ROWS);
  addBins(counts, bins, scale);
  const row = counts.indexOf(Math.max(...counts));
  const edge = (index: number) => 10 ** (scale.low + (index / ROWS) * (scale.high - scale.low));
  return `Most samples in one band: ${percent((counts[row] ?? 0) / samples)} between ${duration(edge(row), { digits: 2 })} and ${duration(edge(row + 1), { digits: 2 })}. The stronger the colour, the more samples (square-root scale); latency on a logarithmic scale.`;
}
