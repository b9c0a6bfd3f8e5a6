// Reads the scrapes of one exporter: gauges as they are, counters as rates per second, histograms as quantiles.
//
// The first scrape gives gauges only. A key is parsed when it first appears; after that a line costs one look-up. As in
// Prometheus, a counter that decreased was reset, and its value counts as the increase.

import { grown } from '../metrics/buckets/figures.ts';
import type { Tags } from '../model/metrics.ts';
import type { Reading, ServerSeries } from '../model/server.ts';
import { metricName, unitByName } from '../model/server-metrics.ts';
import { bucketQuantile } from './bucket-quantile.ts';
import { type ExpositionType, parseKey, readExposition } from './exposition-lines.ts';
import { type SeriesFilter, seriesMatcher } from './series-filter.ts';

const QUANTILES = [0.5, 0.95, 0.99];
/** Longest time between two scrapes for which a rate is computed. */
const LONGEST_STEP_MS = 5000;
/** Limit of remembered keys, buckets included: an exporter may invent new ones all the time. */
const MOST_KEYS = 50_000;
const MOST_BUCKETS = 200;

interface HistogramState {
  readonly series: readonly ServerSeries[];
  readonly bounds: number[];
  /** Cumulative; in the order of `bounds`. */
  now: number[];
  before: number[] | undefined;
}

type Entry =
  | { readonly kind: 'ignored' }
  | { readonly kind: 'gauge'; readonly series: ServerSeries }
  | { readonly kind: 'counter'; readonly series: ServerSeries; value: number; atMs: number }
  | { readonly kind: 'bucket'; readonly histogram: HistogramState; readonly bound: number };

/** A key (name and labels as written) and its meaning. */
interface Known {
  readonly key: string;
  readonly entry: Entry;
}

const IGNORED: Entry = { kind: 'ignored' };

/** Reads scrapes in order. Keeps at most as many series as the filter allows. */
export class ExpositionReader {
  readonly #types = new Map<string, ExpositionType>();
  readonly #entries = new Map<string, Known>();
  readonly #histograms = new Map<string, HistogramState>();
  /** The keys of the previous scrape, by place. */
  readonly #former: Known[] = [];
  /** The entries of the current scrape, by place. */
  readonly #read: Entry[] = [];
  #values = new Float64Array(256);
  readonly #matches: (name: string, family: string, labels: Tags) => boolean;
  #kept = 0;
  #leftOut = 0;
  #atMs: number | undefined;

  constructor(private readonly filter: SeriesFilter) {
    this.#matches = seriesMatcher(filter);
  }

  /** Number of series that are kept, and of those beyond the limit, so far. */
  get series(): { readonly kept: number; readonly leftOut: number } {
    return { kept: this.#kept, leftOut: this.#leftOut };
  }

  /**
   * The readings of a scrape received at `atMs`, epoch milliseconds. Throws an Error, and changes nothing, if the text
   * is not an exposition.
   */
  read(text: string, atMs: number): Reading[] {
    let samples = 0;
    const former = this.#former;
    readExposition(
      text,
      {
        type: (name, type) => this.#types.size < MOST_KEYS && this.#types.set(name, type),
        sample: (key, value, place) => {
          let known = former[place];
          if (known?.key !== key) {
            known = this.#knownOf(key);
            if (known !== undefined) former[place] = known;
          }
          if (samples === this.#values.length) this.#values = grown(this.#values, new Float64Array(samples * 2));
          this.#read[samples] = known?.entry ?? IGNORED;
          this.#values[samples++] = value;
        },
      },
      former,
    );
    const elapsedMs = this.#atMs === undefined ? Infinity : atMs - this.#atMs;
    const isStep = elapsedMs > 0 && elapsedMs <= LONGEST_STEP_MS;
    const readings: Reading[] = [];
    for (let i = 0; i < samples; i++) {
      this.#take(this.#read[i] ?? IGNORED, this.#values[i] ?? Number.NaN, atMs, isStep, readings);
    }
    for (const histogram of this.#histograms.values()) this.#quantiles(histogram, atMs, isStep, readings);
    this.#atMs = atMs;
    return readings;
  }

  #take(entry: Entry, value: number, atMs: number, isStep: boolean, readings: Reading[]): void {
    if (entry.kind === 'gauge') {
      if (Number.isFinite(value)) readings.push({ series: entry.series, value, atMs });
    } else if (entry.kind === 'counter') {
      if (!Number.isFinite(value)) return;
      const seconds = (atMs - entry.atMs) / 1000;
      const grown = value >= entry.value ? value - entry.value : value;
      if (isStep && entry.atMs === this.#atMs) readings.push({ series: entry.series, value: grown / seconds, atMs });
      entry.value = value;
      entry.atMs = atMs;
    } else if (entry.kind === 'bucket') {
      const { bounds, now } = entry.histogram;
      now[bounds.indexOf(entry.bound)] = value;
    }
  }

  #quantiles(histogram: HistogramState, atMs: number, isStep: boolean, readings: Reading[]): void {
    const { series, bounds, now, before } = histogram;
    const isWhole = bounds.every((_, index) => Number.isFinite(now[index]));
    histogram.before = isWhole ? now : undefined;
    histogram.now = [];
    if (!isWhole || before === undefined || before.length !== now.length || !isStep) return;
    const isReset = now.some((count, index) => count < (before[index] ?? 0));
    const grown = isReset ? now : now.map((count, index) => count - (before[index] ?? 0));
    for (const [index, q] of QUANTILES.entries()) {
      const value = bucketQuantile(q, bounds, grown);
      const announced = series[index];
      if (value !== undefined && announced !== undefined) readings.push({ series: announced, value, atMs });
    }
  }

  /** The key's entry; undefined for new keys beyond the limit. */
  #knownOf(key: string): Known | undefined {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const parsed = parseKey(key);
    if (parsed === undefined)
      throw new Error(`"${key.slice(0, 120)}" is not a metric name with labels of an exposition`);
    if (this.#entries.size >= MOST_KEYS) return undefined;
    // A copy, because a slice would keep the whole text of the scrape in memory.
    const entry = { key: Buffer.from(key).toString(), entry: this.#newEntry(parsed.name, parsed.labels) };
    this.#entries.set(entry.key, entry);
    return entry;
  }

  #newEntry(name: string, labels: Tags): Entry {
    const { family, type, part } = this.#meaning(name, labels);
    if (part === 'created' || /_info$/.test(name) || !this.#matches(name, family, labels)) return IGNORED;
    if (part === 'bucket') return this.#bucket(family, labels);
    if (!this.#mayKeep(1)) return IGNORED;
    const isRate = type === 'counter' || part === 'sum' || part === 'count';
    const series = { metric: metricName(name), unit: isRate ? unitByName(name, true) : unitByName(name), labels };
    return isRate ? { kind: 'counter', series, value: 0, atMs: -1 } : { kind: 'gauge', series };
  }

  #bucket(family: string, { le = '', ...labels }: Tags): Entry {
    const bound = le === '+Inf' ? Infinity : Number(le === '' ? Number.NaN : le);
    if (Number.isNaN(bound)) return IGNORED;
    const key = JSON.stringify([family, Object.entries(labels).sort()]);
    let histogram = this.#histograms.get(key);
    if (histogram === undefined) {
      if (!this.#mayKeep(QUANTILES.length)) return IGNORED;
      histogram = {
        series: QUANTILES.map((q) => ({
          metric: metricName(family),
          unit: unitByName(family),
          labels: { ...labels, quantile: String(q) },
        })),
        bounds: [],
        now: [],
        before: undefined,
      };
      this.#histograms.set(key, histogram);
    }
    if (histogram.bounds.length >= MOST_BUCKETS || histogram.bounds.includes(bound)) return IGNORED;
    histogram.bounds.push(bound);
    histogram.bounds.sort((a, b) => a - b);
    // There is a new bucket, so the previous counts are not comparable.
    histogram.before = undefined;
    return { kind: 'bucket', histogram, bound };
  }

  #mayKeep(series: number): boolean {
    if (this.#kept + series > this.filter.maxSeries) {
      this.#leftOut += series;
      return false;
    }
    this.#kept += series;
    return true;
  }

  /** The family of a name, its type, and its part in a histogram or summary. */
  #meaning(
    name: string,
    labels: Tags,
  ): { family: string; type: ExpositionType; part: 'bucket' | 'sum' | 'count' | 'created' | undefined } {
    const [, base = name, suffix = ''] = /^(.+)_(bucket|sum|count|created)$/.exec(name) ?? [];
    const ofBase = this.#types.get(base);
    if (suffix === 'created' && ofBase !== undefined) return { family: base, type: ofBase, part: 'created' };
    if (suffix === 'bucket' && Object.hasOwn(labels, 'le') && (ofBase ?? 'untyped') !== 'gauge') {
      return { family: base, type: 'histogram', part: 'bucket' };
    }
    if ((suffix === 'sum' || suffix === 'count') && (ofBase === 'histogram' || ofBase === 'summary')) {
      return { family: base, type: ofBase, part: suffix };
    }
    // OpenMetrics declares a counter without the suffix _total.
    const declared =
      this.#types.get(name) ?? (name.endsWith('_total') ? this.#types.get(name.slice(0, -6)) : undefined);
    const guessed = name.endsWith('_total') ? 'counter' : 'untyped';
    return {
      family: name,
      type: declared === undefined || declared === 'untyped' ? guessed : declared,
      part: undefined,
    };
  }
}
