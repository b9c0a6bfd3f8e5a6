// What all interactive charts have in common as options of uPlot: size, margins, axes, and no legend or cursor of its own making.

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

/** Below it, margins and labels are those of a phone. */
const NARROW_PX = 560;
const AXIS_FONT_PX = 12;
/** Of a letter of an axis: labels are digits, mostly. */
const DIGIT_PX = 6.8;

/** Round values from `min` to `max`, both ends included where they are round. */
function roundValues(min: number, max: number, step: number): number[] {
  const values: number[] = [];
  for (let at = Math.ceil(min / step - 1e-9) * step; at <= max + step * 1e-6; at += step) values.push(at);
  return values;
}

const TOP_PX = 18;
const STACKED_TOP_PX = 6;

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

/** The axis along the bottom: values of `splits`, written by `text`. */
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
    values: (plot, values) => apart(plot, values, values.map(text)),
  };
}

/** Labels that would cover the one before are left out. */
function apart(plot: uPlot, values: readonly number[], texts: readonly string[]): string[] {
  const widthOf = (text: string) => Math.max(...text.split('\n').map((line) => line.length)) * DIGIT_PX;
  let end = -Infinity;
  return texts.map((text, index) => {
    const [at, half] = [plot.valToPos(values[index] ?? 0, 'x'), widthOf(text) / 2];
    if (at - half < end) return '';
    end = at + half + 2;
    return text;
  });
}

/** Time since the start of load, and below it the clock in the zone that the reader chose. */
export function timeAxis(startedAtMs: number, hasLabels = true): uPlot.Axis {
  const text = (atMs: number) => `${elapsed(atMs)}\n${clock(startedAtMs + atMs, zone.current)}`;
  const axis = bottomAxis((min, max, most) => roundValues(min, max, timeStep(max - min, most)), text);
  return hasLabels ? { ...axis, size: 40 } : { ...axis, size: 8, values: (_plot, values) => values.map(() => '') };
}

/** The axis on the left with lines across. */
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

/** The scale of time: the range, or the whole axis. */
export function timeScale(shown: () => TimeSpan): uPlot.Scale {
  return {
    time: false,
    range: () => {
      const { fromMs, toMs } = shown();
      return [fromMs, toMs];
    },
  };
}
