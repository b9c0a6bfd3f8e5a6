// Improves the variances of several similar figures from few runs, by moving them towards their common value as far as
// they are alike.

import { meanOf } from '../statistics/numbers.ts';

// Smyth 2004 (limma): s² of a figure is σ² χ²_df/df, and 1/σ² of the figures is distributed as χ²_d0/(d0 s0²). Mean and
// variance of ln s² over the figures give s0² and d0; then s² becomes (d0 s0² + df s²)/(d0 + df), with d0 + df degrees
// of freedom. Figures that are not similar give a small d0 and keep their own variance.

/** The first and second derivative of ln Γ: asymptotic series, after increasing x. */
function polygamma(x: number): { readonly digamma: number; readonly trigamma: number } {
  let [digamma, trigamma] = [0, 0];
  for (; x < 8; x++) {
    digamma -= 1 / x;
    trigamma += 1 / x ** 2;
  }
  const f = 1 / x ** 2;
  return {
    digamma: digamma + Math.log(x) - 0.5 / x - f * (1 / 12 - f * (1 / 120 - f / 252)),
    trigamma: trigamma + 1 / x + f / 2 + (f / x) * (1 / 6 - f * (1 / 30 - f / 42)),
  };
}

/** The x with the trigamma `value`, by bisection: trigamma falls from infinity to 0. */
function inverseTrigamma(value: number): number {
  let [low, high] = [1e-4, 1e7];
  for (let step = 0; step < 60; step++) {
    const middle = Math.sqrt(low * high);
    if (polygamma(middle).trigamma > value) low = middle;
    else high = middle;
  }
  return Math.sqrt(low * high);
}

export interface ModeratedVariances {
  /** In the given order. */
  readonly variances: readonly number[];
  readonly df: number;
}

/**
 * Moderates `variances` (all above 0, each with `df` degrees of freedom). `mostPriorDf`: limit for what the others add,
 * so that a few figures that happen to be alike do not create certainty.
 */
export function moderatedVariances(variances: readonly number[], df: number, mostPriorDf: number): ModeratedVariances {
  const { digamma, trigamma } = polygamma(df / 2);
  const logs = variances.map((variance) => Math.log(variance) - digamma + Math.log(df / 2));
  const level = meanOf(logs);
  const spread = logs.reduce((sum, each) => sum + (each - level) ** 2, 0) / Math.max(1, logs.length - 1) - trigamma;
  const found = spread > 0 ? 2 * inverseTrigamma(spread) : Number.POSITIVE_INFINITY;
  const common = spread > 0 ? Math.exp(level + polygamma(found / 2).digamma - Math.log(found / 2)) : meanOf(variances);
  const priorDf = Math.min(found, mostPriorDf);
  return {
    variances: variances.map((variance) => (priorDf * common + df * variance) / (priorDf + df)),
    df: priorDf + df,
  };
}
