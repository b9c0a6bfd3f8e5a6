// A curve or a scatter plot → an SVG.

import { scaleFor } from './axes.ts';
import type { XyPlot } from './figure.ts';
import { axisText, percentileTicks } from './formats.ts';
import { bottomAxis, type Frame, leftAxis, linear, plotBox, ticksOf } from './frame.ts';
import { ink } from './ink.ts';
import { dotsPath, linePath, type Place, strokesPath } from './line-path.ts';
import { path, svgOf } from './svg.ts';

/** The SVG of a curve or scatter plot. */
export function drawXy(plot: XyPlot, frame: Frame): string {
  const { points, style, xFormat, format, ink: colour, knee, curve = [], marked = [] } = plot;
  const box = plotBox(frame, 14);
  const height = scaleFor(Math.max(...points.map(([, value]) => value), 0) * 1.05);
  const last = points.at(-1)?.[0] ?? 1;
  const scale = scaleFor(last * 1.02);
  const isPercentile = xFormat === 'percentile';
  const x = linear(0, isPercentile ? last * 1.02 : scale.max, box.left, box.right);
  const y = linear(0, height.max, box.bottom, box.top);
  const places = points.map(([atX, value]): Place => [x(atX), y(value)]);
  const isMarked = (_: Place, index: number) => marked.includes(index);
  const dots = {
    'stroke-width': plot.dot ?? (style === 'points' ? 5 : 4),
    'stroke-linecap': 'round',
    'stroke-opacity': style === 'points' ? '.7' : undefined,
  };
  const upright = knee === undefined ? [] : [[x(knee), box.bottom, x(knee), box.top] as const];
  return svgOf(frame.width, frame.height, [
    leftAxis(box, ticksOf(height), y, (value) => axisText(format, value), frame),
    bottomAxis(box, isPercentile ? percentileTicks(last) : ticksOf(scale), x, (value) => axisText(xFormat, value)),
    style === 'line'
      ? path(linePath(places), { fill: 'none', stroke: ink(colour), 'stroke-width': 2, 'stroke-linejoin': 'bevel' })
      : '',
    curve.length < 2
      ? ''
      : path(linePath(curve.map(([atX, value]): Place => [x(atX), y(value)])), {
          ...{ fill: 'none', stroke: ink(colour), 'stroke-width': 1.5, 'stroke-opacity': '.5' },
        }),
    path(dotsPath(places.filter((place, index) => !isMarked(place, index))), { ...dots, stroke: ink(colour) }),
    marked.length === 0 ? '' : path(dotsPath(places.filter(isMarked)), { ...dots, stroke: ink('target') }),
    path(strokesPath(upright), { stroke: ink('target'), 'stroke-width': 1.5, 'stroke-dasharray': '6,4' }),
  ]);
}
