// Windows of one series go in, in any order; its figures per interval come out, packed: 16 to 48 bytes an interval and, for
// trends, about a byte a bin.
//
// The newest interval is open: windows that fall into it are added up and their histograms kept as they came. A window of a
// later interval closes it into a row. A window of an earlier one becomes a row of its own; rows of the same interval are
// merged when they have become many.

import { type AggregateBuilder, boundedSum, type Figures } from './aggregate.ts';
import { binAccumulator, copyOfBins, type PackedRows } from './bin-accumulator.ts';
import type { Bins, MetricType, SeriesWindow } from './model.ts';
import { packBins } from './packed-bins.ts';

/** Figures kept: count and sum; min and max too; last and its time too. */
const FIGURES: Readonly<Record<MetricType, number>> = { counter: 2, rate: 2, trend: 4, gauge: 6 };
const MIN = 2;
const MAX = 3;
const LAST = 4;
const LAST_AT = 5;

/** Histograms of windows that an open interval keeps apart before it adds them up. */
const OPEN_BINS = 32;
/** Late rows are merged when they are more than this and more than the rows in order: the work stays linear. */
const LATE_ROWS = 64;

interface OpenInterval {
  interval: number;
  count: number;
  sum: number;
  min: number;
  max: number;
  last: number;
  at: number;
  bins: Bins[];
}

/** One merged interval, as drain() hands it over. */
export interface ClosedInterval extends Figures {
  readonly interval: number;
  readonly bins: Bins | undefined;
}

export class SeriesIntervals {
  readonly #width: number;
  #open: OpenInterval | undefined;
  #rows = 0;
  #lateRows = 0;
  #intervals = new Int32Array(2);
  #figures: Float64Array;
  /** Rows' histograms, one after the other; row i ends before byte #ends[i]. Bytes once written never change: aggregates point to them. */
  #bytes = new Uint8Array(0);
  #ends = new Uint32Array(2);

  constructor(readonly type: MetricType) {
    this.#width = FIGURES[type];
    this.#figures = new Float64Array(2 * this.#width);
  }

  /** What it holds, bytes, without the objects' own overhead. */
  get bytesHeld(): number {
    let held = this.#intervals.byteLength + this.#figures.byteLength + this.#bytes.byteLength + this.#ends.byteLength;
    for (const bins of this.#open?.bins ?? []) held += bins.keys.byteLength + bins.counts.byteLength;
    return held;
  }

  /** Number of rows, the open one included; several may be of one interval. */
  get rows(): number {
    return this.#rows + (this.#open === undefined ? 0 : 1);
  }

  add(interval: number, window: SeriesWindow): void {
    const open = this.#open;
    if (open === undefined || interval > open.interval) {
      if (open !== undefined) this.#append(open, mergedBins(open.bins));
      this.#open = opened(interval, window);
    } else if (interval === open.interval) {
      addToOpen(open, window);
    } else {
      this.#append(opened(interval, window), window.bins);
      this.#lateRows++;
      if (this.#lateRows > LATE_ROWS && this.#lateRows * 2 > this.#rows) this.#rebuild(-Infinity, 1);
    }
  }

  /** Merges neighbours: interval i becomes floor(i / factor). */
  coarsen(factor: number): void {
    if (this.#open !== undefined) this.#open.interval = Math.floor(this.#open.interval / factor);
    this.#rebuild(-Infinity, factor);
  }

  /** Forgets intervals before `interval`. */
  dropBefore(interval: number): void {
    if (this.#open !== undefined && this.#open.interval < interval) this.#open = undefined;
    this.#rebuild(interval, 1);
  }

  /** Takes out all intervals before `interval`, merged and in order, and forgets them. */
  drain(interval: number): ClosedInterval[] {
    if (this.#open !== undefined && this.#open.interval < interval) {
      this.#append(this.#open, mergedBins(this.#open.bins));
      this.#open = undefined;
    }
    const drained: ClosedInterval[] = [];
    for (const { figures, bins } of this.#merged(-Infinity, 1)) {
      if (figures.interval >= interval) break;
      drained.push({ ...figures, bins: this.type === 'trend' ? copyOfBins(bins) : undefined });
    }
    if (drained.length > 0) this.#rebuild(interval, 1);
    return drained;
  }

  /** Adds the intervals from `from` (inclusive) to `to` (exclusive) to the builder. */
  addTo(builder: AggregateBuilder, from = -Infinity, to = Infinity): void {
    let runStart = -1;
    for (let row = 0; row <= this.#rows; row++) {
      const interval = this.#intervals[row] ?? 0;
      const inside = row < this.#rows && interval >= from && interval < to;
      if (inside) {
        builder.add(this.#figuresOf(row));
        if (runStart < 0) runStart = row;
      } else if (runStart >= 0) {
        if (this.type === 'trend') builder.sources.rows.push(this.#packed(runStart, row));
        runStart = -1;
      }
    }
    const open = this.#open;
    if (open === undefined || open.interval < from || open.interval >= to) return;
    builder.add(open);
    builder.sources.bins.push(...open.bins);
  }

  /** Adds every interval to the builder that `builderOf` gives for it. */
  addEach(builderOf: (interval: number) => AggregateBuilder): void {
    for (let row = 0; row < this.#rows; row++) {
      const builder = builderOf(this.#intervals[row] ?? 0);
      builder.add(this.#figuresOf(row));
      if (this.type === 'trend') builder.sources.rows.push(this.#packed(row, row + 1));
    }
    if (this.#open === undefined) return;
    const builder = builderOf(this.#open.interval);
    builder.add(this.#open);
    builder.sources.bins.push(...this.#open.bins);
  }

  #packed(fromRow: number, toRow: number): PackedRows {
    return { bytes: this.#bytes, ends: this.#ends, fromRow, toRow };
  }

  #figuresOf(row: number): Figures {
    const at = row * this.#width;
    const figures = this.#figures;
    const count = figures[at] ?? 0;
    const sum = figures[at + 1] ?? 0;
    if (this.#width === 2) return { count, sum, min: Infinity, max: -Infinity, last: 0, at: -Infinity };
    const min = figures[at + MIN] ?? Infinity;
    const max = figures[at + MAX] ?? -Infinity;
    if (this.#width === 4) return { count, sum, min, max, last: 0, at: -Infinity };
    return { count, sum, min, max, last: figures[at + LAST] ?? 0, at: figures[at + LAST_AT] ?? 0 };
  }

  #append(open: OpenInterval, bins: Bins | undefined): void {
    const row = this.#rows++;
    if (row >= this.#intervals.length) this.#growRows(Math.ceil(row * 1.5) + 2);
    this.#intervals[row] = open.interval;
    const figures = [open.count, open.sum, open.min, open.max, open.last, open.at];
    for (let i = 0; i < this.#width; i++) this.#figures[row * this.#width + i] = figures[i] ?? 0;
    if (this.type !== 'trend') return;
    const packed = packBins(bins ?? NO_BINS);
    const start = row === 0 ? 0 : (this.#ends[row - 1] ?? 0);
    const end = start + packed.length;
    if (end > this.#bytes.length) this.#bytes = grown(this.#bytes, new Uint8Array(Math.ceil(end * 1.25) + 16));
    this.#bytes.set(packed, start);
    this.#ends[row] = end;
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

  /**
   * Closed intervals after coarsening by `factor`, ascending, each added up; those before `from` left out. The bins are views
   * that the accumulator's next use overwrites.
   */
  *#merged(from: number, factor: number): Generator<{ figures: OpenInterval; bins: Bins }> {
    const order = this.#rowsInOrder();
    const isTrend = this.type === 'trend';
    for (let i = 0; i < order.length; ) {
      const interval = Math.floor((this.#intervals[order[i] ?? 0] ?? 0) / factor);
      const figures: OpenInterval = { ...NOTHING, interval, bins: [] };
      for (; i < order.length; i++) {
        const row = order[i] ?? 0;
        if (Math.floor((this.#intervals[row] ?? 0) / factor) !== interval) break;
        if (interval < from) continue;
        addFigures(figures, this.#figuresOf(row));
        if (isTrend) binAccumulator.addRows(this.#packed(row, row + 1));
      }
      if (interval >= from) yield { figures, bins: isTrend ? binAccumulator.drain() : NO_BINS };
    }
  }

  /** Into new arrays: aggregates still point to the old ones. */
  #rebuild(from: number, factor: number): void {
    const kept = new SeriesIntervals(this.type);
    for (const { figures, bins } of this.#merged(from, factor)) kept.#append(figures, bins);
    this.#rows = kept.#rows;
    this.#lateRows = 0;
    this.#intervals = kept.#intervals;
    this.#figures = kept.#figures;
    this.#bytes = kept.#bytes;
    this.#ends = kept.#ends;
  }
}

const NO_BINS: Bins = { keys: new Int32Array(0), counts: new Float64Array(0) };
const NOTHING: Figures = { count: 0, sum: 0, min: Infinity, max: -Infinity, last: 0, at: -Infinity };

function opened(interval: number, window: SeriesWindow): OpenInterval {
  const { count, sum, min, max, last, startMs, bins } = window;
  return { interval, count, sum, min, max, last, at: startMs, bins: bins === undefined ? [] : [bins] };
}

function addFigures(open: OpenInterval, figures: Figures): void {
  open.count += figures.count;
  open.sum = boundedSum(open.sum, figures.sum);
  if (figures.min < open.min) open.min = figures.min;
  if (figures.max > open.max) open.max = figures.max;
  if (figures.at < open.at) return;
  open.last = figures.last;
  open.at = figures.at;
}

function addToOpen(open: OpenInterval, window: SeriesWindow): void {
  const { count, sum, min, max, last, startMs, bins } = window;
  addFigures(open, { count, sum, min, max, last, at: startMs });
  if (bins === undefined) return;
  // Aggregates may hold the list's bins but never the list, so it may shrink.
  if (open.bins.length >= OPEN_BINS) open.bins = [mergedBins(open.bins) ?? NO_BINS];
  open.bins.push(bins);
}

/** The sum of the histograms, its own copy unless it is the only one. */
function mergedBins(bins: readonly Bins[]): Bins | undefined {
  if (bins.length < 2) return bins[0];
  for (const each of bins) binAccumulator.add(each);
  return copyOfBins(binAccumulator.drain());
}

function grown<A extends { set(from: A): void }>(from: A, to: A): A {
  to.set(from);
  return to;
}
