// Divides time into intervals of equal length, which get longer as a run goes on.

import type { SeriesWindow } from '../../model/metrics.ts';
import { longerInterval, MAX_INTERVALS } from './interval-length.ts';

/** A grid of at most MAX_INTERVALS intervals. An interval's number counts from the origin and may be negative. */
export class IntervalGrid {
  #originMs: number | undefined;
  /** Length of an interval, milliseconds; 0 before the first window. */
  lengthMs = 0;
  first = Infinity;
  last = -Infinity;

  constructor(originMs: number | undefined) {
    this.#originMs = originMs;
  }

  /** Number of intervals from the first to the last one with a window. */
  get size(): number {
    return this.last < this.first ? 0 : this.last - this.first + 1;
  }

  /**
   * Extends the grid to hold the window: at most MAX_INTERVALS, each a multiple of every window's length. Returns the
   * factor by which intervals became longer, a whole number (1 = unchanged). Interval i is now floor(i / factor).
   */
  fit(window: SeriesWindow): number {
    this.#originMs ??= window.startMs;
    if (this.lengthMs === 0) this.lengthMs = window.lengthMs;
    const before = this.lengthMs;
    if (this.lengthMs % window.lengthMs !== 0) this.#lengthen(window.lengthMs);
    for (;;) {
      const interval = this.numberOf(window.startMs);
      const first = Math.min(this.first, interval);
      const last = Math.max(this.last, interval);
      if (last - first < MAX_INTERVALS) {
        this.first = first;
        this.last = last;
        return this.lengthMs / before;
      }
      this.#lengthen();
    }
  }

  /** Makes the intervals one step longer; returns the factor. */
  lengthen(): number {
    const before = this.lengthMs;
    this.#lengthen();
    return this.lengthMs / before;
  }

  /** Number of the interval that holds the time, epoch milliseconds. */
  numberOf(timeMs: number): number {
    return Math.floor((timeMs - (this.#originMs ?? 0)) / this.lengthMs);
  }

  /** Start of the interval, epoch milliseconds. */
  startOf(interval: number): number {
    return (this.#originMs ?? 0) + interval * this.lengthMs;
  }

  #lengthen(windowMs?: number): void {
    const lengthMs = longerInterval(this.lengthMs, windowMs);
    const factor = lengthMs / this.lengthMs;
    this.lengthMs = lengthMs;
    this.first = Math.floor(this.first / factor);
    this.last = Math.floor(this.last / factor);
  }
}
