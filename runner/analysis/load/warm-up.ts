// The mean response time of each window of a steady load becomes the end of the warm-up, where there was one.

import type { RunMetrics } from '../../model/metrics.ts';
import type { Phase } from '../../model/plan.ts';
import { primaryLatency } from '../requests/primary.ts';
import { meanOf } from '../statistics/numbers.ts';
import { isSteady } from './stretch.ts';

// MSER-1 (White 1997): of all d up to half the series, the one that leaves the mean of the rest best known:
//
//   d = argmin Σ_{i>=d} (x_i - mean)² / (n-d)²
//
// Alone it cuts 3 to 4 of 10 runs that have no warm-up. So the cut counts only where the part before is slower by 5 % and
// by 3 standard errors of the difference, which know that neighbours are alike:
//
//   t = (before - after) / (s √(f (1/d + 1/(n-d)))),  f = (1+r)/(1-r),  s and r (lag 1, at most 0.9) of the part after
//
// Simulated: 1 to 4 % of runs without a warm-up are cut, by 1 % of their length; docs/trust.md. Only times that fall are a warm-up:
// caches that fill, code that is compiled. Times that rise from the start are the load, or a drift.

/** Windows that it takes to separate a warm-up from noise. */
const MIN_WINDOWS = 60;
/** By how much the mean must fall, relative to the mean after it. */
const LEAST_FALL = 0.05;
const LEAST_T = 3;
const MAX_AUTOCORRELATION = 0.9;

export interface WarmUp {
  /** Windows at the start that belong to it. */
  readonly windows: number;
  /** false: it reaches half of the series, so what follows may be warm-up still. */
  readonly isOver: boolean;
  /** Means of the windows in it and after it. */
  readonly before: number;
  readonly after: number;
}

/**
 * The warm-up of a series of window means in order of time; gaps are passed over. undefined: none that noise does not explain, or fewer than
 * `leastWindows`.
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

/** MSER's d, from 0 to half the series; sums run from the end, so it costs one pass. */
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
    // Equal scores go to the shorter cut.
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

/** A warm-up of a run, in times. */
export interface RunWarmUp extends WarmUp {
  /** Epoch milliseconds at which it was over. */
  readonly endMs: number;
}

export interface WarmUpContext {
  readonly phases: readonly Phase[];
  readonly loadStartMs: number | undefined;
  /** Whether a load without known phases stays as it is. */
  readonly isConstant: boolean;
}

/**
 * The warm-up of a run by its primary latency, from the first sample to the end of the steady load; times in milliseconds. Only for
 * a load with one steady part: where the load changes, response times change with it.
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
