// A curve or a cloud of points as an ECharts option.

import { scaleFor } from './axes.ts';
import type { XyPlot } from './figure.ts';
import { axisText, percentileTicks } from './formats.ts';
import { type Frame, gridOf, labelStyle, valueAxis } from './frame.ts';
import { ink } from './ink.ts';
import type { ChartOption } from './svg.ts';

export function xyOption(plot: XyPlot, frame: Frame): ChartOption {
  const { points, style, xFormat, format, ink: colour, knee } = plot;
  const height = scaleFor(Math.max(...points.map(([, value]) => value), 0) * 1.05);
  const last = points.at(-1)?.[0] ?? 1;
  const scale = scaleFor(last * 1.02);
  const ticks = xFormat === 'percentile' ? percentileTicks(last) : undefined;
  return {
    grid: gridOf(frame, 14),
    xAxis: {
      type: 'value' as const,
      min: 0,
      max: ticks === undefined ? scale.max : last * 1.02,
      interval: scale.interval,
      axisLabel: {
        ...labelStyle,
        formatter: (value: number) => axisText(xFormat, value),
        hideOverlap: true,
        ...(ticks === undefined ? {} : { customValues: ticks }),
      },
      axisLine: { lineStyle: { color: ink('axis') } },
      axisTick: {
        lineStyle: { color: ink('axis') },
        length: 4,
        ...(ticks === undefined ? {} : { customValues: ticks }),
      },
      splitLine: { show: false },
    },
    yAxis: valueAxis((value) => axisText(format, value), height, frame),
    series: [
      {
        type: 'line' as const,
        data: points.map(([x, y]) => [x, y]),
        symbol: 'circle',
        symbolSize: style === 'points' ? 5 : 4,
        itemStyle: { color: ink(colour), opacity: style === 'points' ? 0.7 : 1 },
        lineStyle: { color: ink(colour), width: style === 'points' ? 0 : 2 },
      },
      ...(knee === undefined
        ? []
        : [
            {
              type: 'line' as const,
              data: [
                [knee, 0],
                [knee, height.max],
              ],
              symbol: 'none',
              lineStyle: { color: ink('target'), width: 1.5, type: [6, 4] },
            },
          ]),
    ],
  };
}
