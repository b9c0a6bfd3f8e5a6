// A heatmap as an ECharts option: strokes in eight shades, as few as show the same picture.

import { duration } from '../../text/format.ts';
import { logTicks } from './axes.ts';
import type { HeatmapColumn, HeatmapPlot } from './figure.ts';
import { type Frame, gridOf, timeAxis, valueAxis } from './frame.ts';
import { HEAT_INKS, heatLevel, highestCount, mergedColumns } from './heat.ts';
import { ink } from './ink.ts';
import type { ChartOption } from './svg.ts';

const MAX_COLUMNS = 120;

/** The value axis: 0 to 1 is the height of the picture, labelled with round latencies. */
function latencyAxis({ low, high }: HeatmapPlot, frame: Frame) {
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

interface Stroke {
  readonly row: number;
  readonly fromMs: number;
  toMs: number;
}

/** Neighbouring columns with the same shade in one row, as one stroke as thick as the row: a fifth of the bytes of rectangles. */
function strokesOf(columns: readonly HeatmapColumn[], rows: number, level: number, most: number): Stroke[] {
  const strokes: Stroke[] = [];
  for (let row = 0; row < rows; row++) {
    let open: Stroke | undefined;
    for (const { fromMs, toMs, counts } of columns) {
      const amount = counts[row] ?? 0;
      if (amount === 0 || heatLevel(amount, most) !== level) open = undefined;
      else if (open !== undefined) open.toMs = toMs;
      else {
        open = { row, fromMs, toMs };
        strokes.push(open);
      }
    }
  }
  return strokes;
}

export function heatmapOption(plot: HeatmapPlot, frame: Frame): ChartOption {
  const { rows } = plot;
  const columns = mergedColumns(plot.columns, frame.isNarrow ? MAX_COLUMNS / 2 : MAX_COLUMNS);
  const most = highestCount(columns);
  return {
    grid: gridOf(frame, 14),
    xAxis: timeAxis(plot, frame),
    yAxis: latencyAxis(plot, frame),
    series: [
      {
        type: 'custom' as const,
        clip: true,
        data: HEAT_INKS.map((_, level) => [level]),
        encode: { x: -1, y: -1 },
        renderItem: (_params, api) => {
          const level = Number(api.value(0));
          const [, top = 0] = api.coord([0, 1]);
          const [, bottom = 0] = api.coord([0, 0]);
          const pathData = strokesOf(columns, rows, level, most)
            .map(({ row, fromMs, toMs }) => {
              const [from = 0, y = 0] = api.coord([fromMs, (row + 0.5) / rows]);
              const [to = 0] = api.coord([toMs, 0]);
              return `M${tenth(from)} ${tenth(y)}L${tenth(to)} ${tenth(y)}`;
            })
            .join('');
          return {
            type: 'path',
            shape: { pathData: pathData === '' ? 'M0 0' : pathData },
            style: {
              fill: 'none',
              stroke: ink(HEAT_INKS[level] ?? 'heat0'),
              lineWidth: tenth((bottom - top) / rows) + 0.1,
            },
          };
        },
      },
    ],
  };
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
