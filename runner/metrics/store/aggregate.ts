// Adds up figures of series and intervals into one Aggregate. The histogram is merged only when a percentile or bins()
// needs it.

import type { Aggregate, Bins, MetricType } from '../../model/metrics.ts';
import { copyOfBins, sumOfBins } from '../buckets/bin-accumulator.ts';
import { DenseCounts, MOST_DENSE_KEYS } from '../buckets/dense-counts.ts';
import { addFigures, COUNT, clearFigures, LAST, MAX, MIN, SUM, WIDTH } from '../buckets/figures.ts';
import { keyOf, representative } from '../buckets/histogram.ts';
import { keyAtRank } from '../buckets/histograms-bins.ts';
import { encodeBinBytes } from '../buckets/kept-bins.ts';
import { firstAbove, quantileAt } from '../buckets/quantile.ts';
import { IntervalRows, type RowsAndBins } from './interval-rows.ts';

/** Up to this many rows the sum is not cached: a report needs most sums only once. */
const MOST_ROWS_UNCACHED = 8;
/** Up to this many parts, a percentile adds up the parts' own sources without building each part first. */
const MOST_PARTS_ADDED_DIRECTLY = 16;

/** The histograms that a trend's aggregate adds up. The rows and bins must not change afterwards. */
export interface BinSources extends RowsAndBins {
  readonly parts: MergedAggregate[];
}

/**
 * Adds up rows of figures and aggregates of one metric type. build() returns the Aggregate, undefined if nothing was
 * added.
 */
export class AggregateBuilder {
  readonly sources: BinSources = { rows: [], bins: [], parts: [] };
  readonly #width: number;
  readonly #figures: Float64Array;

  constructor(private readonly type: MetricType) {
    this.#width = WIDTH[type];
    this.#figures = new Float64Array(this.#width);
    clearFigures(this.#figures, 0, this.#width);
  }

  /** Adds the row that starts at index `at` (layout: figures.ts); it must be of the same metric type. */
  add(row: Float64Array, at: number): void {
    addFigures(this.#figures, 0, this.#width, row, at);
  }

  /** Adds an aggregate of the same type. */
  addPart(part: MergedAggregate): void {
    this.add(part.figures, part.at);
    if (this.type === 'trend') this.sources.parts.push(part);
  }

  build(): MergedAggregate | undefined {
    return this.#figures[COUNT] === 0 ? undefined : new MergedAggregate(this.type, this.#figures, 0, this.sources);
  }
}

/** The cumulative histogram of the last aggregate queried: callers ask one aggregate for p50, p95 and p99 in a row. */
interface Cumulative {
  owner: MergedAggregate | undefined;
  /** Set: the counts are in `dense`. undefined: they are in `keys` and `ranks`. */
  dense: DenseCounts | undefined;
  /** Number of bins in use in `keys` and `ranks`, which may be longer. */
  size: number;
  keys: Int32Array;
  /** Number of samples in this bin and all lower ones. */
  ranks: Float64Array;
}

const cumulative: Cumulative = {
  owner: undefined,
  dense: undefined,
  size: 0,
  keys: new Int32Array(1024),
  ranks: new Float64Array(1024),
};
const dense = new DenseCounts();

/** An aggregate that merges its histogram on first use and then keeps it encoded, which takes one or two kilobytes. */
export class MergedAggregate implements Aggregate {
  readonly count: number;
  #sources: BinSources | IntervalRows;
  /** Alternating quantile and value: a Map would use more memory than the rest of the object. */
  #quantiles: number[] | undefined;
  #wasMerged = false;

  constructor(
    readonly type: MetricType,
    /** Rows as laid out in figures.ts; this aggregate's row starts at `at`. */
    readonly figures: Float64Array,
    readonly at: number,
    sources: BinSources | IntervalRows,
    /** The interval to read from `sources`, if they hold several. */
    private readonly interval = 0,
  ) {
    this.count = figures[at + COUNT] ?? 0;
    this.#sources = sources;
  }

  get sum(): number {
    return this.figures[this.at + SUM] ?? 0;
  }

  get min(): number | undefined {
    return WIDTH[this.type] > MIN ? this.figures[this.at + MIN] : undefined;
  }

  get max(): number | undefined {
    return WIDTH[this.type] > MAX ? this.figures[this.at + MAX] : undefined;
  }

  get last(): number | undefined {
    return WIDTH[this.type] > LAST ? this.figures[this.at + LAST] : undefined;
  }

  get mean(): number {
    // A sum above the largest double is capped there, which could put the mean below the minimum.
    return Math.min(Math.max(this.sum / this.count, this.min ?? -Infinity), this.max ?? Infinity);
  }

  quantile(q: number): number | undefined {
    const { type, min, max } = this;
    if (type !== 'trend' || min === undefined || max === undefined) return undefined;
    this.#quantiles ??= [];
    const quantiles = this.#quantiles;
    for (let i = 0; i < quantiles.length; i += 2) if (quantiles[i] === q) return quantiles[i + 1];
    const value = quantileAt(q, this.count, (rank) => this.#valueAtRank(rank, min, max)) ?? min;
    quantiles.push(q, value);
    return value;
  }

  bins(): Bins {
    const { min, max } = this;
    if (min === undefined || max === undefined || this.#isResolvedToOne) return copyOfBins(this.#merged());
    const [firstKey, lastKey] = [keyOf(min), keyOf(max)];
    if (lastKey - firstKey >= MOST_DENSE_KEYS) return copyOfBins(this.#merged());
    cumulative.owner = undefined;
    dense.open(firstKey, lastKey);
    this.#addTo(dense);
    return dense.bins();
  }

  get #isResolvedToOne(): boolean {
    return !(this.#sources instanceof IntervalRows) && this.#hasOneSource;
  }

  get #resolved(): BinSources {
    if (this.#sources instanceof IntervalRows) this.#sources = { ...this.#sources.of(this.interval), parts: [] };
    return this.#sources;
  }

  get #hasOneSource(): boolean {
    const { rows, bins, parts } = this.#resolved;
    return rows.length + bins.length < 2 && parts.length === 0;
  }

  /**
   * The merged histogram as views that the accumulator's next use overwrites. Cached if there are many rows or it is
   * needed again.
   */
  #merged(): Bins {
    const { rows, bins, parts } = this.#resolved;
    if (this.#hasOneSource) return sumOfBins(rows, bins);
    // Other sums may share this part, so it is added up once for all of them.
    for (const part of parts) if (!part.#hasOneSource) part.#keep(part.#merged());
    const all = [...rows, ...parts.flatMap((part) => part.#resolved.rows)];
    const sum = sumOfBins(all, [...bins, ...parts.flatMap((part) => part.#resolved.bins)]);
    if (this.#wasMerged || all.length > MOST_ROWS_UNCACHED) this.#keep(sum);
    this.#wasMerged = true;
    return sum;
  }

  /** Stores the encoded sum as the only source. */
  #keep(sum: Bins): void {
    if (this.#hasOneSource) return;
    // Not slice(): on a Buffer it returns a view, not a copy.
    const bytes = new Uint8Array(encodeBinBytes(sum));
    this.#sources = {
      rows: [{ bytes, ends: Uint32Array.of(bytes.length), fromRow: 0, toRow: 1, merged: undefined }],
      bins: [],
      parts: [],
    };
  }

  /** Same rule as Histogram.valueAtRank, with a binary search instead of a scan. */
  #valueAtRank(rank: number, min: number, max: number): number {
    if (rank <= 0) return min;
    if (rank >= this.count - 1) return max;
    const only = this.#sources instanceof IntervalRows ? this.#sources.only(this.interval) : undefined;
    const key =
      only === undefined
        ? keyAtCumulative(this.#cumulative(min, max), rank)
        : keyAtRank(only.bytes, only.start, only.end, rank);
    return key === undefined ? max : Math.min(Math.max(representative(key), min), max);
  }

  #cumulative(min: number, max: number): Cumulative {
    if (cumulative.owner === this) return cumulative;
    const [firstKey, lastKey] = [keyOf(min), keyOf(max)];
    if (lastKey - firstKey < MOST_DENSE_KEYS && this.#hasFewParts) {
      dense.open(firstKey, lastKey);
      this.#addTo(dense);
      dense.cumulate();
      cumulative.owner = this;
      cumulative.dense = dense;
      return cumulative;
    }
    const { keys, counts } = this.#merged();
    const size = keys.length;
    if (cumulative.keys.length < size) {
      cumulative.keys = new Int32Array(2 * size);
      cumulative.ranks = new Float64Array(2 * size);
    }
    let below = 0;
    for (let i = 0; i < size; i++) {
      below += counts[i] ?? 0;
      cumulative.keys[i] = keys[i] ?? 0;
      cumulative.ranks[i] = below;
    }
    cumulative.owner = this;
    cumulative.dense = undefined;
    cumulative.size = size;
    return cumulative;
  }

  /** True on the first query of a few parts, such as those of a time range. */
  get #hasFewParts(): boolean {
    if (this.#wasMerged || this.#sources instanceof IntervalRows) return false;
    const { parts } = this.#sources;
    return parts.length > 1 && parts.length <= MOST_PARTS_ADDED_DIRECTLY;
  }

  #addTo(sum: DenseCounts): void {
    if (this.#sources instanceof IntervalRows) {
      this.#sources.addTo(sum, this.interval);
      return;
    }
    const { rows, bins, parts } = this.#sources;
    for (const each of rows) sum.addRows(each);
    for (const each of bins) sum.add(each);
    for (const part of parts) part.#addTo(sum);
  }
}

function keyAtCumulative({ dense, size, keys, ranks }: Cumulative, rank: number): number | undefined {
  if (dense !== undefined) {
    const slot = firstAbove(dense.counts, rank, dense.size);
    return slot < dense.size ? dense.firstKey + slot : undefined;
  }
  const place = firstAbove(ranks, rank, size);
  return place < size ? keys[place] : undefined;
}
