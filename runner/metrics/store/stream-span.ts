// The time range of one or several streams: from their windows, or exact if a reader knows it. All times are epoch
// milliseconds.

import type { TimeRange } from '../../model/metrics.ts';
import { unionOf } from '../../model/time-range.ts';

/** Collects the time range of a store's streams. */
export class StreamSpan {
  #fromMs = Infinity;
  #toMs = -Infinity;
  #exact: TimeRange | undefined;
  #load: TimeRange | undefined;

  /** Start of the first window, or the exact time given to setExact(). */
  get firstMs(): number | undefined {
    return this.#exact?.fromMs ?? finite(this.#fromMs);
  }

  /** End of the last window, or the exact time given to setExact(). */
  get lastMs(): number | undefined {
    return this.#exact?.toMs ?? finite(this.#toMs);
  }

  /** End of the last window so far; -Infinity before the first. */
  get newestMs(): number {
    return this.#toMs;
  }

  /** First and last sample of the scenarios; undefined if setLoad() was not called. */
  get load(): TimeRange | undefined {
    return this.#load;
  }

  /** Adds the time range of a window. */
  add(fromMs: number, toMs: number): void {
    this.#fromMs = Math.min(this.#fromMs, fromMs);
    this.#toMs = Math.max(this.#toMs, toMs);
  }

  /** Sets the first and last sample of a stream; several streams are combined. */
  setExact(span: TimeRange): void {
    this.#exact = unionOf([this.#exact, span]);
  }

  /** Sets the first and last sample of a stream's scenarios; several streams are combined. */
  setLoad(load: TimeRange): void {
    this.#load = unionOf([this.#load, load]);
  }
}

function finite(timeMs: number): number | undefined {
  return Number.isFinite(timeMs) ? timeMs : undefined;
}
