// A figure becomes two SVGs, one for a page and one for a phone: what is seen without scripts, in print and next to report.md.

import { drawBands } from './draw-bands.ts';
import { drawDistribution } from './draw-distribution.ts';
import { drawHeatmap } from './draw-heatmap.ts';
import { drawXy } from './draw-xy.ts';
import { type ChartFigure, isBands, type Plot } from './figure.ts';
import type { Frame } from './frame.ts';

/** Pictures in sentinel colours (ink.ts), as SVG text: for a page and for a phone. */
export interface Pictures {
  readonly wide: string;
  readonly narrow: string;
}

/** Makes the pictures of a figure: drawBoth(), unless somebody has not the time for it. */
export type Draw = (figure: Pick<ChartFigure, 'name' | 'plot'>, isWideOnly?: boolean) => Pictures;

/** Pixels: charts of the first screen take its width, all others half of it. */
const WIDTHS = { stack: 1140, half: 560, narrow: 400 } as const;

/** A phone has room for scales that a row of the first screen has not. */
const LOWEST_NARROW = 136;
/** Of the height of a page's drawing; two of them stand abreast on paper. */
const NARROW_SHARE = 0.95;

function widthOf(plot: Plot): number {
  if (plot.kind === 'xy') return plot.isWide === true ? WIDTHS.stack : WIDTHS.half;
  return isBands(plot) && (plot.inStack === 'last' || plot.inStack === 'other') ? WIDTHS.stack : WIDTHS.half;
}

/** The plot as SVG text in sentinel colours (see ink.ts). `id` is unique on the page. */
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

/** Draws a figure for a page. `name` is unique on the page. */
export function drawWide({ name, plot }: Pick<ChartFigure, 'name' | 'plot'>): string {
  return drawPlot(`${name}-wide`, plot, { width: widthOf(plot), height: plot.height, isNarrow: false });
}

/** Draws a figure for a page and, unless `isWideOnly`, for a phone. `name` is unique on the page. */
export function drawBoth(figure: Pick<ChartFigure, 'name' | 'plot'>, isWideOnly = false): Pictures {
  if (isWideOnly) return { wide: drawWide(figure), narrow: '' };
  const { name, plot } = figure;
  const frame = {
    width: WIDTHS.narrow,
    height: Math.max(Math.round(plot.height * NARROW_SHARE), LOWEST_NARROW),
    isNarrow: true,
  };
  return { wide: drawWide(figure), narrow: drawPlot(`${name}-narrow`, plot, frame) };
}
