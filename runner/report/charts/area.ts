// Bands of a chart over time → the plot of its figure, as plain data.

import { type ChartInput, phasesOf } from './chart.ts';
import type { BandsPlot, FigureSeries, Point, RangePoint, TargetLine } from './figure.ts';
import type { FormatId } from './formats.ts';
import type { Ink } from './ink.ts';

/** A line or area of a chart, with defaults for what is left out. */
export interface Band {
  readonly name: string;
  readonly ink: Ink;
  readonly points: readonly Point[];
  /** `area`: stacked on the areas before it. `line`: not stacked. `step`: a line with steps, for counts such as VUs. */
  readonly style: 'area' | 'line' | 'step';
  readonly dash?: readonly number[];
  /** Width of the line in pixels. */
  readonly width?: number;
  /** Opacity of an area's fill, 0 to 1. */
  readonly opacity?: number;
  /** Whether the value axis leaves room for it; true by default. */
  readonly isFitted?: boolean;
  /** The quantile (0 to 1) of its points, if it is a percentile line. */
  readonly q?: number;
}

/** The pale area from the smallest to the largest value, behind the lines. The value axis leaves no room for it, see isFitted. */
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

/** Whether all values are 0. Such an area appears in the legend only, because its outline would show nothing. */
function isEmpty(points: readonly Point[]): boolean {
  return points.every(([, value]) => value === null || value === 0);
}

function seriesOf(band: Band, isStack: boolean): FigureSeries {
  const { name, ink, style, points, dash = [], isFitted = true } = band;
  // No outline in a stack, because a band of zeros would still be drawn as a line.
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
 * The plot of a chart, to be spread into its figure: a stack if there are several areas. `height` is in pixels of a page, `format`
 * the format of values (formats.ts); `targets` become horizontal lines.
 */
export function bandsPlot(
  input: ChartInput,
  height: number,
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
