// Packed rows of some series go in; the histograms of one interval are found among them when somebody asks for its percentiles, which
// nobody does of most intervals.

import type { Bins } from '../model/metrics.ts';
import type { PackedRows } from './bin-accumulator.ts';
import type { DenseCounts } from './dense-counts.ts';

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

  /** Where the histogram of the interval lies if it is that of one series, settled; undefined for all others. */
  only(interval: number): { readonly bytes: Uint8Array; readonly start: number; readonly end: number } | undefined {
    const [one] = this.series;
    if (one === undefined || this.series.length > 1 || !one.isSorted || one.openInterval === interval) return undefined;
    const row = firstFrom(one.intervals, one.rows, interval);
    const isAlone = one.intervals[row] === interval && (row + 1 >= one.rows || one.intervals[row + 1] !== interval);
    if (row >= one.rows || !isAlone) return undefined;
    return { bytes: one.bytes, start: row === 0 ? 0 : (one.ends[row - 1] ?? 0), end: one.ends[row] ?? 0 };
  }

  /** Adds the histograms of the interval. */
  addTo(sum: DenseCounts, interval: number): void {
    for (const each of this.series) {
      const { intervals, isSorted, rows, openInterval, openBins } = each;
      for (let row = isSorted ? firstFrom(intervals, rows, interval) : 0; row < rows; row++) {
        if (intervals[row] === interval) sum.addRow(each, row);
        else if (isSorted) break;
      }
      if (openInterval === interval) for (const bins of openBins) sum.add(bins);
    }
  }

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
