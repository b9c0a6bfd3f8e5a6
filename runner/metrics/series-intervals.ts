// Windows of one series go in, in any order; its figures per interval come out, packed: 16 to 48 bytes an interval and, for
// trends, about a byte a bin.
//
// The newest interval is open: windows that fall into it are added up and their histograms kept as they came. A window of a
// later interval closes it into a row. A window of an earlier one becomes a row of its own; rows of the same interval are
// merged when they have become many.

import type { Bins, MetricType, SeriesWindow } from '../model/metrics.ts';
import type { AggregateBuilder } from './aggregate.ts';
import { binAccumulator, copyOfBins, type PackedRows, sumOfBins } from './bin-accumulator.ts';
import { addFigures, addWindow, clearFigures, WIDTH } from './figures.ts';
import { bytesOfBins, encodeBinBytes } from './histograms-bins.ts';

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
  #rows = 0;
  #lateRows = 0;
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
      if (window.bins !== undefined) this.#openBins.push(window.bins);
    } else {
      const at = this.#newRow(interval, window.bins ?? NO_BINS);
      clearFigures(this.#figures, at, this.#width);
      addWindow(this.#figures, at, this.#width, window);
      this.#lateRows++;
      if (this.#lateRows > LATE_ROWS && this.#lateRows * 2 > this.#rows) this.#rebuild(-Infinity, 1);
    }
  }

  /** Gives back the room that was kept for further rows. */
  trim(): void {
    const rows = this.#rows;
    this.#intervals = this.#intervals.slice(0, rows);
    this.#figures = this.#figures.slice(0, rows * this.#width);
    this.#bytes = this.#bytes.slice(0, this.#ends[rows - 1] ?? 0);
    this.#ends = this.#ends.slice(0, rows);
  }

  /** Merges neighbours: interval i becomes floor(i / factor). */
  coarsen(factor: number): void {
    this.#openInterval = Math.floor(this.#openInterval / factor);
    this.#rebuild(-Infinity, factor);
  }

  /** Forgets intervals before `interval`. */
  dropBefore(interval: number): void {
    if (this.#openInterval < interval) this.#close();
    this.#rebuild(interval, 1);
  }

  /** Gives out all intervals before `interval`, ascending and each added up, and forgets them. */
  drain(interval: number, take: (closed: ClosedInterval) => void): void {
    if (this.#openInterval < interval) this.#close();
    for (const closed of this.#merged(-Infinity, 1)) {
      if (closed.interval >= interval) break;
      take(closed);
    }
    this.#rebuild(interval, 1);
  }

  /** Gives out all intervals as far as they have come, and forgets none. Two of one interval add up. */
  each(take: (part: ClosedInterval) => void): void {
    for (const closed of this.#merged(-Infinity, 1)) take(closed);
    if (this.#openInterval === -Infinity) return;
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

  /** Adds every interval to the builder that `builderOf` gives for it. */
  addEach(builderOf: (interval: number) => AggregateBuilder): void {
    for (let row = 0; row < this.#rows; row++) {
      const builder = builderOf(this.#intervals[row] ?? 0);
      builder.add(this.#figures, row * this.#width);
      if (this.type === 'trend') builder.sources.rows.push(this.#packed(row, row + 1));
    }
    if (this.#openInterval !== -Infinity) this.#addOpenTo(builderOf(this.#openInterval));
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
    builder.sources.bins.push(...this.#openBins);
  }

  #addOpenBins(bins: Bins): void {
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
    const at = this.#newRow(this.#openInterval, this.#takeOpenBins());
    this.#figures.set(this.#openFigures, at);
    this.#openInterval = -Infinity;
  }

  #packed(fromRow: number, toRow: number): PackedRows {
    return { bytes: this.#bytes, ends: this.#ends, fromRow, toRow };
  }

  /** Returns where its figures belong. */
  #newRow(interval: number, bins: Bins): number {
    const row = this.#rows++;
    if (row >= this.#intervals.length) this.#growRows(Math.ceil(row * 1.5) + 2);
    this.#intervals[row] = interval;
    if (this.type === 'trend') {
      const packed = encodeBinBytes(bins);
      const start = row === 0 ? 0 : (this.#ends[row - 1] ?? 0);
      const end = start + packed.length;
      if (end > this.#bytes.length) this.#bytes = grown(this.#bytes, new Uint8Array(Math.ceil(end * 1.25) + 16));
      this.#bytes.set(packed, start);
      this.#ends[row] = end;
    }
    return row * this.#width;
  }

  #growRows(capacity: number): void {
    this.#intervals = grown(this.#intervals, new Int32Array(capacity));
    this.#figures = grown(this.#figures, new Float64Array(capacity * this.#width));
    if (this.type === 'trend') this.#ends = grown(this.#ends, new Uint32Array(capacity));
  }

  /** Rows by interval, those of one interval in the order they came. */
  #rowsInOrder(): Uint32Array {
    const order = Uint32Array.from({ length: this.#rows }, (_, row) => row);
    const intervals = this.#intervals;
    let sorted = true;
    for (let row = 1; row < this.#rows && sorted; row++) sorted = (intervals[row - 1] ?? 0) <= (intervals[row] ?? 0);
    return sorted ? order : order.sort((a, b) => (intervals[a] ?? 0) - (intervals[b] ?? 0) || a - b);
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
    this.#intervals = kept.#intervals;
    this.#figures = kept.#figures;
    this.#bytes = kept.#bytes;
    this.#ends = kept.#ends;
  }
}

function grown<A extends { set(from: A): void }>(from: A, to: A): A {
  to.set(from);
  return to;
}
