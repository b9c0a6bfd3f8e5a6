// One metric's tag sets beyond the cap of series go in; the smaller set that each is added up under comes out. As in the Go
// output, runner/k6/output/beyond_cap.go.
//
// Tags of few values stay (method, status, expected_response, …), so that a filter on these still finds every sample. Only tags
// with too many values are left out, and of those the first values stay too: a sample that lost a tag surely had none of them.

import { OVERFLOW_TAG, type SeriesOverflow, type Tags } from '../model/metrics.ts';

const MOST_KNOWN_VALUES = 64;
const FEWEST_KNOWN_VALUES = 8;
/** Overflow series of a metric: so many for each value that is distinguished. */
const OVERFLOW_PER_VALUE = 8;
/** Tags whose values are counted; any further one is left out. */
const MOST_TAGS = 64;

export class BeyondCap {
  readonly #metric: string;
  readonly #seriesCap: number;
  readonly #mostValues: number;
  /** Per tag, the values that are distinguished. */
  readonly #known = new Map<string, Set<string>>();
  /** Tags that are left out where their value is not known. */
  readonly #left = new Set<string>();
  #untracked = false;
  readonly #seen = new Map<string, Set<string>>();
  readonly #keys = new Set<string>();
  readonly #onLeft: (overflow: SeriesOverflow) => void;

  /** `onLeft` hears of each tag at the moment from which on samples lose it. */
  constructor(metric: string, seriesCap: number, onLeft: (overflow: SeriesOverflow) => void) {
    this.#metric = metric;
    this.#seriesCap = seriesCap;
    this.#mostValues = Math.min(Math.max(Math.floor(seriesCap / 64), FEWEST_KNOWN_VALUES), MOST_KNOWN_VALUES);
    this.#onLeft = onLeft;
  }

  /** Takes note of the values of a set of tags. */
  count(tags: Tags): void {
    for (const [tag, value] of Object.entries(tags)) {
      this.#countSeen(tag, value);
      let values = this.#known.get(tag);
      if (this.#left.has(tag) || values?.has(value) === true) continue;
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
      this.#left.add(tag);
      this.#onLeft(this.#overflowOf(tag));
    }
  }

  /** Counts a set of tags and gives the tags of the series that it is added up in. */
  reduce(tags: Tags): Tags {
    this.count(tags);
    let kept = this.#keptOf(tags);
    for (;;) {
      const key = JSON.stringify(kept);
      const tagNames = Object.keys(kept);
      if (this.#keys.has(key) || this.#keys.size < this.#mostValues * OVERFLOW_PER_VALUE || tagNames.length === 0) {
        this.#keys.add(key);
        return withOverflowTag(kept);
      }
      const widest = tagNames.reduce((a, b) => (this.#valuesOf(b) > this.#valuesOf(a) ? b : a));
      this.#known.set(widest, new Set());
      this.#left.add(widest);
      this.#onLeft(this.#overflowOf(widest));
      kept = this.#keptOf(kept);
    }
  }

  /** What samples of the metric lost, the tag with the most values first; at most cap + 1 values are counted. */
  overflows(): SeriesOverflow[] {
    const left = [...this.#left].map((tag) => this.#overflowOf(tag)).sort((a, b) => b.values - a.values);
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

  #keptOf(tags: Tags): Tags {
    return Object.fromEntries(
      Object.entries(tags).filter(([tag, value]) => {
        const values = tag === OVERFLOW_TAG ? undefined : this.#known.get(tag);
        return values !== undefined && (!this.#left.has(tag) || values.has(value));
      }),
    );
  }
}

/** In order of the tags' names. */
function withOverflowTag(tags: Tags): Tags {
  return Object.fromEntries(
    [...Object.entries(tags), [OVERFLOW_TAG, 'true'] as const].sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
