// What every chart hands over, and the time axis and frame that they share, so that charts stand above one another in line.

import type { RunMetrics } from '../../metrics/model.ts';
import { elapsed } from '../format.ts';
import type { Result } from '../result.ts';
import { ink } from './ink.ts';
import { type ChartOption, drawSvg } from './svg.ts';

/** A chart before it is placed on a page: pictures in sentinel colours (ink.ts), words, and the same data as a table. */
export interface Chart {
  /** File name without extension, and anchor on the page: `latency`. */
  readonly name: string;
  readonly title: string;
  /** One sentence that says what the picture shows, with its numbers. */
  readonly takeaway: string;
  /** SVG text, `WIDE` and `NARROW` pixels wide. */
  readonly wide: string;
  readonly narrow: string;
  readonly table: ChartTable;
}

export interface ChartTable {
  readonly columns: readonly string[];
  /** At most MAX_TABLE_ROWS; the first cell is the row's header. */
  readonly rows: ReadonlyArray<readonly string[]>;
}

export const WIDE = 960;
export const NARROW = 400;
export const MAX_TABLE_ROWS = 60;

export interface ChartInput {
  readonly result: Result;
  readonly metrics: RunMetrics;
  /** Start of load, epoch milliseconds: 0 of the time axis. */
  readonly loadStartMs: number;
  /** Length of the time axis, at least one second. */
  readonly axisMs: number;
}

/** Size and margins of one drawing; the side margins are the same for all charts on a page. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly isNarrow: boolean;
}

/** Draws an option twice, for a page and for a phone. `name` is unique on the page. */
export function drawBoth(
  name: string,
  height: number,
  option: (frame: Frame) => ChartOption,
): Pick<Chart, 'wide' | 'narrow'> {
  const narrowHeight = Math.round(height * 0.85);
  return {
    wide: drawSvg(`${name}-wide`, option({ width: WIDE, height, isNarrow: false }), WIDE, height),
    narrow: drawSvg(
      `${name}-narrow`,
      option({ width: NARROW, height: narrowHeight, isNarrow: true }),
      NARROW,
      narrowHeight,
    ),
  };
}

const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400].map(
  (seconds) => seconds * 1000,
);

/** The step between time labels: a round number of seconds, minutes or hours that gives at most `most` labels. */
export function timeStep(axisMs: number, most: number): number {
  return STEPS_MS.find((step) => axisMs / step <= most) ?? Math.ceil(axisMs / most / 86_400_000) * 86_400_000;
}

export function gridOf({ isNarrow }: Frame, top = 44) {
  return { left: isNarrow ? 50 : 66, right: isNarrow ? 34 : 46, top, bottom: 28 };
}

const FONT_SIZE = 12;

export const labelStyle = { color: ink('muted'), fontSize: FONT_SIZE } as const;

/** Elapsed time since the start of load along the bottom. */
export function timeAxis(axisMs: number, { isNarrow }: Frame) {
  return {
    type: 'value' as const,
    min: 0,
    max: axisMs,
    interval: timeStep(axisMs, isNarrow ? 5 : 10),
    axisLabel: { ...labelStyle, formatter: (value: number) => elapsed(value), showMaxLabel: false, hideOverlap: true },
    axisLine: { lineStyle: { color: ink('axis') } },
    axisTick: { lineStyle: { color: ink('axis') }, length: 4 },
    splitLine: { show: false },
  };
}

/** A value axis with at most five lines; `format` writes the labels. */
export function valueAxis(format: (value: number) => string, max?: number, { isNarrow = false } = {}) {
  return {
    type: 'value' as const,
    min: 0,
    ...(max === undefined ? {} : { max }),
    splitNumber: 4,
    axisLabel: { ...labelStyle, fontSize: isNarrow ? 11 : FONT_SIZE, formatter: format },
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
    itemWidth: 18,
    itemHeight: 8,
    itemGap: isNarrow ? 8 : 16,
    textStyle: { color: ink('text'), fontSize: isNarrow ? 11 : FONT_SIZE },
  };
}

/** The run's phases as shaded stretches, every second one tinted, named along the top where there is room. */
export function phaseShading({ result, axisMs }: ChartInput, frame: Frame) {
  const plotWidth = frame.width - 110;
  const isKnown = result.phases.length > 0;
  return {
    silent: true,
    label: { color: ink('muted'), fontSize: 10.5, position: 'insideTop' as const, distance: 3, textBorderWidth: 0 },
    data: (isKnown ? result.phases : []).flatMap((phase, index) => {
      const start = Math.max(phase.start_ms, 0);
      const end = Math.min(phase.end_ms, axisMs);
      if (end <= start) return [];
      const hasRoom = ((end - start) / axisMs) * plotWidth > phase.name.length * 6.2 + 6;
      const from = {
        xAxis: start,
        name: hasRoom ? phase.name : '',
        itemStyle: { color: ink('phase'), opacity: index % 2 === 0 ? 1 : 0 },
      };
      return [[from, { xAxis: end }] satisfies [object, object]];
    }),
  };
}

/** A round number at or above `value`: 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.2, 1.6, 2, 2.4, 3.2, 4, 5, 6, 8, 10].find((factor) => factor * power >= value * 0.9999);
  return (step ?? 10) * power;
}
