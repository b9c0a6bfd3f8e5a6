// Finds series by metric and tags: equal series of several streams share one entry, and filters use an index by tag.

import type { Metric, Series, SeriesOverflow, TagFilter, Tags } from '../../model/metrics.ts';
import { UserError } from '../../system/errors.ts';
import { keepHeapSmall } from '../../system/v8-settings.ts';

/** A run of seconds has a few hundred, including those of the system under test. */
const MANY_SERIES = 400;

/** The value of a tag; '' if the series does not have it. */
export function tagValue(tags: Tags, tag: string): string {
  return Object.hasOwn(tags, tag) ? (tags[tag] ?? '') : '';
}

/** True if every tag of the filter has its value; '' also matches a series without the tag. */
export function matchesFilter(tags: Tags, filter: TagFilter): boolean {
  return Object.entries(filter).every(([tag, value]) => tagValue(tags, tag) === value);
}

/**
 * True if samples of this overflow series may match the filter, because they may have lost a tag that it names. `lost`:
 * what the metric's series beyond the cap lost. False if all samples match or none can.
 */
export function mayMatch(tags: Tags, filter: TagFilter, lost: readonly SeriesOverflow[]): boolean {
  const mayHave = (tag: string, value: string) =>
    value !== '' &&
    lost.some(({ tag: lostTag, known }) => known === undefined || (lostTag === tag && !known.includes(value)));
  let isDoubtful = false;
  for (const [tag, value] of Object.entries(filter)) {
    if (tagValue(tags, tag) === value) continue;
    if (Object.hasOwn(tags, tag) || !mayHave(tag, value)) return false;
    isDoubtful = true;
  }
  return isDoubtful;
}

interface MetricEntries<E> {
  readonly entries: E[];
  /** By tag and value. Built by the first filter that names the tag, then kept up to date. */
  readonly byTag: Map<string, Map<string, E[]>>;
}

/** An entry and the object that represents its series in a stream. */
interface Found<E> {
  readonly object: Series;
  readonly entry: E;
  next: Found<E> | undefined;
}

/** The series of one or several streams, each with an entry that `create` makes. */
export class SeriesIndex<E extends { readonly series: Series }> {
  readonly metrics = new Map<string, Metric>();
  readonly series: Series[] = [];
  readonly #byMetric = new Map<string, MetricEntries<E>>();
  readonly #byKey = new Map<string, E>();
  /** Streams pass the same object with every window, so no key has to be built for it. */
  readonly #byObject = new Map<Series, Found<E>>();
  /** Windows come in the same order every second: the next series is probably the one that came next last time. */
  #last: Found<E> | undefined;

  constructor(private readonly create: (series: Series) => E) {}

  /**
   * Adds a metric, or returns the known one. Throws a UserError if streams declare different types for it, which means
   * different scripts.
   */
  declare(metric: Metric): Metric {
    const known = this.metrics.get(metric.name);
    if (known === undefined) {
      this.metrics.set(metric.name, metric);
      return metric;
    }
    if (known.type === metric.type) return known;
    throw new UserError(
      `Expected one type for the metric "${metric.name}", found ${known.type} and ${metric.type}. Streams of different scripts cannot be merged.`,
    );
  }

  /** The entry of this series, for whichever stream it comes from. */
  entryOf(series: Series): E {
    const last = this.#last;
    if (last?.next?.object === series) {
      this.#last = last.next;
      return last.next.entry;
    }
    const found = this.#byObject.get(series) ?? this.#find(series);
    if (last !== undefined) last.next = found;
    this.#last = found;
    return found.entry;
  }

  #find(series: Series): Found<E> {
    const sorted = Object.entries(series.tags).sort(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify([series.metric.name, sorted]);
    const entry = this.#byKey.get(key) ?? this.#insert(key, series);
    const found: Found<E> = { object: series, entry, next: undefined };
    this.#byObject.set(series, found);
    return found;
  }

  #insert(key: string, { metric, tags }: Series): E {
    const series: Series = { id: this.series.length, metric: this.declare(metric), tags };
    const entry = this.create(series);
    this.series.push(series);
    if (this.series.length === MANY_SERIES) keepHeapSmall();
    this.#byKey.set(key, entry);
    let ofMetric = this.#byMetric.get(metric.name);
    if (ofMetric === undefined) {
      ofMetric = { entries: [], byTag: new Map() };
      this.#byMetric.set(metric.name, ofMetric);
    }
    ofMetric.entries.push(entry);
    for (const [tag, values] of ofMetric.byTag) addUnder(values, tagValue(tags, tag), entry);
    return entry;
  }

  /** All entries, in order of first declaration. */
  all(): IterableIterator<E> {
    return this.#byKey.values();
  }

  /** The entries of the metric that match the filter, in order of first declaration. */
  find(metric: string, filter: TagFilter = {}): readonly E[] {
    const ofMetric = this.#byMetric.get(metric);
    if (ofMetric === undefined) return [];
    let fewest: readonly E[] = ofMetric.entries;
    for (const [tag, value] of Object.entries(filter)) {
      let values = ofMetric.byTag.get(tag);
      if (values === undefined) {
        values = new Map();
        for (const entry of ofMetric.entries) addUnder(values, tagValue(entry.series.tags, tag), entry);
        ofMetric.byTag.set(tag, values);
      }
      const having = values.get(value) ?? [];
      if (having.length < fewest.length) fewest = having;
    }
    return fewest.filter((entry) => matchesFilter(entry.series.tags, filter));
  }

  /** The matching entries, grouped by their values of `tags` ('' for a missing tag). */
  group(metric: string, tags: readonly string[], filter: TagFilter): Array<{ tags: Tags; entries: E[] }> {
    const groups = new Map<string, { tags: Tags; entries: E[] }>();
    for (const entry of this.find(metric, filter)) {
      const values = tags.map((tag) => tagValue(entry.series.tags, tag));
      const key = JSON.stringify(values);
      const group = groups.get(key);
      if (group !== undefined) group.entries.push(entry);
      // fromEntries, because assigning a tag called __proto__ would lose it.
      else
        groups.set(key, { tags: Object.fromEntries(tags.map((tag, i) => [tag, values[i] ?? ''])), entries: [entry] });
    }
    return [...groups.values()];
  }
}

function addUnder<E>(values: Map<string, E[]>, value: string, entry: E): void {
  const entries = values.get(value);
  if (entries === undefined) values.set(value, [entry]);
  else entries.push(entry);
}
