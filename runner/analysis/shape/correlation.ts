// How far two series move together, how far one leads, and whether that is more than chance.

import jStat from 'jstat';
import { meanOf } from '../statistics/numbers.ts';

// Spearman's rank correlation r, so that a single spike does not decide. Neighbours are correlated, so n pairs are
// worth fewer:
//
//   n_e   = n / (1 + 2 Σ_{k=1}^{n/5} (1 - k/n) a_k b_k)     a_k, b_k: autocorrelations of both at lag k   Pyper & Peterman 1998
//   lower = tanh(atanh |r| - z / sqrt(n_e - 3))             Fisher's interval
//
// z is for 5 % divided by the number of things tried, including lags (Bonferroni): otherwise, with twenty metrics and
// twenty lags, one in four hundred chance correlations would be a finding.

/** Minimum number of independent pairs. */
export const MIN_EFFECTIVE_PAIRS = 10;
/** Minimum number of pairs. */
const MIN_PAIRS = 30;

export interface Correlation {
  readonly r: number;
  /** By how many elements x is ahead of y; negative: it follows. */
  readonly lead: number;
  /** Number of independent pairs that they are worth. */
  readonly effective: number;
  /** Lower limit of |r|, at 95 % over everything that was tried. */
  readonly atLeast: number;
}

type Series = ReadonlyArray<number | undefined>;

/**
 * The strongest correlation of x and y, with leads of up to `mostLead` elements either way; without a lead unless
 * another is clearly stronger. `tried`: total number of pairs of series. undefined if there are too few pairs, or a
 * series is constant.
 */
export function correlate(x: Series, y: Series, mostLead: number, tried: number): Correlation | undefined {
  const together = pairAt(x, y, 0);
  if (together === undefined) return undefined;
  let best = { lead: 0, ...together };
  for (let lead = -mostLead; lead <= mostLead; lead++) {
    const found = lead === 0 ? undefined : pairAt(x, y, lead);
    if (found !== undefined && Math.abs(found.r) > Math.abs(best.r) + (best.lead === 0 ? CLEARLY : 0)) {
      best = { lead, ...found };
    }
  }
  const { r, lead } = best;
  // Only for the strongest, because the cost is quadratic.
  const effective = effectivePairs(best.ranksA, best.ranksB);
  if (effective < MIN_EFFECTIVE_PAIRS) return { r, lead, effective, atLeast: 0 };
  const z = jStat.normal.inv(1 - 0.025 / (tried * (2 * mostLead + 1)), 0, 1);
  const bounded = Math.min(Math.abs(r), 1 - 1e-9);
  const atLeast = Math.max(0, Math.tanh(Math.atanh(bounded) - z / Math.sqrt(effective - 3)));
  return { r, lead, effective, atLeast };
}

/** A lead is reported only if it explains this much more than no lead. */
const CLEARLY = 0.05;

interface Pair {
  readonly r: number;
  readonly ranksA: readonly number[];
  readonly ranksB: readonly number[];
}

function pairAt(x: Series, y: Series, lead: number): Pair | undefined {
  const a: number[] = [];
  const b: number[] = [];
  for (const [index, value] of y.entries()) {
    const earlier = x[index - lead];
    if (value === undefined || earlier === undefined) continue;
    a.push(earlier);
    b.push(value);
  }
  if (a.length < MIN_PAIRS) return undefined;
  const [ranksA, ranksB] = [centred(ranksOf(a)), centred(ranksOf(b))];
  const size = Math.sqrt(product(ranksA, ranksA, 0) * product(ranksB, ranksB, 0));
  if (size === 0) return undefined;
  return { r: product(ranksA, ranksB, 0) / size, ranksA, ranksB };
}

function effectivePairs(a: readonly number[], b: readonly number[]): number {
  const n = a.length;
  const [varianceA, varianceB] = [product(a, a, 0), product(b, b, 0)];
  let sum = 1;
  for (let k = 1; k <= n / 5; k++) {
    sum += 2 * (1 - k / n) * (product(a, a, k) / varianceA) * (product(b, b, k) / varianceB);
  }
  return Math.min(n, n / Math.max(sum, 1));
}

function product(a: readonly number[], b: readonly number[], lag: number): number {
  let sum = 0;
  for (let i = lag; i < a.length; i++) sum += (a[i] ?? 0) * (b[i - lag] ?? 0);
  return sum;
}

function centred(values: readonly number[]): number[] {
  const mean = meanOf(values);
  return values.map((value) => value - mean);
}

/** Ranks from 1; equal values share the mean of theirs. */
function ranksOf(values: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort();
  const ranks = new Map<number, number>();
  for (let from = 0; from < sorted.length; ) {
    const value = sorted[from] ?? 0;
    let to = from;
    while (sorted[to + 1] === value) to++;
    ranks.set(value, (from + to) / 2 + 1);
    from = to + 1;
  }
  return values.map((value) => ranks.get(value) ?? 0);
}
