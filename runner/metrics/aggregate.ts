// Figures of series and intervals go in, one Aggregate comes out; its histogram is merged only when somebody asks for it.

import { type BinAccumulator, binAccumulator, copyOfBins, type PackedRows } from './bin-accumulator.ts';
import { representative } from './histogram.ts';
import type { Aggregate, Bins, MetricType } from './model.ts';

/** Where a trend's histogram lies until it is asked for. Neither changes once it is handed over. */
export interface BinSources {
  readonly rows: PackedRows[];
  readonly bins: Bins[];
}

/** Figures of one series over one interval, as they are added up. `at` is the time of `last`. */
export interface Figures {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly last: number;
  readonly at: number;
}

/** a + b; the largest finite double of its sign where that would be infinite. */
export function boundedSum(a: number, b: number): number {
  return Math.min(Math.max(a + b, -Number.MAX_VALUE), Number.MAX_VALUE);
}

/** Adds up; build() gives the Aggregate, or undefined where nothing was added. */
export class AggregateBuilder {
  readonly sources: BinSources = { rows: [], bins: [] };
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = -Infinity;
  #last = 0;
  #lastAt = -Infinity;

  constructor(private readonly type: MetricType) {}

  add(figures: Figures): void {
    this.#count += figures.count;
    this.#sum = boundedSum(this.#sum, figures.sum);
    if (figures.min < this.#min) this.#min = figures.min;
    if (figures.max > this.#max) this.#max = figures.max;
    if (figures.at < this.#lastAt) return;
    this.#last = figures.last;
    this.#lastAt = figures.at;
  }

  build(): Aggregate | undefined {
    if (this.#count === 0) return undefined;
    const hasRange = this.type === 'trend' || this.type === 'gauge';
    return new MergedAggregate(
      this.type,
      this.#count,
      this.#sum,
      hasRange && this.#min <= this.#max ? this.#min : undefined,
      hasRange && this.#min <= this.#max ? this.#max : undefined,
      this.type === 'gauge' ? this.#last : undefined,
      this.sources,
    );
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

class MergedAggregate implements Aggregate {
  readonly mean: number;
  #quantiles: Map<number, number> | undefined;

  constructor(
    readonly type: MetricType,
    readonly count: number,
    readonly sum: number,
    readonly min: number | undefined,
    readonly max: number | undefined,
    readonly last: number | undefined,
    private readonly sources: BinSources,
  ) {
    this.mean = sum / count;
  }

  quantile(q: number): number | undefined {
    if (!(q >= 0 && q <= 1)) throw new RangeError(`A quantile is asked for at 0 to 1, not ${q}`);
    if (this.type !== 'trend' || this.min === undefined || this.max === undefined) return undefined;
    const known = this.#quantiles?.get(q);
    if (known !== undefined) return known;
    const rank = q * (this.count - 1);
    const below = this.#valueAtRank(Math.floor(rank), this.min, this.max);
    const above = this.#valueAtRank(Math.ceil(rank), this.min, this.max);
    const share = rank - Math.floor(rank);
    // Weights, as Histogram.quantile: a difference of neighbours would overflow at ±1e308.
    const value = below === above ? below : below * (1 - share) + above * share;
    this.#quantiles ??= new Map();
    this.#quantiles.set(q, value);
    return value;
  }

  bins(): Bins {
    return copyOfBins(mergeSources(this.sources, binAccumulator));
  }

  /** The same rule as Histogram.valueAtRank, by bisection instead of a walk. */
  #valueAtRank(rank: number, min: number, max: number): number {
    if (rank <= 0) return min;
    if (rank >= this.count - 1) return max;
    const { keys, ranks } = this.#spread();
    let low = 0;
    let high = ranks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ranks[middle] ?? 0) > rank) high = middle;
      else low = middle + 1;
    }
    const key = keys[low];
    return key === undefined ? max : Math.min(Math.max(representative(key), min), max);
  }

  #spread(): Spread {
    if (spread.owner === this) return spread;
    const { keys, counts } = copyOfBins(mergeSources(this.sources, binAccumulator));
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

function mergeSources(sources: BinSources, accumulator: BinAccumulator): Bins {
  for (const rows of sources.rows) accumulator.addRows(rows);
  for (const bins of sources.bins) accumulator.add(bins);
  return accumulator.drain();
}
