// The common picture of amounts over time: stacked areas or lines on the shared time axis.

import { type ChartInput, drawBoth, gridOf, legendOf, phaseShading, roundUp, timeAxis, valueAxis } from './chart.ts';
import { type Ink, ink } from './ink.ts';
import type { Point } from './timeline.ts';

export interface Band {
  readonly name: string;
  readonly ink: Ink;
  readonly points: readonly Point[];
  /** area: stacked on the areas before it. line: not stacked. step: a line that jumps, for counts of VUs. */
  readonly style: 'area' | 'line' | 'step';
  readonly dash?: number[];
}

/** Highest total of the stacked areas or of any line, for the axis. */
function ceiling(bands: readonly Band[]): number {
  const stacked = new Map<number, number>();
  let top = 0;
  for (const { style, points } of bands) {
    for (const [atMs, value] of points) {
      if (value === null) continue;
      const height = style === 'area' ? (stacked.get(atMs) ?? 0) + value : value;
      if (style === 'area') stacked.set(atMs, height);
      top = Math.max(top, height);
    }
  }
  return top;
}

/** Bands drawn for page and phone; `format` writes the labels of the value axis. */
export function drawBands(
  input: ChartInput,
  { name, height }: { readonly name: string; readonly height: number },
  bands: readonly Band[],
  format: (value: number) => string,
) {
  const top = roundUp(ceiling(bands) * 1.08);
  return drawBoth(name, height, (frame) => ({
    grid: gridOf(frame),
    legend: legendOf(
      bands.map((band) => band.name),
      frame,
    ),
    xAxis: timeAxis(input.axisMs, frame),
    yAxis: valueAxis(format, top, frame),
    series: bands.map(({ name: label, ink: colour, points, style, dash }, index) => ({
      name: label,
      type: 'line' as const,
      data: [...points],
      ...(style === 'area' ? { stack: 'areas', areaStyle: { color: ink(colour), opacity: 0.42 } } : {}),
      ...(style === 'step' ? { step: 'middle' as const } : {}),
      showSymbol: points.length <= 30,
      symbol: 'circle',
      symbolSize: 4,
      itemStyle: { color: ink(colour) },
      lineStyle: { color: ink(colour), width: style === 'area' ? 1.25 : 1.75, type: dash ?? ('solid' as const) },
      ...(index === 0 ? { markArea: phaseShading(input, frame) } : {}),
    })),
  }));
}
