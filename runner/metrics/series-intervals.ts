// Windows of one series go in, in any order; its figures per interval come out, packed: 16 to 48 bytes an interval and, for
// trends, about a byte a bin.
//
// The newest interval is open: windows that fall into it are added up and their histograms kept as they came. A window of a
// later interval closes it into a row. A window of an earlier one becomes a row of its own; rows of the same interval are
// merged when they have become many.

import type { Bins, MetricType, SeriesWindow } from '../model/metrics.ts';
import type { AggregateBuilder } from './aggregate.ts';
import { binAccumulator, copyOfBins, type PackedRows, sumOfBins } from './bin-accumulator.ts';
import { addFigures, addWindow, clearFigures, grown, WIDTH } from './figures.ts';
import { BorrowedBins, bytesOfBins, EncodedBins, encodeBinBytes } from './histograms-bins.ts';
import type { SeriesRows } from './interval-rows.ts';

/**
 * Histograms of windows that an open interval keeps apart before it adds them up: many where the sum is long, since each
 * adding up walks through it, but not more bins than the sum has; few where it is short, since twenty thousand sparse series
 * may be open at once.
 */
const OPEN_WINDOWS = 32;
const OPEN_WINDOWS_OF_SHORT = 4;
const SHORT_BINS = 64;
const OPEN_BINS = 512;
/** Late rows are merged when they are more than this and more than the rows in order: the work stays linear. */
const LATE_ROWS = 64;

const NO_BINS: Bins = { keys: new Int32Array(0), counts: new Float64Array(0) };

/** One interval, added up. Figures and bins are overwritten when the next one is made. */
export interface ClosedInterval {
  readonly interval: number;
  /** A row of figures.ts. */
  readonly figures: Float64Array;
  readonly bins: Bins;
}

export class SeriesIntervals {
  readonly #width: number;
  /** -Infinity: none is open. */
  #openInterval = -Infinity;
  readonly #openFigures: Float64Array;
  #openBins: Bins[] = [];
  /** Bins of all but the first of them. */
  #openBinsAdded = 0;
  /** Where the open interval's borrowed bins end, which lie behind the last row as its next one would; 0: there are none. */
  #openEnd = 0;
  #rows = 0;
  #lateRows = 0;
  /** Whether no row is of an earlier interval than the one before it. */
  #isSorted = true;
  #intervals = new Int32Array(2);
  #figures: Float64Array;
  /** Rows' histograms, one after the other; row i ends before byte #ends[i]. Bytes once written never change: aggregates point to them. */
  #bytes = new Uint8Array(0);
  #ends = new Uint32Array(0);
  /** All rows, the same object for every total, so that their sum is made once. */
  #allRows: PackedRows | undefined;

  constructor(readonly type: MetricType) {
    this.#width = WIDTH[type];
    this.#openFigures = new Float64Array(this.#width);
    this.#figures = new Float64Array(2 * this.#width);
    if (type === 'trend') this.#ends = new Uint32Array(2);
  }

  /** What it holds, bytes, without the objects' own overhead. */
  get bytesHeld(): number {
    let held = this.#intervals.byteLength + this.#figures.byteLength + this.#bytes.byteLength + this.#ends.byteLength;
    for (const bins of this.#openBins) held += bytesOfBins(bins);
    return held;
  }

  /** Number of rows, the open one not included; several may be of one interval. */
  get rows(): number {
    return this.#rows;
  }

  get isEmpty(): boolean {
    return this.#rows === 0 && this.#openInterval === -Infinity;
  }

  add(interval: number, window: SeriesWindow): void {
    if (interval === this.#openInterval) {
      addWindow(this.#openFigures, 0, this.#width, window);
      if (window.bins !== undefined) this.#addOpenBins(window.bins);
    } else if (interval > this.#openInterval) {
      this.#close();
      this.#openInterval = interval;
      clearFigures(this.#openFigures, 0, this.#width);
      addWindow(this.#openFigures, 0, this.#width, window);
      if (window.bins instanceof BorrowedBins) this.#openEnd = this.#append(window.bins);
      else if (window.bins !== undefined) this.#openBins.push(window.bins);
    } else {
      this.#settleOpen();
      const at = this.#newRow(interval, window.bins ?? NO_BINS);
      clearFigures(this.#figures, at, this.#width);
      addWindow(this.#figures, at, this.#width, window);
      this.#countLate();
    }
  }

  #countLate(): void {
    this.#lateRows++;
    if (this.#lateRows > LATE_ROWS && this.#lateRows * 2 > this.#rows) this.#rebuild(-Infinity, 1);
  }

  /** Closes the open interval and gives back the room that was kept for further rows. */
  trim(): void {
    this.#close();
    const rows = this.#rows;
    this.#intervals = this.#intervals.slice(0, rows);
    this.#figures = this.#figures.slice(0, rows * this.#width);
    this.#bytes = this.#bytes.slice(0, this.#ends[rows - 1] ?? 0);
    this.#ends = this.#ends.slice(0, rows);
  }

  /** Merges neighbours: interval i becomes floor(i / factor). */
  coarsen(factor: number): void {
    this.#settleOpen();
    this.#openInterval = Math.floor(this.#openInterval / factor);
    this.#rebuild(-Infinity, factor);
  }

  /** Forgets intervals before `interval`. */
  dropBefore(interval: number): void {
    if (this.#openInterval < interval) this.#close();
    this.#settleOpen();
    this.#rebuild(interval, 1);
  }

  /** Gives out all intervals before `interval`, ascending and each added up, and forgets them. */
  drain(interval: number, take: (closed: ClosedInterval) => void): void {
    if (this.#openInterval < interval) this.#close();
    for (const closed of this.#merged(-Infinity, 1)) {
      if (closed.interval >= interval) break;
      take(closed);
    }
    this.#settleOpen();
    this.#rebuild(interval, 1);
  }

  /** Gives out all intervals as far as they have come, and forgets none. Two of one interval add up. */
  each(take: (part: ClosedInterval) => void): void {
    for (const closed of this.#merged(-Infinity, 1)) take(closed);
    if (this.#openInterval === -Infinity) return;
    this.#settleOpen();
    const bins = this.type === 'trend' ? sumOfBins([], this.#openBins) : NO_BINS;
    take({ interval: this.#openInterval, figures: this.#openFigures, bins });
  }

  /** Adds the intervals from `from` (inclusive) to `to` (exclusive) to the builder. */
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
    if (this.#openInterval >= from && this.#openInterval < to) this.#addOpenTo(builder);
  }

  /** Adds the figures of every interval to the rows of `figures`, the first of which is that of interval `first`. */
  addFigures(figures: Float64Array, first: number): void {
    const width = this.#width;
    for (let row = 0; row < this.#rows; row++) {
      addFigures(figures, ((this.#intervals[row] ?? 0) - first) * width, width, this.#figures, row * width);
    }
    if (this.#openInterval === -Infinity) return;
    addFigures(figures, (this.#openInterval - first) * width, width, this.#openFigures, 0);
  }

  /** Where the histograms of its intervals lie. */
  packedRows(): SeriesRows {
    this.#settleOpen();
    return {
      intervals: this.#intervals,
      isSorted: this.#isSorted,
      bytes: this.#bytes,
      ends: this.#ends,
      rows: this.#rows,
      openInterval: this.#openInterval,
      openBins: [...this.#openBins],
    };
  }

  #addAllTo(builder: AggregateBuilder): void {
    for (let row = 0; row < this.#rows; row++) builder.add(this.#figures, row * this.#width);
    if (this.type === 'trend' && this.#rows > 0) {
      if (this.#allRows?.bytes !== this.#bytes || this.#allRows.toRow !== this.#rows) {
        this.#allRows = this.#packed(0, this.#rows);
      }
      builder.sources.rows.push(this.#allRows);
    }
    this.#addOpenTo(builder);
  }

  #addOpenTo(builder: AggregateBuilder): void {
    if (this.#openInterval === -Infinity) return;
    builder.add(this.#openFigures, 0);
    this.#settleOpen();
    builder.sources.bins.push(...this.#openBins);
  }

  #addOpenBins(given: Bins): void {
    this.#settleOpen();
    const bins = given instanceof BorrowedBins ? given.kept() : given;
    // Aggregates may hold these bins but never the list, so it may shrink.
    const sumLength = this.#openBins[0]?.keys.length ?? 0;
    const mostWindows = sumLength < SHORT_BINS ? OPEN_WINDOWS_OF_SHORT : OPEN_WINDOWS;
    if (this.#openBins.length >= mostWindows || this.#openBinsAdded >= Math.max(sumLength, OPEN_BINS)) {
      this.#openBins = [copyOfBins(this.#takeOpenBins())];
    }
    this.#openBinsAdded += bins.keys.length;
    this.#openBins.push(bins);
  }

  /** The open interval's histogram; of several a view that the accumulator's next use overwrites. */
  #takeOpenBins(): Bins {
    const [only, ...more] = this.#openBins;
    this.#openBins = [];
    this.#openBinsAdded = 0;
    if (only === undefined || more.length === 0) return only ?? NO_BINS;
    binAccumulator.add(only);
    for (const bins of more) binAccumulator.add(bins);
    return binAccumulator.drain();
  }

  #close(): void {
    if (this.#openInterval === -Infinity) return;
    const at =
      this.#openEnd > 0
        ? this.#newRowUpTo(this.#openInterval, this.#openEnd)
        : this.#newRow(this.#openInterval, this.#takeOpenBins());
    this.#openEnd = 0;
    this.#figures.set(this.#openFigures, at);
    const isLate = this.#rows > 1 && (this.#intervals[this.#rows - 2] ?? 0) >= this.#openInterval;
    this.#openInterval = -Infinity;
    if (isLate) this.#countLate();
  }

  #packed(fromRow: number, toRow: number): PackedRows {
    return { bytes: this.#bytes, ends: this.#ends, fromRow, toRow, merged: undefined };
  }

  /** Returns where its figures belong. */
  #newRow(interval: number, bins: Bins): number {
    return this.#newRowUpTo(interval, this.type === 'trend' ? this.#append(bins) : 0);
  }

  /** The same of a histogram that lies behind the last row already, before byte `end`. */
  #newRowUpTo(interval: number, end: number): number {
    const row = this.#rows++;
    if (row >= this.#intervals.length) this.#growRows(Math.ceil(row * 1.5) + 2);
    this.#isSorted &&= row === 0 || (this.#intervals[row - 1] ?? 0) <= interval;
    this.#intervals[row] = interval;
    if (this.type === 'trend') this.#ends[row] = end;
    return row * this.#width;
  }

  /** Writes a histogram behind the last row; returns where it ends. */
  #append(bins: Bins): number {
    const start = this.#rows === 0 ? 0 : (this.#ends[this.#rows - 1] ?? 0);
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

  #growBytes(end: number): void {
    if (end > this.#bytes.length) this.#bytes = grown(this.#bytes, new Uint8Array(Math.ceil(end * 1.25) + 16));
  }

  /** The open interval's borrowed bins become a copy of their own: the room behind the last row is needed, or somebody asks for them. */
  #settleOpen(): void {
    if (this.#openEnd === 0) return;
    const start = this.#rows === 0 ? 0 : (this.#ends[this.#rows - 1] ?? 0);
    this.#openBins.push(new EncodedBins(this.#bytes.slice(start, this.#openEnd)));
    this.#openEnd = 0;
  }

  #growRows(capacity: number): void {
    this.#intervals = grown(this.#intervals, new Int32Array(capacity));
    this.#figures = grown(this.#figures, new Float64Array(capacity * this.#width));
    if (this.type === 'trend') this.#ends = grown(this.#ends, new Uint32Array(capacity));
  }

  /** Rows by interval, those of one interval in the order they came. */
  #rowsInOrder(): Uint32Array {
    const order = new Uint32Array(this.#rows);
    for (let row = 0; row < order.length; row++) order[row] = row;
    const intervals = this.#intervals;
    return this.#isSorted ? order : order.sort((a, b) => (intervals[a] ?? 0) - (intervals[b] ?? 0) || a - b);
  }

  /** Closed intervals after coarsening by `factor`, ascending, each added up; those before `from` left out. */
  *#merged(from: number, factor: number): Generator<ClosedInterval> {
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

  /** Into new arrays: aggregates still point to the old ones. */
  #rebuild(from: number, factor: number): void {
    const kept = new SeriesIntervals(this.type);
    for (const { interval, figures, bins } of this.#merged(from, factor)) {
      const at = kept.#newRow(interval, bins);
      kept.#figures.set(figures, at);
    }
    this.#rows = kept.#rows;
    this.#lateRows = 0;
    this.#isSorted = kept.#isSorted;
    this.#intervals = kept.#intervals;
    this.#figures = kept.#figures;
    this.#bytes = kept.#bytes;
    this.#ends = kept.#ends;
  }
}
