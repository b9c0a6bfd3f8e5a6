// Figures of series and intervals go in, one Aggregate comes out; its histogram is merged only when somebody asks for it.

import type { Aggregate, Bins, MetricType } from '../model/metrics.ts';
import { copyOfBins, sumOfBins } from './bin-accumulator.ts';
import { DenseCounts, MOST_DENSE_KEYS } from './dense-counts.ts';
import { addFigures, COUNT, clearFigures, LAST, MAX, MIN, SUM, WIDTH } from './figures.ts';
import { keyOf, representative } from './histogram.ts';
import { keyAtRank } from './histograms-bins.ts';
import { IntervalRows, type RowsAndBins } from './interval-rows.ts';
import { encodeBinBytes } from './kept-bins.ts';
import { firstAbove, quantileAt } from './quantile.ts';

/** So few rows are added up again rather than kept as one: most sums of a report are asked for once. */
const ROWS_ADDED_AGAIN = 8;
/** Of so many parts the sum is made from what they lie in, without one of each part. */
const FEW_PARTS = 16;

/** Where a trend's histogram lies until it is asked for. None of it changes once it is handed over. */
export interface BinSources extends RowsAndBins {
  readonly parts: MergedAggregate[];
}

/** Adds up; build() gives the Aggregate, or undefined where nothing was added. */
export class AggregateBuilder {
  readonly sources: BinSources = { rows: [], bins: [], parts: [] };
  readonly #width: number;
  readonly #figures: Float64Array;

  constructor(private readonly type: MetricType) {
    this.#width = WIDTH[type];
    this.#figures = new Float64Array(this.#width);
    clearFigures(this.#figures, 0, this.#width);
  }

  /** Adds the row of figures that begins at `at`, of the same type. */
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

/** The histogram of the aggregate that was asked last, spread out: callers ask one aggregate for p50, p95, p99 in a row. */
interface Spread {
  owner: MergedAggregate | undefined;
  /** undefined: key and rank of each bin are in the arrays below. */
  dense: DenseCounts | undefined;
  /** Bins in the arrays, which have room for more. */
  size: number;
  keys: Int32Array;
  /** Number of samples in this bin and those below. */
  ranks: Float64Array;
}

const spread: Spread = {
  owner: undefined,
  dense: undefined,
  size: 0,
  keys: new Int32Array(1024),
  ranks: new Float64Array(1024),
};
const dense = new DenseCounts();

/** An aggregate whose histogram is made when it is asked for, and then kept encoded: a kilobyte or two. */
export class MergedAggregate implements Aggregate {
  readonly count: number;
  #sources: BinSources | IntervalRows;
  /** One after the other: quantile, value. A map of each would weigh more than all else. */
  #quantiles: number[] | undefined;
  #asked = false;

  constructor(
    readonly type: MetricType,
    /** Rows of figures.ts; its own begins at `at`. */
    readonly figures: Float64Array,
    readonly at: number,
    sources: BinSources | IntervalRows,
    /** Which of the sources' intervals it is, where they are of several. */
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
    // A sum beyond the largest double is kept as that: no mean lies below the smallest value for it.
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
    if (min === undefined || max === undefined || this.#isKnownOne) return copyOfBins(this.#merged());
    const [firstKey, lastKey] = [keyOf(min), keyOf(max)];
    if (lastKey - firstKey >= MOST_DENSE_KEYS) return copyOfBins(this.#merged());
    spread.owner = undefined;
    dense.open(firstKey, lastKey);
    this.#addTo(dense);
    return dense.bins();
  }

  get #isKnownOne(): boolean {
    return !(this.#sources instanceof IntervalRows) && this.#isOne;
  }

  get #found(): BinSources {
    if (this.#sources instanceof IntervalRows) this.#sources = { ...this.#sources.of(this.interval), parts: [] };
    return this.#sources;
  }

  get #isOne(): boolean {
    const { rows, bins, parts } = this.#found;
    return rows.length + bins.length < 2 && parts.length === 0;
  }

  /** The histogram, as views that the accumulator's next use overwrites. Of sources that are many or asked again it makes one. */
  #merged(): Bins {
    const { rows, bins, parts } = this.#found;
    if (this.#isOne) return sumOfBins(rows, bins);
    // Other sums may share a part: it is added up once for all of them.
    for (const part of parts) if (!part.#isOne) part.#keep(part.#merged());
    const all = [...rows, ...parts.flatMap((part) => part.#found.rows)];
    const sum = sumOfBins(all, [...bins, ...parts.flatMap((part) => part.#found.bins)]);
    if (this.#asked || all.length > ROWS_ADDED_AGAIN) this.#keep(sum);
    this.#asked = true;
    return sum;
  }

  /** Encoded, as its only source. */
  #keep(sum: Bins): void {
    if (this.#isOne) return;
    // Not slice(): that of a Buffer is a view.
    const bytes = new Uint8Array(encodeBinBytes(sum));
    this.#sources = {
      rows: [{ bytes, ends: Uint32Array.of(bytes.length), fromRow: 0, toRow: 1, merged: undefined }],
      bins: [],
      parts: [],
    };
  }

  /** The same rule as Histogram.valueAtRank, by bisection instead of a walk. */
  #valueAtRank(rank: number, min: number, max: number): number {
    if (rank <= 0) return min;
    if (rank >= this.count - 1) return max;
    const only = this.#sources instanceof IntervalRows ? this.#sources.only(this.interval) : undefined;
    const key =
      only === undefined
        ? spreadKeyAt(this.#spread(min, max), rank)
        : keyAtRank(only.bytes, only.start, only.end, rank);
    return key === undefined ? max : Math.min(Math.max(representative(key), min), max);
  }

  #spread(min: number, max: number): Spread {
    if (spread.owner === this) return spread;
    const [firstKey, lastKey] = [keyOf(min), keyOf(max)];
    if (lastKey - firstKey < MOST_DENSE_KEYS && this.#isFewParts) {
      dense.open(firstKey, lastKey);
      this.#addTo(dense);
      dense.cumulate();
      spread.owner = this;
      spread.dense = dense;
      return spread;
    }
    const { keys, counts } = this.#merged();
    const size = keys.length;
    if (spread.keys.length < size) {
      spread.keys = new Int32Array(2 * size);
      spread.ranks = new Float64Array(2 * size);
    }
    let below = 0;
    for (let i = 0; i < size; i++) {
      below += counts[i] ?? 0;
      spread.keys[i] = keys[i] ?? 0;
      spread.ranks[i] = below;
    }
    spread.owner = this;
    spread.dense = undefined;
    spread.size = size;
    return spread;
  }

  /** Parts that are asked for their sum once, as the stretches of a timeline are. */
  get #isFewParts(): boolean {
    if (this.#asked || this.#sources instanceof IntervalRows) return false;
    const { parts } = this.#sources;
    return parts.length > 1 && parts.length <= FEW_PARTS;
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

function spreadKeyAt({ dense, size, keys, ranks }: Spread, rank: number): number | undefined {
  if (dense !== undefined) {
    const slot = firstAbove(dense.counts, rank, dense.size);
    return slot < dense.size ? dense.firstKey + slot : undefined;
  }
  const place = firstAbove(ranks, rank, size);
  return place < size ? keys[place] : undefined;
}
