// A distribution → an SVG: bars on a logarithmic axis, percentiles as vertical lines.

import { compact, duration } from '../../text/format.ts';
import { logTicks, scaleFor } from './axes.ts';
import type { DistributionPlot } from './figure.ts';
import { bottomAxis, type Frame, leftAxis, linear, plotBox, ticksOf } from './frame.ts';
import { ink } from './ink.ts';
import { shapesPath, strokesPath } from './line-path.ts';
import { labels, path, svgOf } from './svg.ts';
import { textWidth } from './text-width.ts';

const MARK_FONT = 11.5;
/** Width of bold text relative to the regular text that textWidth() estimates. */
const BOLD_FACTOR = 1.1;
const LABEL_GAP = 5;

/** The SVG of a distribution. */
export function drawDistribution({ low, high, counts, marks }: DistributionPlot, frame: Frame): string {
  // Room on the right for the label of the last percentile.
  const end = high + (high - low) * 0.04;
  const ticks = logTicks(low, end, frame.isNarrow ? 5 : 10);
  const step = (high - low) / counts.length;
  const scale = scaleFor(Math.max(...counts, 1) * 1.05);
  const box = plotBox(frame, 14);
  const x = linear(low, end, box.left, box.right);
  const y = linear(0, scale.max, box.bottom, box.top);
  const atOf = (value: number) => x(Math.log10(Math.max(value, 0.001)));
  const bars = counts.flatMap((amount, bar) => {
    if (amount === 0) return [];
    const [left, right] = [x(low + bar * step), x(low + (bar + 1) * step) - 1];
    const top = Math.min(y(amount), box.bottom - 1);
    return [
      [
        [left, box.bottom],
        [left, top],
        [right, top],
        [right, box.bottom],
      ] as const,
    ];
  });
  return svgOf(frame.width, frame.height, [
    leftAxis(box, ticksOf(scale), y, compact, frame),
    bottomAxis(box, ticks, x, (value) => duration(10 ** value, { trim: true, digits: 2 })),
    path(shapesPath(bars), { fill: ink('ok'), 'fill-opacity': '.55' }),
    ...marks.map(({ ink: colour, value }) => {
      const at = atOf(value);
      return path(strokesPath([[at, box.bottom, at, box.top]]), { stroke: ink(colour), 'stroke-width': 1.5 });
    }),
    // After all lines, so that no line crosses a label.
    ...marks.map(({ name, ink: colour, value }, index) => {
      // Each label has its own height, so that labels of close percentiles do not overlap.
      const text = `${name} ${duration(value)}`;
      const width = textWidth(text, MARK_FONT) * BOLD_FACTOR;
      const [at, room] = [atOf(value), LABEL_GAP + width];
      // A label that would not fit on the right is left of its line.
      const x = at + room > frame.width ? at - room : at + LABEL_GAP;
      const label = { x, y: box.top + 4 + index * 15, text };
      const bold = { 'font-size': MARK_FONT, 'font-weight': 'bold', fill: ink(colour) };
      const [left, right, top, bottom] = [x - 2, x + width + 2, label.y - 7, label.y + 7];
      const behind = [
        [left, bottom],
        [left, top],
        [right, top],
        [right, bottom],
      ] as const;
      return path(shapesPath([behind]), { fill: ink('surface'), 'fill-opacity': '.85' }) + labels([label], bold);
    }),
  ]);
}
