// Values of one statistic over several runs a side → their difference with an interval that knows what changes from run to run.

import jStat from 'jstat';
import { type Difference, LEAST_CHANGE } from './difference.ts';

// Each run is one observation y = ln(value); d = mean(yB) - mean(yA).
//
//   both sides >= 3 runs     Welch: half = t_{.975,df} √(sA²/kA + sB²/kB), df by Welch-Satterthwaite
//   else, kA + kB >= 6       pooled: s² = (SSA + SSB)/df, df = kA + kB - 2; half = t_{.975,df} s √(1/kA + 1/kB);
//                            with one run of b this is the prediction interval of the next run
//
//   worse L > 0 and d >= ln 1.05; better the mirror of it; same L and U within ±ln 1.05; else unknown.
//
// Simulated pairs of one build: 2 % (k = 2) to 5 % (k >= 5) false alarms by Welch, 5 to 7 % by the prediction interval, with
// outliers among the runs. The smallest change that is found 95 times of 100 is about exp((t + 1.645) s √(1/kA + 1/kB)) - 1.

const MIN_A_SIDE = 3;
const MIN_RUNS = 6;
const POWER = 1.645;

export interface RunsDifference extends Difference {
  /** The smallest relative change that so many runs with this spread find 95 times of 100. */
  readonly smallestChange: number;
}

interface Side {
  readonly mean: number;
  readonly squares: number;
  readonly runs: number;
}

function sideOf(values: readonly number[]): Side {
  const logs = values.map(Math.log);
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
  return { mean, squares: logs.reduce((sum, value) => sum + (value - mean) ** 2, 0), runs: logs.length };
}

/** Standard error of the difference of the means and its degrees of freedom; undefined for too few runs. */
function errorOf(a: Side, b: Side): { se: number; df: number } | undefined {
  if (a.runs >= MIN_A_SIDE && b.runs >= MIN_A_SIDE) {
    const part = ({ squares, runs }: Side) => squares / (runs - 1) / runs;
    const [x, y] = [part(a), part(b)];
    const df = (x + y) ** 2 / (x ** 2 / (a.runs - 1) + y ** 2 / (b.runs - 1));
    return { se: Math.sqrt(x + y), df: Number.isFinite(df) ? df : a.runs + b.runs - 2 };
  }
  const df = a.runs + b.runs - 2;
  if (a.runs + b.runs < MIN_RUNS) return undefined;
  return { se: Math.sqrt(((a.squares + b.squares) / df) * (1 / a.runs + 1 / b.runs)), df };
}

/** The difference of times, all of them above 0; undefined where there are too few runs to know their spread. */
export function runsDifference(a: readonly number[], b: readonly number[]): RunsDifference | undefined {
  if (a.length === 0 || b.length === 0 || [...a, ...b].some((value) => !(value > 0))) return undefined;
  const [from, to] = [sideOf(a), sideOf(b)];
  const error = errorOf(from, to);
  if (error === undefined) return undefined;
  const d = to.mean - from.mean;
  const t = jStat.studentt.inv(0.975, error.df);
  const [low, high] = [d - t * error.se, d + t * error.se];
  const least = Math.log1p(LEAST_CHANGE);
  return {
    change: Math.expm1(d),
    interval: { low: Math.expm1(low), high: Math.expm1(high) },
    verdict:
      low > 0 && d >= least
        ? 'worse'
        : high < 0 && d <= -least
          ? 'better'
          : low > -least && high < least
            ? 'same'
            : 'unknown',
    smallestChange: Math.expm1((t + POWER) * error.se),
  };
}
