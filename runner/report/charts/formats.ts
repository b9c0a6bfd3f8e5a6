// How the values of a chart are written, by name, so that a figure stays plain data: short on an axis, in full in a readout.

import { bytes, compact, count, duration, percent, percentileName, perSecond, significant } from '../../text/format.ts';

interface Writer {
  readonly axis: (value: number) => string;
  readonly reading: (value: number) => string;
}

const WRITERS = {
  /** Milliseconds. */
  duration: { axis: (value) => duration(value, { trim: true }), reading: (value) => duration(value) },
  /** Whole things. */
  count: { axis: (value) => compact(value), reading: (value) => count(value) },
  perSecond: { axis: (value) => compact(value), reading: (value) => perSecond(value) },
  bytes: { axis: (value) => bytes(value, { trim: true }), reading: (value) => bytes(value) },
  bytesPerSecond: { axis: (value) => `${bytes(value, { trim: true })}/s`, reading: (value) => `${bytes(value)}/s` },
  /** A share from 0 to 1. */
  percent: { axis: (value) => percent(value), reading: (value) => percent(value) },
  /** A number without a unit that need not be whole: cores, a gauge of the script. */
  number: {
    axis: (value) => compact(value),
    reading: (value) => significant(value, 3),
  },
  /** A percentile by its place on the axis of a percentile curve, which gives each further nine the same width. */
  percentile: { axis: nameAt, reading: nameAt },
} as const satisfies Record<string, Writer>;

function nameAt(x: number): string {
  return percentileName(1 - 10 ** -x);
}

/** Where percentiles are labelled on the axis of a curve that ends at `last`. */
export function percentileTicks(last: number): number[] {
  return [0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999].map((q) => -Math.log10(1 - q)).filter((x) => x <= last + 1e-9);
}

export type FormatId = keyof typeof WRITERS;

/** Label of a value axis: without closing zeros. */
export function axisText(format: FormatId, value: number): string {
  return WRITERS[format].axis(value);
}

/** A value as a reader points at it, to three digits; `no data` for null. */
export function readingText(format: FormatId, value: number | null): string {
  return value === null ? 'no data' : WRITERS[format].reading(value);
}
