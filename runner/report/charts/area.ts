// The common picture of amounts over time: stacked areas or lines on the shared time axis.

import { type ChartInput, drawBoth, gridOf, legendOf, phaseShading, scaleFor, timeAxis, valueAxis } from './chart.ts';
import { type Ink, ink } from './ink.ts';
import { FEW_POINTS, type Point } from './timeline.ts';

export interface Band {
  readonly name: string;
  readonly ink: Ink;
  readonly points: readonly Point[];
  /** area: stacked on the areas before it. line: not stacked. step: a line that jumps, for counts of VUs. */
  readonly style: 'area' | 'line' | 'step';
  readonly dash?: number[];
  /** Of an area's fill, 0 to 1. */
  readonly opacity?: number;
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
  const scale = scaleFor(ceiling(bands) * 1.04);
  const isStack = bands.filter(({ style }) => style === 'area').length > 1;
  return drawBoth(name, height, (frame) => ({
    grid: gridOf(frame, bands.length > 1 ? undefined : 24),
    legend: {
      ...legendOf(
        bands.map((band) => band.name),
        frame,
      ),
      show: bands.length > 1,
      data: bands.map((band) => (band.style === 'area' ? { name: band.name, icon: 'roundRect' } : band.name)),
    },
    xAxis: timeAxis(input.axisMs, frame),
    yAxis: valueAxis(format, scale, frame),
    series: bands.map(({ name: label, ink: colour, points, style, dash, opacity }, index) => ({
      name: label,
      type: 'line' as const,
      // Nothing but zeros is left to the legend: its outline would be bytes without a picture.
      data: style === 'area' && points.every(([, value]) => value === null || value === 0) ? [] : [...points],
      ...(style === 'area'
        ? { stack: 'areas', areaStyle: { color: ink(colour), opacity: opacity ?? (isStack ? 0.78 : 0.38) } }
        : {}),
      ...(style === 'step' ? { step: 'middle' as const } : {}),
      showSymbol: points.length <= FEW_POINTS,
      symbol: points.length <= FEW_POINTS ? 'circle' : 'none',
      symbolSize: 4,
      itemStyle: { color: ink(colour) },
      lineStyle: {
        color: ink(colour), // No outline in a stack: a band of zero would still be a line.
        width: style !== 'area' ? 1.75 : isStack ? 0 : 1.25,
        type: dash ?? ('solid' as const),
      },
      ...(index === 0 ? { markArea: phaseShading(input, frame) } : {}),
    })),
  }));
}
