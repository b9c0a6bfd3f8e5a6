// Bands over time → an SVG: stacked areas and lines on the shared time axis, and horizontal target lines.

import { FEW_POINTS } from './chart-limits.ts';
import { type BandsPlot, bandsScale, type FigureSeries, type Point, type TargetLine } from './figure.ts';
import { axisText } from './formats.ts';
import { type Frame, leftAxis, linear, phaseShading, plotBox, ticksOf, timeAxis } from './frame.ts';
import { ink } from './ink.ts';
import { LEGEND_ROW, type LegendItem, legend, legendRows } from './legend.ts';
import { areaPath, dotsPath, linePath, type Place, stepPath, strokesPath } from './line-path.ts';
import { type Box, clipped, labels, path, svgOf, tenth } from './svg.ts';
import { rightEnds } from './target-labels.ts';
import { textWidth } from './text-width.ts';
import { thinned } from './timeline.ts';

/** Conversions from the data's units to pixels. */
interface Axes {
  readonly x: (atMs: number) => number;
  readonly y: (value: number) => number;
}

function targetLines(targets: readonly TargetLine[], { left, right }: Box, { y }: Axes): string {
  const lines = targets.map(({ value }) => [left, y(value), right, y(value)] as const);
  const sized = targets.map(({ value, label }) => ({ y: y(value), width: textWidth(label, LABEL_SIZE), text: label }));
  const ends = rightEnds(sized, right - 4, LABEL_SIZE + 3, LABEL_SIZE);
  const named = sized.flatMap(({ y: at, width, text }, i) => {
    const x = ends[i] ?? right;
    return x - width < left ? [] : [{ x, y: at - 10, text }];
  });
  return (
    path(strokesPath(lines), { fill: 'none', stroke: ink('target'), 'stroke-width': 1.5, 'stroke-dasharray': '8,4' }) +
    labels(named, { 'text-anchor': 'end', 'font-size': LABEL_SIZE, fill: ink('target'), ...OUTLINED })
  );
}

const LABEL_SIZE = 11;

/** A rim in the page's colour, so that text over lines is readable. */
const OUTLINED = {
  stroke: ink('surface'),
  'stroke-width': 3,
  'paint-order': 'stroke',
  'stroke-linejoin': 'round',
};

/** Most points of a line on a phone, where the plot is 316 pixels wide. */
const NARROW_POINTS = 110;

function placesOf(points: readonly Point[], { x, y }: Axes): Place[] {
  return points.map(([atMs, value]) => (value === null ? undefined : [x(atMs), y(value)]));
}

function rangeMark({ ink: colour, opacity, points, lows = [] }: FigureSeries, axes: Axes): string {
  const lower = points.map((_, index) => axes.y(lows[index] ?? 0));
  return path(areaPath(placesOf(points, axes), lower), { fill: ink(colour), 'fill-opacity': opacityText(opacity) });
}

/** The places between two gaps, which no line would show. */
function isolated(places: readonly Place[]): Place[] {
  return places.filter((_, index) => places[index - 1] === undefined && places[index + 1] === undefined);
}

/** The line of a series; if it has few points, these too. */
function lineMark(series: FigureSeries, places: readonly Place[]): string {
  const { ink: colour, style, width, dash, opacity, points } = series;
  const pale = style !== 'area' && opacity < 1 ? opacityText(opacity) : undefined;
  const line = {
    fill: 'none',
    stroke: ink(colour),
    'stroke-width': width === 1 ? undefined : String(width),
    'stroke-dasharray': dash.length > 0 ? dash.join() : undefined,
    'stroke-linejoin': 'bevel',
    'stroke-opacity': pale,
  };
  const hasDots = style !== 'area' && points.length <= FEW_POINTS;
  // Dots would hide the dashes of a dashed line.
  const dots = hasDots ? dotsPath(dash.length === 0 ? places : isolated(places)) : '';
  return (
    (width > 0 ? path(style === 'step' ? stepPath(places) : linePath(places), line) : '') +
    path(dots, { stroke: ink(colour), 'stroke-width': 4, 'stroke-linecap': 'round' })
  );
}

function opacityText(opacity: number): string | undefined {
  return opacity === 1 ? undefined : String(Math.round(opacity * 100) / 100);
}

/** Fewer points for a phone. The highest of each part is kept, so that spikes remain, and the lowest of lower edges. */
function narrowed(series: FigureSeries): FigureSeries {
  const { points, lows } = series;
  if (lows === undefined) return { ...series, points: thinned(points, NARROW_POINTS) };
  const negated = points.map(([atMs], index): Point => [atMs, lows[index] == null ? null : -(lows[index] ?? 0)]);
  return {
    ...series,
    points: thinned(points, NARROW_POINTS),
    lows: thinned(negated, NARROW_POINTS).map(([, value]) => (value === null ? null : -value)),
  };
}

/** The marks of all series. Areas are stacked on the areas before them; everything else starts at 0. */
function seriesMarks(all: readonly FigureSeries[], axes: Axes): string[] {
  const reached = new Map<number, number>();
  return all.map((series) => {
    if (series.style === 'range') return rangeMark(series, axes);
    if (series.style !== 'area') return lineMark(series, placesOf(series.points, axes));
    const lower = series.points.map(([atMs]) => axes.y(reached.get(atMs) ?? 0));
    const tops = series.points.map(([atMs, value]): Point => {
      if (value === null) return [atMs, null];
      const top = (reached.get(atMs) ?? 0) + value;
      reached.set(atMs, top);
      return [atMs, top];
    });
    const places = placesOf(tops, axes);
    const fill = { fill: ink(series.ink), 'fill-opacity': opacityText(series.opacity) };
    return path(areaPath(places, lower), fill) + lineMark(series, places);
  });
}

/** The SVG of bands. A legend with several rows makes the picture higher. `id` must be unique on the page. */
export function drawBands(id: string, plot: BandsPlot, frame: Frame): string {
  const { series, format, axisMs, phases, inStack } = plot;
  const scale = bandsScale(plot);
  const items = series.map(
    ({ name, ink: colour, style, dash }): LegendItem => ({
      name,
      ink: colour,
      isFilled: style === 'area' || style === 'range',
      dash,
    }),
  );
  const rows = items.length > 1 ? legendRows(items, frame) : 0;
  const least = inStack === undefined ? (rows === 0 ? 24 : 46) : 22;
  const top = Math.max(least, (inStack === undefined ? 30 : 22) + (rows - 1) * LEGEND_ROW);
  const height = tenth(frame.height + top - least);
  const box = plotBox({ ...frame, height }, top, inStack === 'other' ? 8 : undefined);
  const axes = { x: linear(0, axisMs, box.left, box.right), y: linear(0, scale.max, box.bottom, box.top) };
  const drawn = seriesMarks(
    series.map((one) => (frame.isNarrow ? narrowed(one) : one)),
    axes,
  );
  // One pixel more on each side, so that a line along an edge has its full thickness.
  const seen = { left: box.left - 1, top: box.top - 1, right: box.right + 1, bottom: box.bottom + 1 };
  return svgOf(frame.width, height, [
    phaseShading(phases, axisMs, box, inStack === undefined),
    leftAxis(box, ticksOf(scale), axes.y, (value) => axisText(format, value), frame),
    timeAxis(plot, box, frame, inStack !== 'other'),
    clipped(`${id}-c`, seen, drawn),
    targetLines(scale.targets, box, axes),
    rows === 0 ? '' : legend(items, frame),
  ]);
}
