// Packed rows of some series go in; the histograms of one interval are found among them when somebody asks for its percentiles, which
// nobody does of most intervals.

import type { Bins } from '../model/metrics.ts';
import type { PackedRows } from './bin-accumulator.ts';

/** The rows of one series as they are now; later ones go into other places. */
export interface SeriesRows {
  readonly intervals: Int32Array;
  /** Whether the intervals ascend. */
  readonly isSorted: boolean;
  readonly bytes: Uint8Array;
  /** Row i ends before byte ends[i]. */
  readonly ends: Uint32Array;
  readonly rows: number;
  /** Of the interval that is not closed yet; -Infinity: none. */
  readonly openInterval: number;
  readonly openBins: readonly Bins[];
}

/** Histograms that add up. */
export interface RowsAndBins {
  readonly rows: PackedRows[];
  readonly bins: Bins[];
}

export class IntervalRows {
  constructor(private readonly series: readonly SeriesRows[]) {}

  /** The histograms that add up to that of the interval, series by series. */
  of(interval: number): RowsAndBins {
    const found: RowsAndBins = { rows: [], bins: [] };
    for (const { intervals, isSorted, bytes, ends, rows, openInterval, openBins } of this.series) {
      for (let row = isSorted ? firstFrom(intervals, rows, interval) : 0; row < rows; row++) {
        if (intervals[row] === interval)
          found.rows.push({ bytes, ends, fromRow: row, toRow: row + 1, merged: undefined });
        else if (isSorted) break;
      }
      if (openInterval === interval) found.bins.push(...openBins);
    }
    return found;
  }
}

/** The first of ascending intervals that is not before `interval`. */
function firstFrom(intervals: Int32Array, rows: number, interval: number): number {
  let [low, high] = [0, rows];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((intervals[middle] ?? 0) < interval) low = middle + 1;
    else high = middle;
  }
  return low;
}
