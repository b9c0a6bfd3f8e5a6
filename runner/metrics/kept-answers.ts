// What a store was asked for, kept until the next window comes: charts and verdicts ask for the same totals and timelines again.

import type { Aggregate } from '../model/metrics.ts';

/** So many intervals of timelines, some 200 bytes each, counted once a filter and once a set of series. */
const KEPT_INTERVALS = 200_000;
const KEPT_TOTALS = 4096;

export class KeptAnswers<Timeline extends readonly unknown[]> {
  readonly #totals = new Map<string, Aggregate | undefined>();
  readonly #timelines = new Map<string, Timeline>();

  clear(): void {
    if (this.#totals.size > 0) this.#totals.clear();
    if (this.#timelines.size > 0) this.#timelines.clear();
  }

  /** The total of this key; `make` is called where it is not kept. */
  total(key: string, make: () => Aggregate | undefined): Aggregate | undefined {
    if (this.#totals.has(key)) return this.#totals.get(key);
    const total = make();
    if (this.#totals.size < KEPT_TOTALS) this.#totals.set(key, total);
    return total;
  }

  timeline(key: string): Timeline | undefined {
    return this.#timelines.get(key);
  }

  /** Keeps a timeline under each of the keys; the oldest go where there are too many. */
  keep(keys: readonly string[], timeline: Timeline): void {
    const most = Math.max(2, KEPT_INTERVALS / Math.max(1, timeline.length));
    for (const oldest of this.#timelines.keys()) {
      if (this.#timelines.size < most) break;
      this.#timelines.delete(oldest);
    }
    for (const key of keys) this.#timelines.set(key, timeline);
  }
}
