// Values whose neighbours are alike become the step that stands out of them: what wanders is never as sudden.

// y_1..y_n with a step at k: y_i = a + b [i >= k] + e_i, e_i = r e_{i-1} + u_i. Generalised least squares for every k (Prais & Winsten 1954):
// each value and column less r times the one before it, so that what is left is independent. A step then is one value that jumps by b and
// later ones that stay (1 - r) b higher; noise that wanders by as much takes many values for it. Sums from the start on give each place
// in constant time.
//
// It counts where |b| is 4.5 standard errors and no line, knee or level that passes explains the values nearly as well. In 120 values with a step of three
// deviations that are correlated by 0.8, ordinary least squares finds half of the steps and this 95 %; docs/trust.md has the rates.

const LEAST_CLARITY = 4.5;
/** n ln(RSS of the best curve / RSS of the step). */
const LEAST_GAIN = 6;

export interface CorrelatedStep {
  /** Index of the first value after the step. */
  readonly at: number;
  /** The level before it and after it. */
  readonly from: number;
  readonly to: number;
  /** Step over its standard error. */
  readonly clarity: number;
}

/**
 * The clearest step of the values, whose noise is correlated by r from one to the next; `curves`: other fits of the same values, one of
 * which may explain them as well; `passing`: a level that comes and goes, which may explain them better. undefined where none stands out.
 */
export function correlatedStep(
  values: readonly number[],
  r: number,
  curves: ReadonlyArray<readonly number[]>,
  passing?: readonly number[],
): CorrelatedStep | undefined {
  const n = values.length;
  const y = whitened(values, r);
  const one = whitened(new Array<number>(n).fill(1), r);
  const [aa, ay, yy] = [product(one, one), product(one, y), product(y, y)];
  const least = Math.max(3, Math.floor(n / 20));
  let best: { readonly at: number; readonly b: number; readonly rss: number; readonly bb: number } | undefined;
  let after = 0;
  for (let at = n - 1; at >= least; at--) {
    const later = n - 1 - at;
    if (at <= n - least) {
      const ab = (1 - r) * (1 + (1 - r) * later);
      const bb = 1 + (1 - r) ** 2 * later - (ab * ab) / aa;
      const by = (y[at] ?? 0) + (1 - r) * after - (ab * ay) / aa;
      const rss = yy - (ay * ay) / aa - (by * by) / bb;
      if (best === undefined || rss < best.rss) best = { at, b: by / bb, rss, bb };
    }
    after += y[at] ?? 0;
  }
  if (best === undefined || !(best.rss > 0)) return undefined;
  const { at, b, rss, bb } = best;
  const clarity = Math.abs(b) / Math.sqrt(rss / (n - 3) / bb);
  const other = Math.min(...curves.map((curve) => rssOf(y, one, whitened(curve, r))));
  if (clarity < LEAST_CLARITY || n * Math.log(other / rss) < LEAST_GAIN) return undefined;
  if (passing !== undefined && rssOf(y, one, whitened(passing, r)) < rss) return undefined;
  const column = (1 - r) * (1 + (1 - r) * (n - 1 - at));
  const from = (ay - column * b) / aa;
  return { at, from, to: from + b, clarity };
}

function whitened(values: readonly number[], r: number): number[] {
  return values.map((value, i) => (i === 0 ? value * Math.sqrt(1 - r * r) : value - r * (values[i - 1] ?? 0)));
}

/** What a constant and a curve leave of y. */
function rssOf(y: readonly number[], one: readonly number[], curve: readonly number[]): number {
  const [aa, ab, bb] = [product(one, one), product(one, curve), product(curve, curve)];
  const [ay, by] = [product(one, y), product(curve, y)];
  const left = bb - (ab * ab) / aa;
  const about = product(y, y) - (ay * ay) / aa;
  return left <= 1e-12 * bb ? about : about - (by - (ab * ay) / aa) ** 2 / left;
}

function product(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
