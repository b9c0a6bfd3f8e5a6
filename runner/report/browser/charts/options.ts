// Options of uPlot that all interactive charts share: size, margins and axes. uPlot's own legend is off.

import type uPlot from 'uplot';
import { clock, elapsed } from '../../../text/format.ts';
import { timeStep } from '../../charts/axes.ts';
import type { TimeSpan } from '../range.ts';
import { zone } from '../zone.ts';
import { CHART_FONT, colourOf } from './inks.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Narrower charts have the margins and labels of a phone. */
const NARROW_PX = 560;
const AXIS_FONT_PX = 12;
/** Width of a character of an axis; most are digits. */
const DIGIT_PX = 6.8;

/** Multiples of `step` from `min` to `max`, both included. */
function roundValues(min: number, max: number, step: number): number[] {
  const values: number[] = [];
  for (let at = Math.ceil(min / step - 1e-9) * step; at <= max + step * 1e-6; at += step) values.push(at);
  return values;
}

const TOP_PX = 18;
const STACKED_TOP_PX = 6;

/** Size and margins; charts of the overview (`isStacked`) have a smaller margin at the top. */
export function frame(
  { width, height }: Size,
  isStacked = false,
): Pick<uPlot.Options, 'width' | 'height' | 'padding' | 'legend'> {
  return {
    width,
    height,
    padding: [isStacked ? STACKED_TOP_PX : TOP_PX, 30, 0, 0],
    legend: { show: false },
  };
}

/** The axis at the bottom, with ticks of `splits` and labels of `text`. */
export function bottomAxis(
  splits: (min: number, max: number, most: number) => number[],
  text: (value: number) => string,
): uPlot.Axis {
  return {
    stroke: () => colourOf('muted'),
    font: `${AXIS_FONT_PX}px ${CHART_FONT}`,
    size: 30,
    gap: 4,
    grid: { show: false },
    ticks: { stroke: () => colourOf('axis'), size: 4, width: 1 },
    border: { show: true, stroke: () => colourOf('axis'), width: 1 },
    splits: (plot, _axis, min, max) => splits(min, max, plot.width < NARROW_PX ? 5 : 10),
    values: (plot, values) => withoutOverlaps(plot, values, values.map(text)),
  };
}

/** Labels; '' for those that would overlap the previous one. */
function withoutOverlaps(plot: uPlot, values: readonly number[], texts: readonly string[]): string[] {
  const widthOf = (text: string) => Math.max(...text.split('\n').map((line) => line.length)) * DIGIT_PX;
  let end = -Infinity;
  return texts.map((text, index) => {
    const [at, half] = [plot.valToPos(values[index] ?? 0, 'x'), widthOf(text) / 2];
    if (at - half < end) return '';
    end = at + half + 2;
    return text;
  });
}

/** Time since the start of the load, and below it the time of day in the chosen zone. */
export function timeAxis(startedAtMs: number, hasLabels = true): uPlot.Axis {
  const text = (atMs: number) => `${elapsed(atMs)}\n${clock(startedAtMs + atMs, zone.current)}`;
  const axis = bottomAxis((min, max, most) => roundValues(min, max, timeStep(max - min, most)), text);
  return hasLabels ? { ...axis, size: 40 } : { ...axis, size: 8, values: (_plot, values) => values.map(() => '') };
}

/** The axis on the left with horizontal grid lines. */
export function leftAxis(width: number, splits: () => number[], text: (value: number) => string): uPlot.Axis {
  return {
    stroke: () => colourOf('muted'),
    font: `${width < NARROW_PX ? 11 : 12}px ${CHART_FONT}`,
    size: width < NARROW_PX ? 56 : 68,
    gap: 6,
    grid: { stroke: () => colourOf('grid'), width: 1 },
    ticks: { show: false },
    splits,
    values: (_plot, values) => values.map(text),
  };
}

export { roundValues };

/** The time scale: the visible part of the run. */
export function timeScale(shown: () => TimeSpan): uPlot.Scale {
  return {
    time: false,
    range: () => {
      const { fromMs, toMs } = shown();
      return [fromMs, toMs];
    },
  };
}
