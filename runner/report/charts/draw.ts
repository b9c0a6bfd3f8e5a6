// A figure → two SVGs, for a wide and a narrow screen. They are shown without scripts, in print and in report.md.

import { drawBands } from './draw-bands.ts';
import { drawDistribution } from './draw-distribution.ts';
import { drawHeatmap } from './draw-heatmap.ts';
import { drawXy } from './draw-xy.ts';
import { type ChartFigure, isBands, type Plot } from './figure.ts';
import type { Frame } from './frame.ts';

/** SVG text for a wide and a narrow screen, with placeholders for colours (ink.ts). */
export interface Pictures {
  readonly wide: string;
  readonly narrow: string;
}

/** Makes the pictures of a figure: drawBoth(), or a faster function for callers that need no pictures. */
export type Draw = (figure: Pick<ChartFigure, 'name' | 'plot'>, isWideOnly?: boolean) => Pictures;

/** Widths in pixels: charts of the first screen have the page's width, all others half of it. */
const WIDTHS = { stack: 1140, half: 560, narrow: 400 } as const;

/** Least height on a narrow screen in pixels; it leaves room for the labels of the value axis. */
const LEAST_NARROW_HEIGHT = 136;
/** Height on a narrow screen relative to the wide one; print shows two of these charts side by side. */
const NARROW_HEIGHT_SHARE = 0.95;

function widthOf(plot: Plot): number {
  if (plot.kind === 'xy') return plot.isWide === true ? WIDTHS.stack : WIDTHS.half;
  return isBands(plot) && (plot.inStack === 'last' || plot.inStack === 'other') ? WIDTHS.stack : WIDTHS.half;
}

/** The plot as SVG text. `id` must be unique on the page. */
function drawPlot(id: string, plot: Plot, frame: Frame): string {
  switch (plot.kind) {
    case 'heatmap':
      return drawHeatmap(id, plot, frame);
    case 'distribution':
      return drawDistribution(plot, frame);
    case 'xy':
      return drawXy(plot, frame);
    default:
      return drawBands(id, plot, frame);
  }
}

/** The SVG for a wide screen. `name` must be unique on the page. */
export function drawWide({ name, plot }: Pick<ChartFigure, 'name' | 'plot'>): string {
  return drawPlot(`${name}-wide`, plot, { width: widthOf(plot), height: plot.height, isNarrow: false });
}

/** The SVGs for a wide screen and, unless `isWideOnly`, for a narrow one. `name` must be unique on the page. */
export function drawBoth(figure: Pick<ChartFigure, 'name' | 'plot'>, isWideOnly = false): Pictures {
  if (isWideOnly) return { wide: drawWide(figure), narrow: '' };
  const { name, plot } = figure;
  const frame = {
    width: WIDTHS.narrow,
    height: Math.max(Math.round(plot.height * NARROW_HEIGHT_SHARE), LEAST_NARROW_HEIGHT),
    isNarrow: true,
  };
  return { wide: drawWide(figure), narrow: drawPlot(`${name}-narrow`, plot, frame) };
}
