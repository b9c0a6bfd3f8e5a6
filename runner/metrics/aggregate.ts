// Figures of series and intervals go in, one Aggregate comes out; its histogram is merged only when somebody asks for it.

import type { Aggregate, Bins, MetricType } from '../model/metrics.ts';
import { copyOfBins, type PackedRows, sumOfBins } from './bin-accumulator.ts';
import { addFigures, COUNT, clearFigures, WIDTH } from './figures.ts';
import { representative } from './histogram.ts';
import { encodeBinBytes } from './histograms-bins.ts';
import { firstAbove, quantileAt } from './quantile.ts';

/** So few rows are added up again rather than kept as one: most sums of a report are asked for once. */
const ROWS_ADDED_AGAIN = 8;

/** Where a trend's histogram lies until it is asked for. None of it changes once it is handed over. */
export interface BinSources {
  readonly rows: PackedRows[];
  readonly bins: Bins[];
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
    this.add(part.figures, 0);
    if (this.type === 'trend') this.sources.parts.push(part);
  }

  build(): MergedAggregate | undefined {
    return this.#figures[COUNT] === 0 ? undefined : new MergedAggregate(this.type, this.#figures, this.sources);
  }
}

/** The histogram of the aggregate that was asked last, spread out: callers ask one aggregate for p50, p95, p99 in a row. */
interface Spread {
  owner: MergedAggregate | undefined;
  keys: Int32Array;
  /** Number of samples in this bin and those below. */
  ranks: Float64Array;
}

const spread: Spread = { owner: undefined, keys: new Int32Array(0), ranks: new Float64Array(0) };

/** An aggregate whose histogram is made when it is asked for, and then kept encoded: a kilobyte or two. */
export class MergedAggregate implements Aggregate {
  readonly count: number;
  readonly sum: number;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly last: number | undefined;
  readonly mean: number;
  #sources: BinSources;
  #quantiles: Map<number, number> | undefined;
  #asked = false;

  constructor(
    readonly type: MetricType,
    /** A row of figures.ts. */
    readonly figures: Float64Array,
    sources: BinSources,
  ) {
    const [count = 0, sum = 0, min, max, last] = figures;
    this.count = count;
    this.sum = sum;
    this.min = min;
    this.max = max;
    this.last = last;
    // A sum beyond the largest double is kept as that: no mean lies below the smallest value for it.
    this.mean = Math.min(Math.max(sum / count, min ?? -Infinity), max ?? Infinity);
    this.#sources = sources;
  }

  quantile(q: number): number | undefined {
    const { type, min, max } = this;
    if (type !== 'trend' || min === undefined || max === undefined) return undefined;
    const known = this.#quantiles?.get(q);
    if (known !== undefined) return known;
    const value = quantileAt(q, this.count, (rank) => this.#valueAtRank(rank, min, max)) ?? min;
    this.#quantiles ??= new Map();
    this.#quantiles.set(q, value);
    return value;
  }

  bins(): Bins {
    return copyOfBins(this.#merged());
  }

  get #isOne(): boolean {
    const { rows, bins, parts } = this.#sources;
    return rows.length + bins.length < 2 && parts.length === 0;
  }

  /** The histogram, as views that the accumulator's next use overwrites. Of sources that are many or asked again it makes one. */
  #merged(): Bins {
    const { rows, bins, parts } = this.#sources;
    if (this.#isOne) return sumOfBins(rows, bins);
    // Other sums may share a part: it is added up once for all of them.
    for (const part of parts) if (!part.#isOne) part.#keep(part.#merged());
    const all = [...rows, ...parts.flatMap((part) => part.#sources.rows)];
    const sum = sumOfBins(all, [...bins, ...parts.flatMap((part) => part.#sources.bins)]);
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
      rows: [{ bytes, ends: Uint32Array.of(bytes.length), fromRow: 0, toRow: 1 }],
      bins: [],
      parts: [],
    };
  }

  /** The same rule as Histogram.valueAtRank, by bisection instead of a walk. */
  #valueAtRank(rank: number, min: number, max: number): number {
    if (rank <= 0) return min;
    if (rank >= this.count - 1) return max;
    const { keys, ranks } = this.#spread();
    const key = keys[firstAbove(ranks, rank)];
    return key === undefined ? max : Math.min(Math.max(representative(key), min), max);
  }

  #spread(): Spread {
    if (spread.owner === this) return spread;
    const { keys, counts } = copyOfBins(this.#merged());
    let below = 0;
    for (let i = 0; i < counts.length; i++) {
      below += counts[i] ?? 0;
      counts[i] = below;
    }
    spread.owner = this;
    spread.keys = keys;
    spread.ranks = counts;
    return spread;
  }
}
