// Margins and axes of the SVGs. They are the same for all charts, so that time axes are aligned.

import { clock, elapsed } from '../../text/format.ts';
import { type Scale, timeStep } from './axes.ts';
import type { Phase } from './figure.ts';
import { ink } from './ink.ts';
import { shapesPath, strokesPath } from './line-path.ts';
import { type Box, type Label, labels, path, sharp } from './svg.ts';
import { textWidth } from './text-width.ts';

/** Size of one SVG in pixels. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly isNarrow: boolean;
}

const FONT_SIZE = 12;
const TICK = 4;
/** Least distance between two labels of the time axis in pixels. */
const LABEL_GAP = 10;

/** The area of the plot inside its axes, in pixels. */
export function plotBox({ width, height, isNarrow }: Frame, top: number, bottom = 42): Box {
  return { left: isNarrow ? 50 : 66, right: width - (isNarrow ? 34 : 46), top, bottom: height - bottom };
}

/** A conversion from values to pixels: `min` is at `from`, `max` at `to`. */
export function linear(min: number, max: number, from: number, to: number): (value: number) => number {
  const perUnit = (to - from) / (max - min || 1);
  return (value) => from + (value - min) * perUnit;
}

/** Labels without those that would overlap the previous one. */
function withoutOverlaps(all: readonly Label[]): Label[] {
  let end = -Infinity;
  return all.filter(({ x, text }) => {
    const half = textWidth(text, FONT_SIZE) / 2;
    if (x - half < end) return false;
    end = x + half + 2;
    return true;
  });
}

function axisLine({ left, right, bottom }: Box): string {
  const y = sharp(bottom);
  return path(strokesPath([[left, y, right, y]]), { fill: 'none', stroke: ink('axis') });
}

/** The axis at the bottom with labelled ticks. `at` converts to pixels; a `text` can have two lines. */
export function bottomAxis(
  box: Box,
  ticks: readonly number[],
  at: (value: number) => number,
  text: ((value: number) => string) | undefined,
): string {
  const strokes = ticks.map((tick) => {
    const x = sharp(at(tick));
    return [x, box.bottom, x, box.bottom + TICK] as const;
  });
  const marks = axisLine(box) + path(strokesPath(strokes), { fill: 'none', stroke: ink('axis') });
  if (text === undefined) return marks;
  const named = withoutOverlaps(
    ticks.map((tick) => ({ x: at(tick), y: box.bottom + 14, text: text(tick).split('\n')[0] ?? '' })),
  );
  const second = withoutOverlaps(
    ticks.map((tick) => ({ x: at(tick), y: box.bottom + 26, text: text(tick).split('\n')[1] ?? '' })),
  ).filter((label) => label.text !== '');
  return marks + labels([...named, ...second], { 'text-anchor': 'middle', 'font-size': FONT_SIZE, fill: ink('muted') });
}

/** The time axis at the bottom: time since the start of the load, and below it the time of day in UTC. */
export function timeAxis(
  { axisMs, startedAtMs }: { readonly axisMs: number; readonly startedAtMs: number },
  box: Box,
  { isNarrow }: Frame,
  hasLabels = true,
): string {
  const room = Math.floor((box.right - box.left) / (textWidth('00:00:00', FONT_SIZE) + LABEL_GAP));
  const step = timeStep(axisMs, Math.min(isNarrow ? 5 : 10, room));
  // Without a tick at the very end, because its label would not fit into the picture.
  const ticks = Array.from({ length: Math.ceil(axisMs / step) }, (_, index) => index * step);
  const text = (value: number) => `${elapsed(value)}\n${clock(startedAtMs + value)}`;
  return bottomAxis(box, ticks, linear(0, axisMs, box.left, box.right), hasLabels ? text : undefined);
}

/** The tick values of a scale, from 0 to its end. */
export function ticksOf({ max, interval }: Scale): number[] {
  return Array.from({ length: Math.round(max / interval) + 1 }, (_, index) =>
    Number((index * interval).toPrecision(12)),
  );
}

/** The axis on the left with horizontal grid lines; `format` makes the labels. */
export function leftAxis(
  box: Box,
  ticks: readonly number[],
  at: (value: number) => number,
  format: (value: number) => string,
  { isNarrow }: Frame,
): string {
  const lines = ticks.map((tick) => {
    const y = sharp(at(tick));
    return [box.left, y, box.right, y] as const;
  });
  const named = ticks.map((tick) => ({ x: box.left - 8, y: at(tick), text: format(tick) }));
  const usual = isNarrow ? 11 : FONT_SIZE;
  // Labels wider than the margin get a smaller font instead of being cut.
  const widest = Math.max(...named.map(({ text }) => textWidth(text, usual)));
  const size = Math.min(usual, Math.floor((usual * (box.left - 10) * 10) / Math.max(widest, 1)) / 10);
  return (
    path(strokesPath(lines), { fill: 'none', stroke: ink('grid') }) +
    labels(named, { 'text-anchor': 'end', 'font-size': size, fill: ink('muted') })
  );
}

/** The run's phases: shaded areas, and names at the top if they fit. */
export function phaseShading(phases: readonly Phase[], axisMs: number, box: Box, isNamed = true): string {
  const at = linear(0, axisMs, box.left, box.right);
  const stretches = phases.map(({ fromMs, toMs, ...rest }) => ({ from: at(fromMs), to: at(toMs), ...rest }));
  const shaded = stretches
    .filter(({ isShaded }) => isShaded)
    .map(({ from, to }) => [
      [from, box.bottom] as const,
      [to, box.bottom] as const,
      [to, box.top] as const,
      [from, box.top] as const,
    ]);
  const named = stretches
    .filter(({ name, from, to }) => isNamed && to - from > name.length * 6.2 + 6)
    .map(({ name, from, to }) => ({ x: (from + to) / 2, y: box.top - 9.2, text: name }));
  return (
    path(shapesPath(shaded), { fill: ink('phase') }) +
    labels(named, { 'text-anchor': 'middle', 'font-size': 10.5, fill: ink('muted') })
  );
}
