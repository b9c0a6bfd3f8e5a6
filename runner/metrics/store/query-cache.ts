// Caches totals and timelines of a store until the next window comes: charts and verdicts query the same ones
// repeatedly.

import type { Aggregate } from '../../model/metrics.ts';

/**
 * Limit of the intervals in cached timelines, some 200 bytes each. A timeline counts twice: by filter and by set of
 * series.
 */
const MOST_INTERVALS = 200_000;
const MOST_TOTALS = 4096;

/** Results by key. A store clears it whenever its data change. */
export class QueryCache<Timeline extends readonly unknown[]> {
  readonly #totals = new Map<string, Aggregate | undefined>();
  readonly #timelines = new Map<string, Timeline>();

  clear(): void {
    if (this.#totals.size > 0) this.#totals.clear();
    if (this.#timelines.size > 0) this.#timelines.clear();
  }

  /** The cached total of this key; calls `make` if there is none. */
  total(key: string, make: () => Aggregate | undefined): Aggregate | undefined {
    if (this.#totals.has(key)) return this.#totals.get(key);
    const total = make();
    if (this.#totals.size < MOST_TOTALS) this.#totals.set(key, total);
    return total;
  }

  timeline(key: string): Timeline | undefined {
    return this.#timelines.get(key);
  }

  /** Caches a timeline under each key; the oldest ones are dropped if there are too many. */
  keep(keys: readonly string[], timeline: Timeline): void {
    const most = Math.max(2, MOST_INTERVALS / Math.max(1, timeline.length));
    for (const oldest of this.#timelines.keys()) {
      if (this.#timelines.size < most) break;
      this.#timelines.delete(oldest);
    }
    for (const key of keys) this.#timelines.set(key, timeline);
  }
}
