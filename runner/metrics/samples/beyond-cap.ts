// Reduces the tags of series beyond the cap, so that those samples add up in a few overflow series. Same rules as in
// the Go output, runner/k6/output/beyond_cap.go.
//
// Tags with few values (method, status, expected_response, …) stay, so a filter on them still finds every sample. Only
// tags with too many values are dropped, and their first values are kept: a sample that lost the tag cannot have had
// one of those.

import { OVERFLOW_TAG, type SeriesOverflow, type Tags } from '../../model/metrics.ts';

const MOST_KNOWN_VALUES = 64;
const FEWEST_KNOWN_VALUES = 8;
/** Overflow series per metric, for each value that is kept. */
const OVERFLOW_PER_VALUE = 8;
/** Number of tags with counted values; further tags are dropped. */
const MOST_TAGS = 64;

/** The tags beyond the cap of one metric. Memory is bounded, whatever the tags are. */
export class BeyondCap {
  readonly #metric: string;
  readonly #seriesCap: number;
  readonly #mostValues: number;
  /** The values that are kept, per tag. */
  readonly #known = new Map<string, Set<string>>();
  /** Tags that are dropped unless their value is one of the kept ones. */
  readonly #dropped = new Set<string>();
  #untracked = false;
  readonly #seen = new Map<string, Set<string>>();
  readonly #keys = new Set<string>();
  readonly #onDropped: (overflow: SeriesOverflow) => void;

  /** `onDropped` is called for each tag when the first sample loses it. */
  constructor(metric: string, seriesCap: number, onDropped: (overflow: SeriesOverflow) => void) {
    this.#metric = metric;
    this.#seriesCap = seriesCap;
    this.#mostValues = Math.min(Math.max(Math.floor(seriesCap / 64), FEWEST_KNOWN_VALUES), MOST_KNOWN_VALUES);
    this.#onDropped = onDropped;
  }

  /** Counts the values of a set of tags. */
  count(tags: Tags): void {
    for (const [tag, value] of Object.entries(tags)) {
      this.#countSeen(tag, value);
      let values = this.#known.get(tag);
      if (this.#dropped.has(tag) || values?.has(value) === true) continue;
      if (values === undefined) {
        if (this.#known.size >= MOST_TAGS) {
          this.#untracked = true;
          continue;
        }
        values = new Set();
        this.#known.set(tag, values);
      }
      if (values.size < this.#mostValues) {
        values.add(value);
        continue;
      }
      this.#dropped.add(tag);
      this.#onDropped(this.#overflowOf(tag));
    }
  }

  /** Counts a set of tags and returns the tags of the overflow series that its samples add up in. */
  reduce(tags: Tags): Tags {
    this.count(tags);
    let kept = this.#keptTags(tags);
    for (;;) {
      const key = JSON.stringify(kept);
      const tagNames = Object.keys(kept);
      if (this.#keys.has(key) || this.#keys.size < this.#mostValues * OVERFLOW_PER_VALUE || tagNames.length === 0) {
        this.#keys.add(key);
        return withOverflowTag(kept);
      }
      const widest = tagNames.reduce((a, b) => (this.#valuesOf(b) > this.#valuesOf(a) ? b : a));
      this.#known.set(widest, new Set());
      this.#dropped.add(widest);
      this.#onDropped(this.#overflowOf(widest));
      kept = this.#keptTags(kept);
    }
  }

  /** What samples of the metric lost, the tag with the most values first. Counting stops at cap + 1 values. */
  overflows(): SeriesOverflow[] {
    const left = [...this.#dropped].map((tag) => this.#overflowOf(tag)).sort((a, b) => b.values - a.values);
    if (!this.#untracked) return left;
    let most = { tag: '', values: 0 };
    for (const [tag, { size }] of this.#seen) if (size > most.values) most = { tag, values: size };
    return [...left, { metric: this.#metric, ...most }];
  }

  #overflowOf(tag: string): SeriesOverflow {
    const values = this.#seen.get(tag)?.size ?? 0;
    return { metric: this.#metric, tag, values, known: [...(this.#known.get(tag) ?? [])].sort() };
  }

  #countSeen(tag: string, value: string): void {
    let seen = this.#seen.get(tag);
    if (seen === undefined) {
      if (this.#seen.size >= MOST_TAGS) return;
      seen = new Set();
      this.#seen.set(tag, seen);
    }
    if (seen.size <= this.#seriesCap) seen.add(value);
  }

  #valuesOf(tag: string): number {
    return this.#known.get(tag)?.size ?? 0;
  }

  #keptTags(tags: Tags): Tags {
    return Object.fromEntries(
      Object.entries(tags).filter(([tag, value]) => {
        const values = tag === OVERFLOW_TAG ? undefined : this.#known.get(tag);
        return values !== undefined && (!this.#dropped.has(tag) || values.has(value));
      }),
    );
  }
}

/** Adds the overflow tag and sorts by tag name. */
function withOverflowTag(tags: Tags): Tags {
  return Object.fromEntries(
    [...Object.entries(tags), [OVERFLOW_TAG, 'true'] as const].sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
