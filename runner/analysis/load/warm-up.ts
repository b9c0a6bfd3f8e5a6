// Finds the end of the warm-up, from the mean response time of each window of a steady load.

import type { RunMetrics } from '../../model/metrics.ts';
import type { Phase } from '../../model/plan.ts';
import { primaryLatency } from '../requests/primary.ts';
import { meanOf } from '../statistics/numbers.ts';
import { isSteady } from './judged-part.ts';

// MSER-1 (White 1997): of all d up to half the series, the one after which the mean of the rest is known best:
//
//   d = argmin Σ_{i>=d} (x_i - mean)² / (n-d)²
//
// Alone it cuts 3 to 4 of 10 runs that have no warm-up. So the cut counts only if the part before is slower by 5 % and
// by 3 standard errors of the difference, computed with the autocorrelation of neighbours:
//
//   t = (before - after) / (s √(f (1/d + 1/(n-d)))),  f = (1+r)/(1-r),  s and r (lag 1, at most 0.9) of the part after
//
// Simulated: 1 to 4 % of runs without a warm-up are cut, by 1 % of their length; docs/trust.md. Only falling times are
// a warm-up: caches fill, code is compiled. Times that rise from the start come from the load or a drift.

/** Windows needed to distinguish a warm-up from noise. */
const MIN_WINDOWS = 60;
/** By how much the mean must fall, relative to the mean after it. */
const LEAST_FALL = 0.05;
const LEAST_T = 3;
const MAX_AUTOCORRELATION = 0.9;

export interface WarmUp {
  /** Number of windows at the start that belong to it. */
  readonly windows: number;
  /** False if it reaches half of the series, so that it may continue. */
  readonly isOver: boolean;
  /** Mean of the windows in it and after it. */
  readonly before: number;
  readonly after: number;
}

/**
 * The warm-up of a series of window means in order of time; gaps are skipped. undefined if there is none beyond noise,
 * or fewer than `leastWindows` windows.
 */
export function warmUpOf(series: ReadonlyArray<number | undefined>, leastWindows = MIN_WINDOWS): WarmUp | undefined {
  const at: number[] = [];
  const values: number[] = [];
  for (const [index, value] of series.entries()) {
    if (value === undefined) continue;
    at.push(index);
    values.push(value);
  }
  const n = values.length;
  if (n < leastWindows) return undefined;
  const cut = mserCut(values);
  const start = at[cut];
  if (cut === 0 || start === undefined) return undefined;
  const rest = values.slice(cut);
  const [before, after] = [meanOf(values.slice(0, cut)), meanOf(rest)];
  if (!(before - after >= LEAST_FALL * Math.abs(after))) return undefined;
  const { deviation, r } = noiseOf(rest, after);
  const error = deviation * Math.sqrt(((1 + r) / (1 - r)) * (1 / cut + 1 / rest.length));
  if (error > 0 && (before - after) / error < LEAST_T) return undefined;
  return { windows: start, isOver: cut < Math.floor(n / 2), before, after };
}

/** MSER's d, from 0 to half the series. Sums are computed from the end, in one pass. */
function mserCut(values: readonly number[]): number {
  const n = values.length;
  const most = Math.floor(n / 2);
  let sum = 0;
  let squares = 0;
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let d = n - 1; d >= 0; d--) {
    const value = values[d] ?? 0;
    sum += value;
    squares += value * value;
    if (d > most) continue;
    const left = n - d;
    const score = (squares - (sum * sum) / left) / (left * left);
    // Of equal scores, the shorter cut wins.
    if (score <= least) {
      least = score;
      best = d;
    }
  }
  return best;
}

function noiseOf(values: readonly number[], mean: number): { deviation: number; r: number } {
  let squares = 0;
  let lagged = 0;
  for (const [index, value] of values.entries()) {
    squares += (value - mean) ** 2;
    if (index > 0) lagged += (value - mean) * ((values[index - 1] ?? mean) - mean);
  }
  const r = squares > 0 ? Math.min(Math.max(lagged / squares, 0), MAX_AUTOCORRELATION) : 0;
  return { deviation: Math.sqrt(squares / values.length), r };
}

/** A warm-up with times. */
export interface RunWarmUp extends WarmUp {
  /** End of the warm-up, epoch milliseconds. */
  readonly endMs: number;
}

export interface WarmUpContext {
  readonly phases: readonly Phase[];
  readonly loadStartMs: number | undefined;
  /** True if a load without known phases is constant. */
  readonly isConstant: boolean;
}

/**
 * The warm-up of a run, from its primary latency between the first sample and the end of the steady load. Only for a
 * load with one steady part: where the load changes, response times change with it.
 */
export function warmUpOfRun(metrics: RunMetrics, context: WarmUpContext): RunWarmUp | undefined {
  const { phases, isConstant, loadStartMs } = context;
  const steady = phases.filter(isSteady);
  const [only] = steady;
  if (phases.length === 0 ? !isConstant : steady.length !== 1) return undefined;
  const primary = primaryLatency(metrics);
  if (primary === undefined) return undefined;
  const originMs = loadStartMs ?? metrics.firstSampleMs ?? 0;
  const untilMs = only === undefined ? Number.POSITIVE_INFINITY : originMs + only.endMs;
  const cells = metrics.timeline(primary.metric, primary.filter).filter(({ startMs }) => startMs < untilMs);
  const warmUp = warmUpOf(cells.map(({ aggregate }) => aggregate?.mean));
  const end = warmUp && cells[warmUp.windows];
  return warmUp === undefined || end === undefined ? undefined : { ...warmUp, endMs: end.startMs };
}
