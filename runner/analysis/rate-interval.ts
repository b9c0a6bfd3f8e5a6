// Amounts per second of one run, second by second, become the 95 % interval of their mean.

import type { ConfidenceInterval } from './interval.ts';

// The long-run variance by equal-weighted cosines (Lazarus, Lewis, Stock & Watson 2018), not below that of an AR(1) process:
//
//   Ω = (1/6) Σ_{j=1..6} 2 (Σ_t n_t cos(πj(t-½)/T))² / T;  v (1+r)/(1-r), r: lag-1 autocorrelation, 0 to 0.97
//   mean ± 2.447 √(max(Ω, v (1+r)/(1-r)) / T),  2.447 = t_{.975} with 6 df
//
// As for percentiles, none below 120 windows.

const MIN_WINDOWS = 120;
const COSINES = 6;
const T_975 = 2.447;
const MAX_AUTOCORRELATION = 0.97;

/** The interval of the mean of `rates`, in order of time and of windows of one length; undefined for fewer than 120 of them. */
export function meanInterval(rates: readonly number[]): ConfidenceInterval | undefined {
  const count = rates.length;
  if (count < MIN_WINDOWS) return undefined;
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / count;
  const z = rates.map((rate) => rate - mean);
  const squares = z.reduce((sum, value) => sum + value * value, 0);
  const lagged = z.reduce((sum, value, t) => sum + value * (z[t - 1] ?? 0), 0);
  const r = squares > 0 ? Math.min(Math.max(lagged / squares, 0), MAX_AUTOCORRELATION) : 0;
  let cosines = 0;
  for (let j = 1; j <= COSINES; j++) {
    const load = z.reduce((sum, value, t) => sum + value * Math.cos((Math.PI * j * (t + 0.5)) / count), 0);
    cosines += (2 * load * load) / count;
  }
  const variance = Math.max(cosines / COSINES, ((squares / count) * (1 + r)) / (1 - r));
  const half = T_975 * Math.sqrt(variance / count);
  return { low: Math.max(mean - half, 0), high: mean + half };
}
