// From when to when one or several streams measured: by their windows, or exactly where a reader knows it.

import type { TimeRange } from '../model/metrics.ts';

export class StreamSpan {
  #fromMs = Infinity;
  #toMs = -Infinity;
  #exact: TimeRange | undefined;
  #load: TimeRange | undefined;

  /** Start of the first window, unless setExact() gave a better one. */
  get firstMs(): number | undefined {
    return this.#exact?.fromMs ?? finite(this.#fromMs);
  }

  /** End of the last window, unless setExact() gave a better one. */
  get lastMs(): number | undefined {
    return this.#exact?.toMs ?? finite(this.#toMs);
  }

  /** End of the last window that has come; -Infinity before the first. */
  get newestMs(): number {
    return this.#toMs;
  }

  get load(): TimeRange | undefined {
    return this.#load;
  }

  add(fromMs: number, toMs: number): void {
    this.#fromMs = Math.min(this.#fromMs, fromMs);
    this.#toMs = Math.max(this.#toMs, toMs);
  }

  /** The first and the last sample of a stream; of several from the first to the last of all. */
  setExact(span: TimeRange): void {
    this.#exact = bothOf(this.#exact, span);
  }

  /** The first and the last sample of a stream's scenarios, in the same way. */
  setLoad(load: TimeRange): void {
    this.#load = bothOf(this.#load, load);
  }
}

function bothOf(a: TimeRange | undefined, b: TimeRange): TimeRange {
  return { fromMs: Math.min(a?.fromMs ?? b.fromMs, b.fromMs), toMs: Math.max(a?.toMs ?? b.toMs, b.toMs) };
}

function finite(timeMs: number): number | undefined {
  return Number.isFinite(timeMs) ? timeMs : undefined;
}
