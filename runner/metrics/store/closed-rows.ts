// Stores the added-up intervals of one series in packed rows: 16 to 48 bytes per interval and, for trends, about one
// byte per bin. Late rows are appended; once there are many, rows of the same interval are merged.

import type { Bins, MetricType } from '../../model/metrics.ts';
import { binAccumulator, type PackedRows } from '../buckets/bin-accumulator.ts';
import { addFigures, clearFigures, grown, WIDTH } from '../buckets/figures.ts';
import { BorrowedBins, encodeBinBytes } from '../buckets/kept-bins.ts';
import type { AggregateBuilder } from './aggregate.ts';
import type { SeriesRows } from './interval-rows.ts';

/**
 * Late rows are merged when there are more than this and more than half of all rows are late, so the total work stays
 * linear.
 */
const LATE_ROWS = 64;

export const NO_BINS: Bins = { keys: new Int32Array(0), counts: new Float64Array(0) };

/** One interval, added up. Its figures and bins are overwritten by the next one. */
export interface ClosedInterval {
  readonly interval: number;
  /** A row as laid out in figures.ts. */
  readonly figures: Float64Array;
  readonly bins: Bins;
}

/** The closed intervals of one series. Several rows may belong to one interval. */
export class ClosedRows {
  readonly #width: number;
  #rows = 0;
  #lateRows = 0;
  /** True if intervals never go down from one row to the next. */
  #isSorted = true;
  #intervals = new Int32Array(2);
  #figures: Float64Array;
  /**
   * The rows' histograms, one after another; row i ends before byte #ends[i]. Written bytes never change, because
   * aggregates refer to them.
   */
  #bytes = new Uint8Array(0);
  #ends = new Uint32Array(0);
  /** One object for all rows, so that every total shares its cached sum. */
  #allRows: PackedRows | undefined;

  constructor(readonly type: MetricType) {
    this.#width = WIDTH[type];
    this.#figures = new Float64Array(2 * this.#width);
    if (type === 'trend') this.#ends = new Uint32Array(2);
  }

  /** Memory of the arrays, bytes. */
  get bytesHeld(): number {
    return this.#intervals.byteLength + this.#figures.byteLength + this.#bytes.byteLength + this.#ends.byteLength;
  }

  /** Number of rows; an interval may have several. */
  get size(): number {
    return this.#rows;
  }

  /** The figures of all rows, one after another. */
  get figures(): Float64Array {
    return this.#figures;
  }

  /** Adds a row and returns the index where its figures belong. */
  add(interval: number, bins: Bins): number {
    return this.addUpTo(interval, this.type === 'trend' ? this.append(bins) : 0);
  }

  /** Adds a row after append() has written its histogram, up to byte `end`. */
  addUpTo(interval: number, end: number): number {
    const row = this.#rows++;
    if (row >= this.#intervals.length) this.#growRows(Math.ceil(row * 1.5) + 2);
    this.#isSorted &&= row === 0 || (this.#intervals[row - 1] ?? 0) <= interval;
    this.#intervals[row] = interval;
    if (this.type === 'trend') this.#ends[row] = end;
    return row * this.#width;
  }

  /** Writes a histogram after the last row; it belongs to no row until addUpTo(). Returns its end. */
  append(bins: Bins): number {
    const start = this.#nextStart();
    if (bins instanceof BorrowedBins) {
      const end = start + bins.end - bins.start;
      this.#growBytes(end);
      for (let from = bins.start, to = start; to < end; from++, to++) this.#bytes[to] = bins.bytes[from] ?? 0;
      return end;
    }
    const packed = encodeBinBytes(bins);
    const end = start + packed.length;
    this.#growBytes(end);
    this.#bytes.set(packed, start);
    return end;
  }

  /** A copy of the histogram that append() wrote last, up to byte `end`. */
  appended(end: number): Uint8Array {
    return this.#bytes.slice(this.#nextStart(), end);
  }

  /** Counts a late row. Returns true if there are now enough of them to merge. */
  countLate(): boolean {
    this.#lateRows++;
    return this.#lateRows > LATE_ROWS && this.#lateRows * 2 > this.#rows;
  }

  /** True if the interval of the last row is not later than that of the row before it. */
  get isLastLate(): boolean {
    const row = this.#rows - 1;
    return row > 0 && (this.#intervals[row - 1] ?? 0) >= (this.#intervals[row] ?? 0);
  }

  /** Frees memory reserved for further rows. */
  trim(): void {
    const rows = this.#rows;
    this.#intervals = this.#intervals.slice(0, rows);
    this.#figures = this.#figures.slice(0, rows * this.#width);
    this.#bytes = this.#bytes.slice(0, this.#ends[rows - 1] ?? 0);
    this.#ends = this.#ends.slice(0, rows);
  }

  /** Adds the rows of intervals `from` (inclusive) to `to` (exclusive) to the builder. */
  addTo(builder: AggregateBuilder, from = -Infinity, to = Infinity): void {
    if (from === -Infinity && to === Infinity) {
      this.#addAllTo(builder);
      return;
    }
    let runStart = -1;
    for (let row = 0; row <= this.#rows; row++) {
      const interval = this.#intervals[row] ?? 0;
      const inside = row < this.#rows && interval >= from && interval < to;
      if (inside) {
        builder.add(this.#figures, row * this.#width);
        if (runStart < 0) runStart = row;
      } else if (runStart >= 0) {
        if (this.type === 'trend') builder.sources.rows.push(this.#packed(runStart, row));
        runStart = -1;
      }
    }
  }

  /** Adds the figures of every row to `figures`; its first row is interval `first`. */
  addFigures(figures: Float64Array, first: number): void {
    const width = this.#width;
    for (let row = 0; row < this.#rows; row++) {
      addFigures(figures, ((this.#intervals[row] ?? 0) - first) * width, width, this.#figures, row * width);
    }
  }

  /** Where the histograms of the rows are stored. */
  packedRows(): Omit<SeriesRows, 'openInterval' | 'openBins'> {
    return {
      intervals: this.#intervals,
      isSorted: this.#isSorted,
      bytes: this.#bytes,
      ends: this.#ends,
      rows: this.#rows,
    };
  }

  /** The intervals after coarsening by `factor`, ascending, each added up; intervals before `from` are left out. */
  *merged(from: number, factor: number): Generator<ClosedInterval> {
    const order = this.#rowsInOrder();
    const isTrend = this.type === 'trend';
    const figures = new Float64Array(this.#width);
    for (let i = 0; i < order.length; ) {
      const interval = Math.floor((this.#intervals[order[i] ?? 0] ?? 0) / factor);
      clearFigures(figures, 0, this.#width);
      for (; i < order.length; i++) {
        const row = order[i] ?? 0;
        if (Math.floor((this.#intervals[row] ?? 0) / factor) !== interval) break;
        if (interval < from) continue;
        addFigures(figures, 0, this.#width, this.#figures, row * this.#width);
        if (isTrend) binAccumulator.addRows(this.#packed(row, row + 1));
      }
      if (interval >= from) yield { interval, figures, bins: isTrend ? binAccumulator.drain() : NO_BINS };
    }
  }

  /** The same intervals, one row each, in new arrays, because aggregates still refer to the old ones. */
  rebuilt(from: number, factor: number): ClosedRows {
    const kept = new ClosedRows(this.type);
    for (const { interval, figures, bins } of this.merged(from, factor)) {
      const at = kept.add(interval, bins);
      kept.#figures.set(figures, at);
    }
    return kept;
  }

  #nextStart(): number {
    return this.#rows === 0 ? 0 : (this.#ends[this.#rows - 1] ?? 0);
  }

  #addAllTo(builder: AggregateBuilder): void {
    for (let row = 0; row < this.#rows; row++) builder.add(this.#figures, row * this.#width);
    if (this.type !== 'trend' || this.#rows === 0) return;
    if (this.#allRows?.bytes !== this.#bytes || this.#allRows.toRow !== this.#rows) {
      this.#allRows = this.#packed(0, this.#rows);
    }
    builder.sources.rows.push(this.#allRows);
  }

  #packed(fromRow: number, toRow: number): PackedRows {
    return { bytes: this.#bytes, ends: this.#ends, fromRow, toRow, merged: undefined };
  }

  #growBytes(end: number): void {
    if (end > this.#bytes.length) this.#bytes = grown(this.#bytes, new Uint8Array(Math.ceil(end * 1.25) + 16));
  }

  #growRows(capacity: number): void {
    this.#intervals = grown(this.#intervals, new Int32Array(capacity));
    this.#figures = grown(this.#figures, new Float64Array(capacity * this.#width));
    if (this.type === 'trend') this.#ends = grown(this.#ends, new Uint32Array(capacity));
  }

  /** Row numbers sorted by interval; rows of one interval in order of arrival. */
  #rowsInOrder(): Uint32Array {
    const order = new Uint32Array(this.#rows);
    for (let row = 0; row < order.length; row++) order[row] = row;
    const intervals = this.#intervals;
    return this.#isSorted ? order : order.sort((a, b) => (intervals[a] ?? 0) - (intervals[b] ?? 0) || a - b);
  }
}
