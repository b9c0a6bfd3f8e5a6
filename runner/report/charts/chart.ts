// What every chart hands over, and the time axis and frame that they share, so that charts stand above one another in line.

import type { RunMetrics } from '../../metrics/model.ts';
import { oneLine } from '../display-text.ts';
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

export function gridOf({ isNarrow }: Frame, top = 46) {
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

/** A scale from 0 to a round number at or above `highest`, in four to six equal steps of 1, 2, 2.5 or 5 times a power of ten. */
export function scaleFor(highest: number): { readonly max: number; readonly interval: number } {
  if (!(highest > 0)) return { max: 1, interval: 0.25 };
  const power = 10 ** Math.floor(Math.log10(highest / 4));
  const interval = ([1, 2, 2.5, 5, 10].find((factor) => highest / (factor * power) <= 5.0001) ?? 10) * power;
  return { max: Math.ceil((highest / interval) * 0.99999) * interval, interval };
}

/** A value axis from 0; `format` writes the labels. */
export function valueAxis(format: (value: number) => string, scale: { max: number; interval: number }, frame: Frame) {
  return {
    type: 'value' as const,
    min: 0,
    ...scale,
    axisLabel: { ...labelStyle, fontSize: frame.isNarrow ? 11 : FONT_SIZE, formatter: format },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: ink('grid') } },
  };
}

/** Round latencies (1, 2, 5 times a power of ten, milliseconds) between two powers of ten, at most `most` of them, as exponents. */
export function logTicks(low: number, high: number, most: number): number[] {
  for (const factors of [[1, 2, 5], [1, 3], [1]]) {
    const ticks: number[] = [];
    for (let power = Math.floor(low); power <= Math.ceil(high); power++) {
      for (const factor of factors) {
        const exponent = power + Math.log10(factor);
        if (exponent >= low && exponent <= high) ticks.push(exponent);
      }
    }
    if (ticks.length <= most) return ticks.length > 1 ? ticks : [low, (low + high) / 2, high];
  }
  const decades = Math.ceil((high - low) / most);
  return Array.from({ length: most }, (_, index) => Math.ceil(low) + index * decades).filter((tick) => tick <= high);
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

/** The run's phases as shaded stretches, every second one tinted, named along the top where there is room. */
export function phaseShading({ result, axisMs }: ChartInput, frame: Frame) {
  const plotWidth = frame.width - 110;
  const isKnown = result.phases.length > 0;
  return {
    silent: true,
    label: { color: ink('muted'), fontSize: 10.5, position: 'top' as const, distance: 4, textBorderWidth: 0 },
    data: (isKnown ? result.phases : []).flatMap((phase, index) => {
      const start = Math.max(phase.start_ms, 0);
      const end = Math.min(phase.end_ms, axisMs);
      if (end <= start) return [];
      const name = oneLine(phase.name, 40);
      const hasRoom = ((end - start) / axisMs) * plotWidth > name.length * 6.2 + 6;
      const from = {
        xAxis: start,
        name: hasRoom ? name : '',
        itemStyle: { color: ink('phase'), opacity: index % 2 === 0 ? 1 : 0 },
      };
      return [[from, { xAxis: end }] satisfies [object, object]];
    }),
  };
}
