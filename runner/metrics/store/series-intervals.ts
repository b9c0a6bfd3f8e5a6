// Adds up the windows of one series by interval, in any order.
//
// The newest interval is open: its windows are added up, and their histograms are kept until there are several. A
// window of a later interval closes it into a row. A window of an earlier interval becomes a row of its own.

import type { Bins, MetricType, SeriesWindow } from '../../model/metrics.ts';
import { binAccumulator, copyOfBins, sumOfBins } from '../buckets/bin-accumulator.ts';
import { addFigures, addWindow, clearFigures, WIDTH } from '../buckets/figures.ts';
import { BorrowedBins, bytesOfBins, EncodedBins } from '../buckets/kept-bins.ts';
import type { AggregateBuilder } from './aggregate.ts';
import { type ClosedInterval, ClosedRows, NO_BINS } from './closed-rows.ts';
import type { SeriesRows } from './interval-rows.ts';

/**
 * Histograms that an open interval keeps before it adds them up. Many if the sum is long, because each addition scans
 * it, but not more bins than the sum has. Few if it is short, because twenty thousand sparse series may be open at
 * once.
 */
const OPEN_WINDOWS = 32;
const OPEN_WINDOWS_OF_SHORT = 4;
const SHORT_BINS = 64;
const OPEN_BINS = 512;

/** The intervals of one series: packed rows and the open interval. */
export class SeriesIntervals {
  readonly #width: number;
  /** -Infinity: none is open. */
  #openInterval = -Infinity;
  readonly #openFigures: Float64Array;
  #openBins: Bins[] = [];
  /** Number of bins in all but the first of them. */
  #openBinsAdded = 0;
  /**
   * End of the open interval's borrowed bins, which are stored after the last row, where its own row will be; 0 if
   * there are none.
   */
  #openEnd = 0;
  #closed: ClosedRows;

  constructor(readonly type: MetricType) {
    this.#width = WIDTH[type];
    this.#openFigures = new Float64Array(this.#width);
    this.#closed = new ClosedRows(type);
  }

  /** Memory of the arrays, bytes. */
  get bytesHeld(): number {
    let held = this.#closed.bytesHeld;
    for (const bins of this.#openBins) held += bytesOfBins(bins);
    return held;
  }

  /** Number of closed rows; several may belong to one interval. */
  get rows(): number {
    return this.#closed.size;
  }

  get isEmpty(): boolean {
    return this.#closed.size === 0 && this.#openInterval === -Infinity;
  }

  /** Adds a window that lies in this interval. */
  add(interval: number, window: SeriesWindow): void {
    if (interval === this.#openInterval) {
      addWindow(this.#openFigures, 0, this.#width, window);
      if (window.bins !== undefined) this.#addOpenBins(window.bins);
    } else if (interval > this.#openInterval) {
      this.#close();
      this.#openInterval = interval;
      clearFigures(this.#openFigures, 0, this.#width);
      addWindow(this.#openFigures, 0, this.#width, window);
      if (window.bins instanceof BorrowedBins) this.#openEnd = this.#closed.append(window.bins);
      else if (window.bins !== undefined) this.#openBins.push(window.bins);
    } else {
      this.#settleOpen();
      const at = this.#closed.add(interval, window.bins ?? NO_BINS);
      clearFigures(this.#closed.figures, at, this.#width);
      addWindow(this.#closed.figures, at, this.#width, window);
      this.#countLate();
    }
  }

  #countLate(): void {
    if (this.#closed.countLate()) this.#closed = this.#closed.rebuilt(-Infinity, 1);
  }

  /** Closes the open interval and frees memory reserved for further rows. */
  trim(): void {
    this.#close();
    this.#closed.trim();
  }

  /** Merges neighbours: interval i becomes floor(i / factor). */
  coarsen(factor: number): void {
    this.#settleOpen();
    this.#openInterval = Math.floor(this.#openInterval / factor);
    this.#closed = this.#closed.rebuilt(-Infinity, factor);
  }

  /** Drops all intervals before `interval`. */
  dropBefore(interval: number): void {
    if (this.#openInterval < interval) this.#close();
    this.#settleOpen();
    this.#closed = this.#closed.rebuilt(interval, 1);
  }

  /** Passes all intervals before `interval`, ascending and added up, to `take`, and drops them. */
  drain(interval: number, take: (closed: ClosedInterval) => void): void {
    if (this.#openInterval < interval) this.#close();
    for (const closed of this.#closed.merged(-Infinity, 1)) {
      if (closed.interval >= interval) break;
      take(closed);
    }
    this.#settleOpen();
    this.#closed = this.#closed.rebuilt(interval, 1);
  }

  /**
   * Passes all intervals, including the open one, to `take` and keeps them. The open interval may come twice; its parts
   * add up.
   */
  each(take: (part: ClosedInterval) => void): void {
    for (const closed of this.#closed.merged(-Infinity, 1)) take(closed);
    if (this.#openInterval === -Infinity) return;
    this.#settleOpen();
    const bins = this.type === 'trend' ? sumOfBins([], this.#openBins) : NO_BINS;
    take({ interval: this.#openInterval, figures: this.#openFigures, bins });
  }

  /** Adds the intervals from `from` (inclusive) to `to` (exclusive) to the builder. */
  addTo(builder: AggregateBuilder, from = -Infinity, to = Infinity): void {
    this.#closed.addTo(builder, from, to);
    if (this.#openInterval === -Infinity || this.#openInterval < from || this.#openInterval >= to) return;
    builder.add(this.#openFigures, 0);
    this.#settleOpen();
    builder.sources.bins.push(...this.#openBins);
  }

  /** Adds the figures of every interval to `figures`; its first row is interval `first`. */
  addFigures(figures: Float64Array, first: number): void {
    this.#closed.addFigures(figures, first);
    if (this.#openInterval === -Infinity) return;
    addFigures(figures, (this.#openInterval - first) * this.#width, this.#width, this.#openFigures, 0);
  }

  /** Where the histograms of the intervals are stored. */
  packedRows(): SeriesRows {
    this.#settleOpen();
    return { ...this.#closed.packedRows(), openInterval: this.#openInterval, openBins: [...this.#openBins] };
  }

  #addOpenBins(given: Bins): void {
    this.#settleOpen();
    const bins = given instanceof BorrowedBins ? given.copy() : given;
    // Aggregates may refer to these bins but never to the list, so the list may shrink.
    const sumLength = this.#openBins[0]?.keys.length ?? 0;
    const mostWindows = sumLength < SHORT_BINS ? OPEN_WINDOWS_OF_SHORT : OPEN_WINDOWS;
    if (this.#openBins.length >= mostWindows || this.#openBinsAdded >= Math.max(sumLength, OPEN_BINS)) {
      this.#openBins = [copyOfBins(this.#takeOpenBins())];
    }
    this.#openBinsAdded += bins.keys.length;
    this.#openBins.push(bins);
  }

  /**
   * Returns the open interval's histogram; if there are several, their sum as a view that the accumulator's next use
   * overwrites.
   */
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
        ? this.#closed.addUpTo(this.#openInterval, this.#openEnd)
        : this.#closed.add(this.#openInterval, this.#takeOpenBins());
    this.#openEnd = 0;
    this.#closed.figures.set(this.#openFigures, at);
    this.#openInterval = -Infinity;
    if (this.#closed.isLastLate) this.#countLate();
  }

  /** Copies the open interval's borrowed bins, because the place after the last row is needed or the bins are read. */
  #settleOpen(): void {
    if (this.#openEnd === 0) return;
    this.#openBins.push(new EncodedBins(this.#closed.appended(this.#openEnd)));
    this.#openEnd = 0;
  }
}
