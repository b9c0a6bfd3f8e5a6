// Fits lines, steps and knees to values at 0, 1, 2, … by least squares, for every possible place in constant time.

export interface Fit {
  /** Computed on demand, because only one or two models of a series need it. */
  readonly fitted: readonly number[];
  /** Sum of squared residuals. */
  readonly rss: number;
}

export interface PlacedFit extends Fit {
  /** Index of the first value after the step or knee. */
  readonly at: number;
}

/** One level between two indices (from inclusive, to exclusive) and another outside. */
export interface Passing extends Fit {
  readonly from: number;
  readonly to: number;
}

/** Inner products of a column with itself, the index and the values, all centred. */
interface Column {
  readonly cc: number;
  readonly ci: number;
  readonly cy: number;
}

type Place = (index: number) => number;

class Curve implements PlacedFit {
  #fitted: readonly number[] | undefined;

  constructor(
    readonly at: number,
    readonly rss: number,
    private readonly fit: () => readonly number[],
  ) {}

  get fitted(): readonly number[] {
    this.#fitted ??= this.fit();
    return this.#fitted;
  }
}

/**
 * The columns are the index i, the step u(i) = [i >= at] and the hinge h(i) = max(0, i - at). Their products are closed
 * forms or prefix sums, so a place needs no pass through the values.
 */
export class LeastSquares {
  readonly #values: readonly number[];
  readonly #mean: number;
  readonly #total: number;
  /** Sums of y and of i y before each index, with y minus its mean. */
  readonly #sums: Float64Array;
  readonly #moments: Float64Array;
  readonly #index: Column;
  /** Minimum length of either side of a place. */
  readonly #least: number;
  /** Cached, because each is used once or twice. */
  readonly #known = new Map<string, PlacedFit | undefined>();
  #passing: Passing | undefined;

  constructor(values: readonly number[]) {
    const n = values.length;
    this.#values = values;
    this.#mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, n);
    this.#sums = new Float64Array(n + 1);
    this.#moments = new Float64Array(n + 1);
    let total = 0;
    for (let i = 0; i < n; i++) {
      const y = (values[i] ?? 0) - this.#mean;
      total += y * y;
      this.#sums[i + 1] = (this.#sums[i] ?? 0) + y;
      this.#moments[i + 1] = (this.#moments[i] ?? 0) + i * y;
    }
    this.#total = total;
    const ii = (n * (n * n - 1)) / 12;
    this.#index = { cc: ii, ci: ii, cy: this.#moments[n] ?? 0 };
    this.#least = Math.max(3, Math.floor(n / 20));
  }

  constant(): Fit {
    return { fitted: new Array<number>(this.#values.length).fill(this.#mean), rss: this.#total };
  }

  line(): Fit {
    return this.#curve(0, [(i) => i], single(this.#index));
  }

  step(): PlacedFit | undefined {
    return this.#best(
      'step',
      (at) => single(this.#step(at)),
      (at) => [(i) => (i >= at ? 1 : 0)],
    );
  }

  /** Rises or falls up to a place and then stays. */
  levelling(): PlacedFit | undefined {
    return this.#best(
      'levelling',
      (at) => {
        const hinge = this.#hinge(at);
        const { cc, cy } = this.#index;
        return single({ cc: cc - 2 * hinge.ci + hinge.cc, ci: cc - hinge.ci, cy: cy - hinge.cy });
      },
      (at) => [(i) => Math.min(i, at)],
    );
  }

  /** Stays up to a place and then rises or falls. */
  late(): PlacedFit | undefined {
    return this.#best(
      'late',
      (at) => single(this.#hinge(at)),
      (at) => [(i) => Math.max(0, i - at)],
    );
  }

  /** Two slopes that meet. */
  knee(): PlacedFit | undefined {
    return this.#best(
      'knee',
      (at) => double(this.#index, this.#hinge(at)),
      (at) => [(i) => i, (i) => Math.max(0, i - at)],
    );
  }

  lineWithStep(): PlacedFit | undefined {
    return this.#best(
      'lineWithStep',
      (at) => double(this.#index, this.#step(at)),
      (at) => [(i) => i, (i) => (i >= at ? 1 : 0)],
    );
  }

  passing(): Passing | undefined {
    this.#passing ??= this.#findPassing();
    return this.#passing;
  }

  #findPassing(): Passing | undefined {
    const n = this.#values.length;
    const sums = this.#sums;
    let [bestFrom, bestTo, best] = [-1, -1, -Infinity];
    for (let from = this.#least; from <= n - 2 * this.#least; from++) {
      const before = sums[from] ?? 0;
      for (let to = from + this.#least; to <= n - this.#least; to++) {
        const inside = (sums[to] ?? 0) - before;
        const size = to - from;
        const explained = (inside * inside * n) / (size * (n - size));
        if (bestFrom < 0 || explained > best) {
          bestFrom = from;
          bestTo = to;
          best = explained;
        }
      }
    }
    if (bestFrom < 0) return undefined;
    const inside = (sums[bestTo] ?? 0) - (sums[bestFrom] ?? 0);
    const [within, outside] = [
      this.#mean + inside / (bestTo - bestFrom),
      this.#mean - inside / (n - bestTo + bestFrom),
    ];
    const fitted = Array.from({ length: n }, (_, i) => (i >= bestFrom && i < bestTo ? within : outside));
    return { fitted, rss: Math.max(0, this.#total - best), from: bestFrom, to: bestTo };
  }

  #step(at: number): Column {
    const n = this.#values.length;
    const after = n - at;
    // Σ (i - mean of i) over the indices from `at`.
    return { cc: (after * at) / n, ci: (after * at) / 2, cy: (this.#sums[n] ?? 0) - (this.#sums[at] ?? 0) };
  }

  #hinge(at: number): Column {
    const n = this.#values.length;
    const m = n - 1 - at;
    const sum = (m * (m + 1)) / 2;
    const squares = (m * (m + 1) * (2 * m + 1)) / 6;
    const after = (this.#sums[n] ?? 0) - (this.#sums[at] ?? 0);
    return {
      cc: squares - (sum * sum) / n,
      ci: squares + at * sum - (sum * (n - 1)) / 2,
      cy: (this.#moments[n] ?? 0) - (this.#moments[at] ?? 0) - at * after,
    };
  }

  #best(
    name: string,
    solve: (at: number) => Solution,
    places: (at: number) => readonly Place[],
  ): PlacedFit | undefined {
    if (this.#known.has(name)) return this.#known.get(name);
    const n = this.#values.length;
    let best: { at: number; solution: Solution } | undefined;
    for (let at = this.#least; at <= n - this.#least; at++) {
      const solution = solve(at);
      if (best === undefined || solution.explained > best.solution.explained) best = { at, solution };
    }
    const fit = best === undefined ? undefined : this.#curve(best.at, places(best.at), best.solution);
    this.#known.set(name, fit);
    return fit;
  }

  #curve(at: number, columns: readonly Place[], solution: Solution): PlacedFit {
    return new Curve(at, Math.max(0, this.#total - solution.explained), () => this.#fitted(columns, solution));
  }

  #fitted(columns: readonly Place[], { slopes }: Solution): readonly number[] {
    const n = this.#values.length;
    const fitted = new Array<number>(n).fill(this.#mean);
    for (const [which, column] of columns.entries()) {
      const slope = slopes[which] ?? 0;
      let sum = 0;
      for (let i = 0; i < n; i++) sum += column(i);
      for (let i = 0; i < n; i++) fitted[i] = (fitted[i] ?? 0) + slope * (column(i) - sum / n);
    }
    return fitted;
  }
}

interface Solution {
  readonly slopes: readonly number[];
  /** How much the sum of squares decreases. */
  readonly explained: number;
}

function single({ cc, cy }: Column): Solution {
  return cc === 0 ? { slopes: [0], explained: 0 } : { slopes: [cy / cc], explained: (cy * cy) / cc };
}

/** Solves for `index` and another column. */
function double(index: Column, other: Column): Solution {
  const determinant = index.cc * other.cc - other.ci * other.ci;
  if (determinant <= 1e-9 * index.cc * other.cc)
    return { slopes: [single(index).slopes[0] ?? 0, 0], explained: single(index).explained };
  const a = (index.cy * other.cc - other.cy * other.ci) / determinant;
  const b = (other.cy * index.cc - index.cy * other.ci) / determinant;
  return { slopes: [a, b], explained: a * index.cy + b * other.cy };
}
