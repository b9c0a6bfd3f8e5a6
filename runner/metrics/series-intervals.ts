// Windows of one series go in, in any order; its figures per interval come out.
//
// The newest interval is open: windows that fall into it are added up and their histograms kept as they came. A window of a
// later interval closes it into a row. A window of an earlier one becomes a row of its own.

import type { Bins, MetricType, SeriesWindow } from '../model/metrics.ts';
import type { AggregateBuilder } from './aggregate.ts';
import { binAccumulator, copyOfBins, sumOfBins } from './bin-accumulator.ts';
import { type ClosedInterval, ClosedRows, NO_BINS } from './closed-rows.ts';
import { addFigures, addWindow, clearFigures, WIDTH } from './figures.ts';
import type { SeriesRows } from './interval-rows.ts';
import { BorrowedBins, bytesOfBins, EncodedBins } from './kept-bins.ts';

/**
 * Histograms of windows that an open interval keeps apart before it adds them up: many where the sum is long, since each
 * adding up walks through it, but not more bins than the sum has; few where it is short, since twenty thousand sparse series
 * may be open at once.
 */
const OPEN_WINDOWS = 32;
const OPEN_WINDOWS_OF_SHORT = 4;
const SHORT_BINS = 64;
const OPEN_BINS = 512;

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
  #closed: ClosedRows;

  constructor(readonly type: MetricType) {
    this.#width = WIDTH[type];
    this.#openFigures = new Float64Array(this.#width);
    this.#closed = new ClosedRows(type);
  }

  /** What it holds, bytes, without the objects' own overhead. */
  get bytesHeld(): number {
    let held = this.#closed.bytesHeld;
    for (const bins of this.#openBins) held += bytesOfBins(bins);
    return held;
  }

  /** Number of rows, the open one not included; several may be of one interval. */
  get rows(): number {
    return this.#closed.size;
  }

  get isEmpty(): boolean {
    return this.#closed.size === 0 && this.#openInterval === -Infinity;
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

  /** Closes the open interval and gives back the room that was kept for further rows. */
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

  /** Forgets intervals before `interval`. */
  dropBefore(interval: number): void {
    if (this.#openInterval < interval) this.#close();
    this.#settleOpen();
    this.#closed = this.#closed.rebuilt(interval, 1);
  }

  /** Gives out all intervals before `interval`, ascending and each added up, and forgets them. */
  drain(interval: number, take: (closed: ClosedInterval) => void): void {
    if (this.#openInterval < interval) this.#close();
    for (const closed of this.#closed.merged(-Infinity, 1)) {
      if (closed.interval >= interval) break;
      take(closed);
    }
    this.#settleOpen();
    this.#closed = this.#closed.rebuilt(interval, 1);
  }

  /** Gives out all intervals as far as they have come, and forgets none. Two of one interval add up. */
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

  /** Adds the figures of every interval to the rows of `figures`, the first of which is that of interval `first`. */
  addFigures(figures: Float64Array, first: number): void {
    this.#closed.addFigures(figures, first);
    if (this.#openInterval === -Infinity) return;
    addFigures(figures, (this.#openInterval - first) * this.#width, this.#width, this.#openFigures, 0);
  }

  /** Where the histograms of its intervals lie. */
  packedRows(): SeriesRows {
    this.#settleOpen();
    return { ...this.#closed.packedRows(), openInterval: this.#openInterval, openBins: [...this.#openBins] };
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
        ? this.#closed.addUpTo(this.#openInterval, this.#openEnd)
        : this.#closed.add(this.#openInterval, this.#takeOpenBins());
    this.#openEnd = 0;
    this.#closed.figures.set(this.#openFigures, at);
    this.#openInterval = -Infinity;
    if (this.#closed.isLastLate) this.#countLate();
  }

  /** The open interval's borrowed bins become a copy of their own: the room behind the last row is needed, or somebody asks for them. */
  #settleOpen(): void {
    if (this.#openEnd === 0) return;
    this.#openBins.push(new EncodedBins(this.#closed.appended(this.#openEnd)));
    this.#openEnd = 0;
  }
}
