// Figures of series and intervals go in, one Aggregate comes out; its histogram is merged only when somebody asks for it.

import { copyOfBins, type PackedRows, sumOfBins } from './bin-accumulator.ts';
import { addFigures, clearFigures, WIDTH } from './figures.ts';
import { representative } from './histogram.ts';
import type { Aggregate, Bins, MetricType } from './model.ts';

/** Where a trend's histogram lies until it is asked for. Neither changes once it is handed over. */
export interface BinSources {
  readonly rows: PackedRows[];
  readonly bins: Bins[];
}

/** Adds up; build() gives the Aggregate, or undefined where nothing was added. */
export class AggregateBuilder {
  readonly sources: BinSources = { rows: [], bins: [] };
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

  build(): Aggregate | undefined {
    const [count = 0, sum = 0, min, max, last] = this.#figures;
    if (count === 0) return undefined;
    return new MergedAggregate(this.type, count, sum, min, max, last, this.sources);
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
    return copyOfBins(sumOfBins(this.sources.rows, this.sources.bins));
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
    const { keys, counts } = copyOfBins(sumOfBins(this.sources.rows, this.sources.bins));
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
