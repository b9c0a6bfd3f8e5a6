// A figure becomes two SVGs, one for a page and one for a phone: what is seen without scripts, in print and next to report.md.

import { bandsOption } from './draw-bands.ts';
import { distributionOption } from './draw-distribution.ts';
import { heatmapOption } from './draw-heatmap.ts';
import { xyOption } from './draw-xy.ts';
import { type ChartFigure, isBands, type Plot } from './figure.ts';
import type { Frame } from './frame.ts';
import { type ChartOption, drawSvg } from './svg.ts';

/** Pictures in sentinel colours (ink.ts), as SVG text: for a page and for a phone. */
export interface Pictures {
  readonly wide: string;
  readonly narrow: string;
}

/** Makes the pictures of a figure: drawBoth(), unless somebody has not the time for it. */
export type Draw = (figure: Pick<ChartFigure, 'name' | 'plot'>, isWideOnly?: boolean) => Pictures;

/** Pixels: charts of the first screen take its width, all others half of it. */
const WIDTHS = { stack: 1140, half: 560, narrow: 400 } as const;

function widthOf(plot: Plot): number {
  return isBands(plot) && (plot.inStack === 'last' || plot.inStack === 'other') ? WIDTHS.stack : WIDTHS.half;
}

function optionOf(plot: Plot, frame: Frame): ChartOption {
  switch (plot.kind) {
    case 'heatmap':
      return heatmapOption(plot, frame);
    case 'distribution':
      return distributionOption(plot, frame);
    case 'xy':
      return xyOption(plot, frame);
    default:
      return bandsOption(plot, frame);
  }
}

/** Draws a figure for a page. `name` is unique on the page. */
export function drawWide({ name, plot }: Pick<ChartFigure, 'name' | 'plot'>): string {
  const { height } = plot;
  const width = widthOf(plot);
  return drawSvg(`${name}-wide`, optionOf(plot, { width, height, isNarrow: false }), width, height);
}

/** Draws a figure for a page and, unless `isWideOnly`, for a phone. `name` is unique on the page. */
export function drawBoth(figure: Pick<ChartFigure, 'name' | 'plot'>, isWideOnly = false): Pictures {
  if (isWideOnly) return { wide: drawWide(figure), narrow: '' };
  const height = Math.round(figure.plot.height * 0.85);
  const width = WIDTHS.narrow;
  const option = optionOf(figure.plot, { width, height, isNarrow: true });
  return { wide: drawWide(figure), narrow: drawSvg(`${figure.name}-narrow`, option, width, height) };
}
