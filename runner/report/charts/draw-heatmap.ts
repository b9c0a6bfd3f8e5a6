// A heatmap → an SVG of strokes in eight shades.

import { duration } from '../../text/format.ts';
import { logLabels, logTicks } from './axes.ts';
import type { HeatmapColumn, HeatmapPlot } from './figure.ts';
import { type Frame, leftAxis, linear, plotBox, timeAxis } from './frame.ts';
import { HEAT_INKS, heatLevel, highestCount, mergedColumns } from './heat.ts';
import { ink } from './ink.ts';
import { strokesPath } from './line-path.ts';
import { clipped, path, svgOf, tenth } from './svg.ts';

const MAX_COLUMNS = 120;

interface Stroke {
  readonly row: number;
  readonly fromMs: number;
  toMs: number;
}

/** Strokes by shade. Neighbouring cells of a row with the same shade are one stroke, which takes a fifth of the bytes of rectangles. */
function strokesOf(columns: readonly HeatmapColumn[], rows: number, most: number): Stroke[][] {
  const strokes: Stroke[][] = HEAT_INKS.map(() => []);
  for (let row = 0; row < rows; row++) {
    let open: Stroke | undefined;
    let openLevel = -1;
    for (const { fromMs, toMs, counts } of columns) {
      const amount = counts[row] ?? 0;
      const level = amount === 0 ? -1 : heatLevel(amount, most);
      if (open !== undefined && level === openLevel) open.toMs = toMs;
      else if (level < 0) open = undefined;
      else {
        open = { row, fromMs, toMs };
        strokes[level]?.push(open);
      }
      openLevel = level;
    }
  }
  return strokes;
}

/** The SVG of a heatmap. `id` must be unique on the page. */
export function drawHeatmap(id: string, plot: HeatmapPlot, frame: Frame): string {
  const { rows, low, high } = plot;
  const columns = mergedColumns(plot.columns, frame.isNarrow ? MAX_COLUMNS / 2 : MAX_COLUMNS);
  const box = plotBox(frame, 14);
  const x = linear(0, plot.axisMs, box.left, box.right);
  const y = linear(low, high, box.bottom, box.top);
  const height = box.bottom - box.top;
  const marks = strokesOf(columns, rows, highestCount(columns)).map((strokes, level) => {
    const lines = strokes.map(({ row, fromMs, toMs }) => {
      const middle = box.bottom - ((row + 0.5) / rows) * height;
      return [x(fromMs), middle, x(toMs), middle] as const;
    });
    // A tenth of a pixel higher than a row, so that no background shows between rows.
    return path(strokesPath(lines), {
      stroke: ink(HEAT_INKS[level] ?? 'heat0'),
      'stroke-width': tenth(height / rows) + 0.1,
    });
  });
  const latency = (exponent: number) => duration(10 ** exponent, { trim: true, digits: 2 });
  return svgOf(frame.width, frame.height, [
    leftAxis(box, logTicks(low, high, logLabels(frame.height)), y, latency, frame),
    timeAxis(plot, box, frame),
    clipped(`${id}-c`, box, marks),
  ]);
}
