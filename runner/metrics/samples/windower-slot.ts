// Collects the samples of one time range, by series, and passes each series' window to a sink.
//
// The figures of all windows are in one array, one cache line each: with a thousand series every sample belongs to
// another window, and an object per window would cost more than all other work on a sample.

import type { Bins, Series } from '../../model/metrics.ts';
import { compensated, roundingError } from '../buckets/compensated-sum.ts';
import { grown } from '../buckets/figures.ts';
import { keyOf } from '../buckets/histogram.ts';
import { BinBytes } from '../buckets/histograms-bins.ts';
import { BorrowedBins } from '../buckets/kept-bins.ts';
import type { StreamSink } from '../sinks/sink.ts';
import { BinScratch, KeyCounts } from './windower-counts.ts';

/**
 * The columns of a row of figures. `LAST_MS` and `LAST_NANOS`: time of the latest sample. `LOST`: the rounding errors
 * of `SUM`.
 */
const [COUNT, MIN, MAX, LAST, LAST_MS, LAST_NANOS, SUM, LOST, WIDTH] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const FIRST_WINDOWS = 64;

/** What a slot needs to know about a series. */
export interface SlotSeries {
  /** Consecutive from 0. */
  readonly id: number;
  readonly series: Series;
  readonly isRate: boolean;
  readonly isTrend: boolean;
}

/** One time range, with the windows of all series that have samples in it. Times are epoch milliseconds. */
export class Slot {
  startMs = Number.NaN;
  endMs = Number.NaN;
  /** By window, in order of first sample. */
  readonly owners: SlotSeries[] = [];
  readonly keys = new KeyCounts();
  /** By series: 1 + its window number. */
  #windows = new Int32Array(FIRST_WINDOWS);
  #figures = new Float64Array(FIRST_WINDOWS * WIDTH);

  /** Adds a finite value, measured at `timeMs` and `nanos` nanoseconds. */
  add(owner: SlotSeries, timeMs: number, nanos: number, value: number): void {
    let window = (this.#windows[owner.id] ?? 0) - 1;
    if (window < 0) window = this.#open(owner);
    const figures = this.#figures;
    const at = window * WIDTH;
    figures[at + COUNT] = (figures[at + COUNT] ?? 0) + 1;
    if (value < (figures[at + MIN] ?? 0)) figures[at + MIN] = value;
    if (value > (figures[at + MAX] ?? 0)) figures[at + MAX] = value;
    const lastMs = figures[at + LAST_MS] ?? 0;
    if (timeMs > lastMs || (timeMs === lastMs && nanos >= (figures[at + LAST_NANOS] ?? 0))) {
      figures[at + LAST_MS] = timeMs;
      figures[at + LAST_NANOS] = nanos;
      figures[at + LAST] = value;
    }
    const summand = owner.isRate && value !== 0 ? 1 : value;
    const sum = figures[at + SUM] ?? 0;
    figures[at + LOST] = (figures[at + LOST] ?? 0) + roundingError(sum, summand);
    figures[at + SUM] = sum + summand;
    if (owner.isTrend) this.keys.add(window, keyOf(value));
  }

  /** Starts an empty window and returns its number. */
  #open(owner: SlotSeries): number {
    const window = this.owners.push(owner) - 1;
    if (owner.id >= this.#windows.length) {
      this.#windows = grown(this.#windows, new Int32Array(Math.max(owner.id + 1, this.#windows.length * 2)));
    }
    this.#windows[owner.id] = window + 1;
    const at = window * WIDTH;
    if (at === this.#figures.length) this.#figures = grown(this.#figures, new Float64Array(at * 2));
    this.#figures.fill(0, at, at + WIDTH);
    this.#figures[at + MIN] = Infinity;
    this.#figures[at + MAX] = -Infinity;
    this.#figures[at + LAST_MS] = -Infinity;
    return window;
  }

  /** Passes the window to the sink. */
  emit(window: number, sink: StreamSink, bins: Bins | undefined): void {
    const { startMs, owners } = this;
    const series = owners[window]?.series;
    if (series === undefined) return;
    const figures = this.#figures;
    const at = window * WIDTH;
    const count = figures[at + COUNT] ?? 0;
    const min = figures[at + MIN] ?? 0;
    const max = figures[at + MAX] ?? 0;
    const last = figures[at + LAST] ?? 0;
    const sum = compensated(figures[at + SUM] ?? 0, figures[at + LOST] ?? 0);
    const lengthMs = this.endMs - startMs;
    if (bins === undefined) sink.window({ series, startMs, lengthMs, count, sum, min, max, last });
    else sink.window({ series, startMs, lengthMs, count, sum, min, max, last, bins });
  }

  /** Drops all windows but keeps the arrays. */
  clear(): void {
    for (const { id } of this.owners) this.#windows[id] = 0;
    this.owners.length = 0;
    this.keys.clear();
  }
}

/** Passes the windows of slots to a sink. With 'borrowed', bins are valid only during the call of the sink. */
export class SlotReader {
  readonly #sink: StreamSink;
  readonly #isBorrowed: boolean;
  readonly #scratch = new BinScratch();
  readonly #bytes = new BinBytes();
  readonly #borrowed = new BorrowedBins();

  constructor(sink: StreamSink, bins: 'kept' | 'borrowed') {
    this.#sink = sink;
    this.#isBorrowed = bins === 'borrowed';
  }

  /** Passes all windows of the slot to the sink. */
  emit(slot: Slot): void {
    for (let window = 0; window < slot.owners.length; window++) {
      slot.emit(window, this.#sink, slot.owners[window]?.isTrend === true ? this.#binsOf(slot, window) : undefined);
    }
  }

  #binsOf({ keys }: Slot, window: number): Bins {
    const scratch = this.#scratch;
    keys.read(window, scratch);
    if (!this.#isBorrowed) {
      return { keys: scratch.keys.slice(0, scratch.size), counts: scratch.counts.slice(0, scratch.size) };
    }
    this.#borrowed.end = this.#bytes.encode(scratch.keys, scratch.counts, scratch.size);
    this.#borrowed.bytes = this.#bytes.bytes;
    return this.#borrowed;
  }
}
