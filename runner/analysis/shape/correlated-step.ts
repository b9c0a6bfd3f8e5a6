// Finds a step in a series with correlated noise: what wanders is never as sudden.

// y_1..y_n with a step at k: y_i = a + b [i >= k] + e_i, e_i = r e_{i-1} + u_i. Generalised least squares for every k
// (Prais & Winsten 1954): from each value and column, r times the previous one is subtracted, so that the residuals are
// independent. A step is then one value that jumps by b, followed by values (1 - r) b higher; wandering noise needs
// many values for that.
//
// The correlation of neighbours is unknown, and residuals of a misplaced step underestimate it. So r is chosen to
// maximise the likelihood of each model on a grid: ℓ = max over r of -n/2 ln(RSS_r/n) + ½ ln(1 - r²). It is a step if
//
//   |b| >= 4.5 standard errors
//   2 (ℓ step - ℓ other) >= 14 for a constant; 8 for a line; 4 for a curve with one bend; 2 for two slopes that meet
//
// Of 120 values with noise correlated by 0.8 and a step of three of its deviations, ordinary least squares finds half,
// r from residuals 87 %, this 95 %; docs/trust.md has the rates. All products are sums that do not depend on r, so each
// r costs one pass.

const LEAST_CLARITY = 4.5;
/** Compared with a constant; for curves the caller sets it. */
const LEAST_GAIN = 14;
/** A smaller share of the sum of squares is rounding. */
const NO_NOISE = 1e-12;
const CORRELATIONS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.84, 0.88, 0.91, 0.94, 0.96];

export interface CorrelatedStep {
  /** Index of the first value after the step. */
  readonly at: number;
  /** Level before and after it. */
  readonly from: number;
  readonly to: number;
  /** The step divided by its standard error. */
  readonly clarity: number;
  /** Correlation of neighbouring values, given the step. */
  readonly correlation: number;
}

/**
 * Another fit of the same values, and how much likelier a step must be: twice the difference of the log-likelihoods.
 */
export interface Rival {
  readonly fitted: readonly number[];
  readonly leastGain: number;
}

/** The clearest step of the values; undefined if there is none, or a rival explains them about as well. */
export function correlatedStep(values: readonly number[], rivals: readonly Rival[]): CorrelatedStep | undefined {
  const n = values.length;
  const steps = new Steps(values);
  // If a step explains everything, there is no noise to compare.
  if (!steps.hasNoise()) return undefined;
  const [best] = CORRELATIONS.map((r) => steps.best(r)).sort((a, b) => b.likelihood - a.likelihood);
  if (best === undefined || best.clarity < LEAST_CLARITY) return undefined;
  const gainOver = (other: number) => 2 * (best.likelihood - other);
  if (gainOver(likeliest((r) => steps.left(r), n)) < LEAST_GAIN) return undefined;
  const isRivalled = rivals.some(({ fitted, leastGain }) => gainOver(likeliest(steps.leftBy(fitted), n)) < leastGain);
  if (isRivalled) return undefined;
  const { at, from, to, clarity, correlation } = best;
  return { at, from, to, clarity, correlation };
}

function likelihood(rss: number, r: number, n: number): number {
  return (-n / 2) * Math.log(Math.max(rss, Number.MIN_VALUE) / n) + 0.5 * Math.log(1 - r * r);
}

function likeliest(rssAt: (r: number) => number, n: number): number {
  return CORRELATIONS.reduce((most, r) => Math.max(most, likelihood(rssAt(r), r, n)), -Infinity);
}

/** The product of two columns, each minus r times the previous value: all - r next + r² inner. */
interface Product {
  readonly all: number;
  readonly next: number;
  readonly inner: number;
}

function productOf(a: readonly number[], b: readonly number[]): Product {
  let [all, next, ends] = [0, 0, 0];
  const last = a.length - 1;
  for (let i = 0; i <= last; i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0];
    all += x * y;
    if (i > 0) next += x * (b[i - 1] ?? 0) + (a[i - 1] ?? 0) * y;
    if (i === 0 || i === last) ends += x * y;
  }
  return { all, next, inner: all - ends };
}

function at({ all, next, inner }: Product, r: number): number {
  return all - r * next + r * r * inner;
}

class Steps {
  /** Minus their mean, which the constant of every model absorbs. */
  readonly #values: readonly number[];
  readonly #mean: number;
  readonly #one: readonly number[];
  readonly #oneOne: Product;
  readonly #oneY: Product;
  readonly #yy: Product;
  /** Sums of the values after each index. */
  readonly #behind: Float64Array;
  /** Minimum length of a level. */
  readonly #least: number;

  constructor(values: readonly number[]) {
    const n = values.length;
    const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, n);
    this.#mean = mean;
    this.#values = values.map((value) => value - mean);
    this.#one = new Array<number>(n).fill(1);
    this.#oneOne = productOf(this.#one, this.#one);
    this.#oneY = productOf(this.#one, this.#values);
    this.#yy = productOf(this.#values, this.#values);
    this.#behind = new Float64Array(n + 1);
    for (let i = n - 2; i >= 0; i--) this.#behind[i] = (this.#behind[i + 1] ?? 0) + (this.#values[i + 1] ?? 0);
    this.#least = Math.max(3, Math.floor(n / 20));
  }

  hasNoise(): boolean {
    const left = this.left(0);
    return left > 0 && left * (1 - NO_NOISE) > this.best(0).explained;
  }

  /** What a constant leaves. */
  left(r: number): number {
    return at(this.#yy, r) - at(this.#oneY, r) ** 2 / at(this.#oneOne, r);
  }

  /** What a constant and a curve leave, for each r. */
  leftBy(curve: readonly number[]): (r: number) => number {
    const [oneC, cc, cy] = [productOf(this.#one, curve), productOf(curve, curve), productOf(curve, this.#values)];
    return (r) => {
      const aa = at(this.#oneOne, r);
      const ac = at(oneC, r);
      const own = at(cc, r) - (ac * ac) / aa;
      if (own <= 1e-12 * at(cc, r)) return this.left(r);
      return this.left(r) - (at(cy, r) - (ac * at(this.#oneY, r)) / aa) ** 2 / own;
    };
  }

  /** The step that explains most at this r. */
  best(r: number): CorrelatedStep & { readonly likelihood: number; readonly explained: number } {
    const y = this.#values;
    const n = y.length;
    const [aa, ay, left] = [at(this.#oneOne, r), at(this.#oneY, r), this.left(r)];
    const last = y[n - 1] ?? 0;
    let best = { place: 0, b: 0, own: 1, explained: -1 };
    for (let place = this.#least; place <= n - this.#least; place++) {
      const later = n - 1 - place;
      const column = (1 - r) * (1 + (1 - r) * later);
      const own = 1 + (1 - r) ** 2 * later - (column * column) / aa;
      const behind = this.#behind[place] ?? 0;
      const here = y[place] ?? 0;
      // The values after the step, each minus r times the previous one.
      const whitened = behind - r * (behind + here - last);
      const by = here - r * (y[place - 1] ?? 0) + (1 - r) * whitened - (column * ay) / aa;
      const explained = (by * by) / own;
      if (explained > best.explained) best = { place, b: by / own, own, explained };
    }
    const { place, b, own, explained } = best;
    const rss = left - explained;
    const column = (1 - r) * (1 + (1 - r) * (n - 1 - place));
    const from = this.#mean + (ay - column * b) / aa;
    return {
      at: place,
      from,
      to: from + b,
      clarity: Math.abs(b) / Math.sqrt(rss / (n - 3) / own),
      correlation: r,
      likelihood: likelihood(rss, r, n),
      explained,
    };
  }
}
