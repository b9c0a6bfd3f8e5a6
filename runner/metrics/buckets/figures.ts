// The layout of a row of figures, stored in an array of doubles: no object per interval, and adding allocates nothing.
//
//   counter, rate   count, sum
//   trend           count, sum, min, max
//   gauge           count, sum, min, max, last, end of its window (epoch milliseconds)

import type { MetricType, SeriesWindow } from '../../model/metrics.ts';

/** Length of a row, in doubles. */
export const WIDTH: Readonly<Record<MetricType, 2 | 4 | 6>> = { counter: 2, rate: 2, trend: 4, gauge: 6 };

export const COUNT = 0;
export const SUM = 1;
export const MIN = 2;
export const MAX = 3;
export const LAST = 4;
export const LAST_AT = 5;

/** The row to which nothing has been added. */
const EMPTY_ROW = [0, 0, Infinity, -Infinity, 0, -Infinity];

/** Clears the row that starts at `at`. */
export function clearFigures(row: Float64Array, at: number, width: number): void {
  for (let i = 0; i < width; i++) row[at + i] = EMPTY_ROW[i] ?? 0;
}

/**
 * Adds a window to the row at `at`. A gauge keeps the last value of the window that ends latest; of two that end
 * together, the second added.
 */
export function addWindow(row: Float64Array, at: number, width: number, window: SeriesWindow): void {
  addCommon(row, at, window.count, window.sum);
  if (width < 4) return;
  addRange(row, at, window.min, window.max);
  if (width === 6) addLast(row, at, window.last, window.startMs + window.lengthMs);
}

/** Adds the row of `other` at `otherAt` to the row at `at`. Both have the same width. */
export function addFigures(row: Float64Array, at: number, width: number, other: Float64Array, otherAt: number): void {
  addCommon(row, at, other[otherAt] ?? 0, other[otherAt + SUM] ?? 0);
  if (width < 4) return;
  addRange(row, at, other[otherAt + MIN] ?? Infinity, other[otherAt + MAX] ?? -Infinity);
  if (width === 6) addLast(row, at, other[otherAt + LAST] ?? 0, other[otherAt + LAST_AT] ?? -Infinity);
}

function addCommon(row: Float64Array, at: number, count: number, sum: number): void {
  row[at] = (row[at] ?? 0) + count;
  // Capped: the sum of two values of 1e308 is Infinity, which JSON cannot hold.
  row[at + SUM] = Math.min(Math.max((row[at + SUM] ?? 0) + sum, -Number.MAX_VALUE), Number.MAX_VALUE);
}

function addRange(row: Float64Array, at: number, min: number, max: number): void {
  if (min < (row[at + MIN] ?? Infinity)) row[at + MIN] = min;
  if (max > (row[at + MAX] ?? -Infinity)) row[at + MAX] = max;
}

function addLast(row: Float64Array, at: number, last: number, timeMs: number): void {
  if (timeMs < (row[at + LAST_AT] ?? -Infinity)) return;
  row[at + LAST] = last;
  row[at + LAST_AT] = timeMs;
}

/** Copies `from` into the larger array `to` and returns it. */
export function grown<A extends { set(from: A): void }>(from: A, to: A): A {
  to.set(from);
  return to;
}
