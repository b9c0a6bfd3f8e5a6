// Formats of a chart's values by name, so that figures are plain data: short texts for axes, full texts for readouts.

import { bytes, compact, count, duration, percent, percentileName, perSecond, significant } from '../../text/format.ts';

interface Writer {
  readonly axis: (value: number) => string;
  readonly reading: (value: number) => string;
}

const WRITERS = {
  /** Values in milliseconds. */
  duration: { axis: (value) => duration(value, { trim: true }), reading: (value) => duration(value) },
  /** Whole numbers. */
  count: { axis: (value) => compact(value), reading: (value) => count(value) },
  perSecond: { axis: (value) => compact(value), reading: (value) => perSecond(value) },
  bytes: { axis: (value) => bytes(value, { trim: true }), reading: (value) => bytes(value) },
  bytesPerSecond: { axis: (value) => `${bytes(value, { trim: true })}/s`, reading: (value) => `${bytes(value)}/s` },
  /** A share from 0 to 1. */
  percent: { axis: (value) => percent(value), reading: (value) => percent(value) },
  /** Numbers without a unit that need not be whole, such as cores or a gauge of the script. */
  number: {
    axis: (value) => compact(value),
    reading: (value) => significant(value, 3),
  },
  /** A percentile from its x on a percentile curve, on which p90, p99 and p99.9 are equally far apart. */
  percentile: { axis: nameAt, reading: nameAt },
} as const satisfies Record<string, Writer>;

function nameAt(x: number): string {
  return percentileName(1 - 10 ** -x);
}

/** The x of the labels of a percentile curve that ends at `last`. */
export function percentileTicks(last: number): number[] {
  return [0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999].map((q) => -Math.log10(1 - q)).filter((x) => x <= last + 1e-9);
}

export type FormatId = keyof typeof WRITERS;

/** A value as a label of an axis, without trailing zeros. */
export function axisText(format: FormatId, value: number): string {
  return WRITERS[format].axis(value);
}

/** A value for a readout, to three digits; `no data` for null. */
export function readingText(format: FormatId, value: number | null): string {
  return value === null ? 'no data' : WRITERS[format].reading(value);
}
