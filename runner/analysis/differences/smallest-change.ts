// The smallest true change that as many further runs would detect with high probability, from the spread of some runs.

import jStat from 'jstat';

// A change δ (in logarithms) is detected if d > t·ŝe and d >= least, with d ~ N(δ, se) and ŝe = se √(χ²_df/df). Only
// one ŝe was observed, so the true se is unknown too: se = ŝe / √(χ²_df/df). The probability of detecting δ is the mean
// over both unknowns; the result is the δ for which it equals `power`. With 3 runs per side, the usual (t + 1.645)·ŝe
// detects only 79 to 83 of 100.

/** Number of equally likely values that represent a χ² distribution. */
const GRID = 24;
const STEPS = 40;
/** Of the change and of its power. */
const PRECISION = 1e-4;

interface Rule {
  /** Standard error of the observed difference, and its degrees of freedom. */
  readonly se: number;
  readonly df: number;
  /** The t that the difference must exceed, in standard errors. */
  readonly critical: number;
  /** The difference that must be reached in any case. */
  readonly least: number;
  /** Probability with which it should be detected. */
  readonly power: number;
}

function spreads(df: number): number[] {
  return Array.from({ length: GRID }, (_, index) => Math.sqrt(jStat.chisquare.inv((index + 0.5) / GRID, df) / df));
}

/** The change, in logarithms, that the rule detects with probability `power`. */
export function smallestFoundChange({ se, df, critical, least, power }: Rule): number {
  if (!(se > 0)) return least;
  const ratios = spreads(df);
  const found = (change: number) => {
    let sum = 0;
    for (const seen of ratios) {
      const trueSe = se / seen;
      for (const next of ratios) {
        const needed = Math.max(critical * next, least / trueSe);
        sum += 1 - jStat.normal.cdf(needed - change / trueSe, 0, 1);
      }
    }
    return sum / ratios.length ** 2;
  };
  let [low, high] = [least, Math.max(least, se)];
  while (found(high) < power && high < 50) [low, high] = [high, high * 2];
  let [below, above] = [found(low) - power, found(high) - power];
  if (below >= 0) return low;
  // Regula falsi that halves the weight of an unchanged end (Illinois): a third of the evaluations of a bisection.
  for (let step = 0; step < STEPS && high - low >= PRECISION && above > 0; step++) {
    const middle = high - (above * (high - low)) / (above - below);
    const value = found(middle) - power;
    if (value >= 0 && value < PRECISION) return middle;
    if (value < 0) {
      [low, below] = [middle, value];
      above /= 2;
    } else {
      [high, above] = [middle, value];
      below /= 2;
    }
  }
  return high;
}
