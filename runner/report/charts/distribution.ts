// How the latency of the whole run is distributed: a histogram on a logarithmic axis, with the percentiles marked.

import { representative } from '../../metrics/histogram.ts';
import type { Aggregate } from '../../metrics/model.ts';
import { compact, count, duration, percent } from '../format.ts';
import type { PrimaryLatency } from '../primary.ts';
import { type Chart, type ChartInput, drawBoth, gridOf, labelStyle, logTicks, scaleFor, valueAxis } from './chart.ts';
import { type Ink, ink } from './ink.ts';

const BARS = 60;

const MARKS: ReadonlyArray<readonly [name: string, q: number, ink: Ink]> = [
  ['p50', 0.5, 'p50'],
  ['p90', 0.9, 'p90'],
  ['p95', 0.95, 'p95'],
  ['p99', 0.99, 'p99'],
];

interface Bar {
  /** Edges as log10 of milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

function barsOf(total: Aggregate, min: number, max: number): Bar[] {
  const low = Math.log10(Math.max(min, 0.001));
  const high = Math.max(Math.log10(Math.max(max, 0.001)), low + 0.05);
  const counts = new Float64Array(BARS);
  const { keys, counts: amounts } = total.bins();
  keys.forEach((key, index) => {
    const at = Math.floor(((Math.log10(Math.max(representative(key), 0.001)) - low) / (high - low)) * BARS);
    const bar = Math.min(Math.max(at, 0), BARS - 1);
    counts[bar] = (counts[bar] ?? 0) + (amounts[index] ?? 0);
  });
  const step = (high - low) / BARS;
  return [...counts].map((amount, bar) => ({ from: low + bar * step, to: low + (bar + 1) * step, count: amount }));
}

/** Labels of close percentiles stand on different levels, so that they do not cover one another. */
function marksOf(total: Aggregate) {
  return MARKS.flatMap(([name, q, colour], index) => {
    const value = total.quantile(q);
    if (value === undefined) return [];
    return [
      {
        xAxis: Math.log10(Math.max(value, 0.001)),
        lineStyle: { color: ink(colour), width: 1.5, type: 'solid' as const },
        label: {
          formatter: `${name} ${duration(value)}`,
          position: 'insideEndTop' as const,
          rotate: 0,
          align: 'left' as const,
          offset: [5, 10 + index * 15],
          color: ink(colour),
          fontSize: 11.5,
          fontWeight: 'bold' as const,
          textBorderColor: ink('surface'),
          textBorderWidth: 3,
        },
      },
    ];
  });
}

/** undefined where the run has no latency. */
export function distributionChart(input: ChartInput, primary: PrimaryLatency): Chart | undefined {
  const total = input.metrics.total(primary.metric, primary.filter);
  if (total?.min === undefined || total.max === undefined) return undefined;
  const bars = barsOf(total, total.min, total.max);
  const first = bars[0]?.from ?? 0;
  const last = bars[bars.length - 1]?.to ?? 1;
  const most = bars.reduce((top, bar) => Math.max(top, bar.count), 1);
  // Room on the right for the label of the last percentile.
  const end = last + (last - first) * 0.04;
  let running = 0;
  const used = bars.filter((bar) => bar.count > 0);
  return {
    name: 'distribution',
    title: `${primary.label}: distribution`,
    takeaway: `Of ${count(total.count)} samples half took at most ${duration(total.quantile(0.5))}, 95 % at most ${duration(total.quantile(0.95))}, the slowest ${duration(total.max)}.`,
    ...drawBoth('distribution', 240, (frame) => ({
      grid: gridOf(frame, 14),
      xAxis: {
        type: 'value' as const,
        min: first,
        max: end,
        axisLabel: {
          ...labelStyle,
          customValues: logTicks(first, end, frame.isNarrow ? 5 : 10),
          formatter: (value: number) => duration(10 ** value, { trim: true, digits: 2 }),
        },
        axisLine: { lineStyle: { color: ink('axis') } },
        axisTick: {
          customValues: logTicks(first, end, frame.isNarrow ? 5 : 10),
          lineStyle: { color: ink('axis') },
          length: 4,
        },
        splitLine: { show: false },
      },
      yAxis: valueAxis((value) => compact(value), scaleFor(most * 1.05), frame),
      series: [
        {
          type: 'custom' as const,
          data: [[0]],
          encode: { x: -1, y: -1 },
          renderItem: (_params, api) => {
            let path = '';
            for (const bar of used) {
              const [left = 0, top = 0] = api.coord([bar.from, bar.count]);
              const [right = 0, bottom = 0] = api.coord([bar.to, 0]);
              const height = Math.max(bottom - top, 1);
              path += `M${r(left)} ${r(bottom)}v${r(-height)}h${r(right - left - 1)}v${r(height)}z`;
            }
            return { type: 'path', shape: { pathData: path }, style: { fill: ink('ok'), opacity: 0.55 } };
          },
        },
        { type: 'line' as const, data: [], markLine: { silent: true, symbol: 'none', data: marksOf(total) } },
      ],
    })),
    table: {
      columns: ['Up to', 'Samples', 'Share', 'So far'],
      rows: used.map((bar) => {
        running += bar.count;
        const shares = [percent(bar.count / total.count), percent(running / total.count)];
        return [duration(10 ** bar.to), count(bar.count), ...shares];
      }),
    },
  };
}

function r(value: number): number {
  return Math.round(value * 10) / 10;
}
