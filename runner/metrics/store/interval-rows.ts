// Finds the histograms of one interval in the packed rows of several series. Done on demand, because percentiles of
// most intervals are never needed.

import type { Bins } from '../../model/metrics.ts';
import type { PackedRows } from '../buckets/bin-accumulator.ts';
import type { DenseCounts } from '../buckets/dense-counts.ts';

/** The rows of one series at this moment; rows added later go elsewhere. */
export interface SeriesRows {
  readonly intervals: Int32Array;
  /** True if the intervals ascend. */
  readonly isSorted: boolean;
  readonly bytes: Uint8Array;
  /** Row i ends before byte ends[i]. */
  readonly ends: Uint32Array;
  readonly rows: number;
  /** The interval that is not closed yet; -Infinity if there is none. */
  readonly openInterval: number;
  readonly openBins: readonly Bins[];
}

/** Histograms to be added up. */
export interface RowsAndBins {
  readonly rows: PackedRows[];
  readonly bins: Bins[];
}

/** The packed rows of the series that match a filter. */
export class IntervalRows {
  constructor(private readonly series: readonly SeriesRows[]) {}

  /** Where the interval's histogram is stored, if one closed row of one series holds it; undefined otherwise. */
  only(interval: number): { readonly bytes: Uint8Array; readonly start: number; readonly end: number } | undefined {
    const [one] = this.series;
    if (one === undefined || this.series.length > 1 || !one.isSorted || one.openInterval === interval) return undefined;
    const row = firstFrom(one.intervals, one.rows, interval);
    const isAlone = one.intervals[row] === interval && (row + 1 >= one.rows || one.intervals[row + 1] !== interval);
    if (row >= one.rows || !isAlone) return undefined;
    return { bytes: one.bytes, start: row === 0 ? 0 : (one.ends[row - 1] ?? 0), end: one.ends[row] ?? 0 };
  }

  /** Adds the histograms of the interval to `sum`. */
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

  /** The histograms of the interval, series by series. */
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

/** Index of the first interval that is not before `interval`; the intervals ascend. */
function firstFrom(intervals: Int32Array, rows: number, interval: number): number {
  let [low, high] = [0, rows];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((intervals[middle] ?? 0) < interval) low = middle + 1;
    else high = middle;
  }
  return low;
}
