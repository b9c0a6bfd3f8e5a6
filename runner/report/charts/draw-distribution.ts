// A distribution as an ECharts option: bars on a logarithmic axis, the percentiles as upright lines.

import { compact, duration } from '../../text/format.ts';
import { logTicks, scaleFor } from './axes.ts';
import type { DistributionPlot } from './figure.ts';
import { type Frame, gridOf, labelStyle, valueAxis } from './frame.ts';
import { ink } from './ink.ts';
import type { ChartOption } from './svg.ts';

/** Labels of close percentiles stand on different levels, so that they do not cover one another. */
function markData(marks: DistributionPlot['marks']) {
  return marks.map(({ name, ink: colour, value }, index) => ({
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
  }));
}

export function distributionOption({ low, high, counts, marks }: DistributionPlot, frame: Frame): ChartOption {
  // Room on the right for the label of the last percentile.
  const end = high + (high - low) * 0.04;
  const ticks = logTicks(low, end, frame.isNarrow ? 5 : 10);
  const step = (high - low) / counts.length;
  return {
    grid: gridOf(frame, 14),
    xAxis: {
      type: 'value' as const,
      min: low,
      max: end,
      axisLabel: {
        ...labelStyle,
        customValues: ticks,
        formatter: (value: number) => duration(10 ** value, { trim: true, digits: 2 }),
      },
      axisLine: { lineStyle: { color: ink('axis') } },
      axisTick: { customValues: ticks, lineStyle: { color: ink('axis') }, length: 4 },
      splitLine: { show: false },
    },
    yAxis: valueAxis((value) => compact(value), scaleFor(Math.max(...counts, 1) * 1.05), frame),
    series: [
      {
        type: 'custom' as const,
        data: [[0]],
        encode: { x: -1, y: -1 },
        renderItem: (_params, api) => {
          let path = '';
          counts.forEach((amount, bar) => {
            if (amount === 0) return;
            const [left = 0, top = 0] = api.coord([low + bar * step, amount]);
            const [right = 0, bottom = 0] = api.coord([low + (bar + 1) * step, 0]);
            const height = Math.max(bottom - top, 1);
            path += `M${tenth(left)} ${tenth(bottom)}v${tenth(-height)}h${tenth(right - left - 1)}v${tenth(height)}z`;
          });
          return { type: 'path', shape: { pathData: path }, style: { fill: ink('ok'), opacity: 0.55 } };
        },
      },
      { type: 'line' as const, data: [], markLine: { silent: true, symbol: 'none', data: markData(marks) } },
    ],
  };
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
