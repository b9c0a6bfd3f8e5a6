// Windows' times go in; the number of the interval they belong to comes out, from a grid that grows coarser with the run.

import type { SeriesWindow } from '../model/metrics.ts';
import { longerInterval, MAX_INTERVALS } from './interval-length.ts';

export class IntervalGrid {
  #originMs: number | undefined;
  /** 0 before the first window. */
  lengthMs = 0;
  first = Infinity;
  last = -Infinity;

  constructor(originMs: number | undefined) {
    this.#originMs = originMs;
  }

  /** Number of intervals from the first to the last that a window fell into. */
  get size(): number {
    return this.last < this.first ? 0 : this.last - this.first + 1;
  }

  /**
   * Makes room for the window: at most MAX_INTERVALS, each a multiple of every window's length. Returns by how much intervals
   * became longer: a whole number, 1 = not at all. Interval i has then become floor(i / factor).
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

  /** The interval that holds the time, epoch milliseconds. */
  numberOf(timeMs: number): number {
    return Math.floor((timeMs - (this.#originMs ?? 0)) / this.lengthMs);
  }

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
