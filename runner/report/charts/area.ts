// The common chart of amounts over time: bands as a chart's maker writes them become the plain data of a figure.

import { type ChartInput, phasesOf } from './chart.ts';
import type { BandsPlot, FigureSeries, Point, RangePoint, TargetLine } from './figure.ts';
import type { FormatId } from './formats.ts';
import type { Ink } from './ink.ts';

export interface Band {
  readonly name: string;
  readonly ink: Ink;
  readonly points: readonly Point[];
  /** area: stacked on the areas before it. line: not stacked. step: a line that jumps, for counts of VUs. */
  readonly style: 'area' | 'line' | 'step';
  readonly dash?: readonly number[];
  /** Of the line, in pixels. */
  readonly width?: number;
  /** Of an area's fill, 0 to 1. */
  readonly opacity?: number;
  /** false: the value axis need not leave room for it. */
  readonly isFitted?: boolean;
  /** The quantile that its points are, 0 to 1. */
  readonly q?: number;
}

/** From the smallest to the largest value, pale and behind the lines; the value axis need not leave room for it. */
export function rangeSeries(points: readonly RangePoint[]): FigureSeries {
  return {
    name: 'min to max',
    ink: 'max',
    style: 'range',
    width: 0,
    dash: [],
    opacity: 0.18,
    isFitted: false,
    points: points.map(([atMs, range]): Point => [atMs, range?.[1] ?? null]),
    lows: points.map(([, range]) => range?.[0] ?? null),
  };
}

/** Nothing but zeros is left to the legend: its outline would be bytes without a picture. */
function isEmpty(points: readonly Point[]): boolean {
  return points.every(([, value]) => value === null || value === 0);
}

function seriesOf(band: Band, isStack: boolean): FigureSeries {
  const { name, ink, style, points, dash = [], isFitted = true } = band;
  // No outline in a stack: a band of zero would still be a line.
  const width = band.width ?? (style !== 'area' ? 1.75 : isStack ? 0 : 1.25);
  const opacity = band.opacity ?? (style !== 'area' ? 1 : isStack ? 0.78 : 0.38);
  return {
    name,
    ink,
    style,
    width,
    dash,
    opacity,
    isFitted,
    ...(band.q === undefined ? {} : { q: band.q }),
    points: style === 'area' && isEmpty(points) ? [] : points,
  };
}

/**
 * The plot of a chart, to be spread into its figure. `height` is in pixels of a page; `format` names how values are written
 * (formats.ts); `targets` are drawn as lines across. Nothing is drawn here: see draw.ts.
 */
export function drawBands(
  input: ChartInput,
  { height }: { readonly name: string; readonly height: number },
  bands: readonly Band[],
  format: FormatId,
  targets: readonly TargetLine[] = [],
): { readonly plot: BandsPlot } {
  const isStack = bands.filter(({ style }) => style === 'area').length > 1;
  return {
    plot: {
      kind: isStack ? 'stack' : 'lines',
      height,
      series: bands.map((band) => seriesOf(band, isStack)),
      format,
      targets,
      axisMs: input.axisMs,
      startedAtMs: input.loadStartMs,
      phases: phasesOf(input),
    },
  };
}
