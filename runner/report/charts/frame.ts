// Margins, axes and legends of the SVGs, the same for all, so that charts stand above one another in line.

import { clock, elapsed } from '../../text/format.ts';
import { type Scale, timeStep } from './axes.ts';
import type { Phase } from './figure.ts';
import { ink } from './ink.ts';

/** Size of one drawing; the side margins are the same for all charts on a page. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly isNarrow: boolean;
}

export function gridOf({ isNarrow }: Frame, top = 46) {
  return { left: isNarrow ? 50 : 66, right: isNarrow ? 34 : 46, top, bottom: 42 };
}

const FONT_SIZE = 12;

export const labelStyle = { color: ink('muted'), fontSize: FONT_SIZE } as const;

/** Along the bottom: time since the start of load, and below it the clock in UTC. */
export function timeAxis(
  { axisMs, startedAtMs }: { readonly axisMs: number; readonly startedAtMs: number },
  { isNarrow }: Frame,
  hasLabels = true,
) {
  const text = (value: number) => `${elapsed(value)}\n${clock(startedAtMs + value)}`;
  return {
    type: 'value' as const,
    min: 0,
    max: axisMs,
    interval: timeStep(axisMs, isNarrow ? 5 : 10),
    axisLabel: { ...labelStyle, show: hasLabels, formatter: text, showMaxLabel: false, hideOverlap: true },
    axisLine: { lineStyle: { color: ink('axis') } },
    axisTick: { lineStyle: { color: ink('axis') }, length: 4 },
    splitLine: { show: false },
  };
}

/** A value axis from 0; `format` writes the labels. */
export function valueAxis(format: (value: number) => string, { max, interval }: Scale, frame: Frame) {
  return {
    type: 'value' as const,
    min: 0,
    max,
    interval,
    axisLabel: { ...labelStyle, fontSize: frame.isNarrow ? 11 : FONT_SIZE, formatter: format },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: ink('grid') } },
  };
}

export function legendOf(names: readonly string[], { isNarrow }: Frame) {
  return {
    show: true,
    data: [...names],
    top: 0,
    left: isNarrow ? 0 : 60,
    itemWidth: isNarrow ? 16 : 24,
    itemHeight: 8,
    itemGap: isNarrow ? 8 : 16,
    textStyle: { color: ink('text'), fontSize: isNarrow ? 11 : FONT_SIZE },
  };
}

/** The run's phases as stretches, some of them shaded, named along the top where there is room. */
export function phaseShading(phases: readonly Phase[], axisMs: number, frame: Frame, isNamed = true) {
  const plotWidth = frame.width - 110;
  return {
    silent: true,
    label: { color: ink('muted'), fontSize: 10.5, position: 'top' as const, distance: 4, textBorderWidth: 0 },
    data: phases.map(({ name, fromMs, toMs, isShaded }) => {
      const hasRoom = isNamed && ((toMs - fromMs) / axisMs) * plotWidth > name.length * 6.2 + 6;
      const from = {
        xAxis: fromMs,
        name: hasRoom ? name : '',
        itemStyle: { color: ink('phase'), opacity: isShaded ? 1 : 0 },
      };
      return [from, { xAxis: toMs }] satisfies [object, object];
    }),
  };
}
