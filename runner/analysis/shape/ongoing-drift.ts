// The drift of a series apart from steps and filling: steps are removed first, then the drift between them is computed.

import type { Drift } from './drift.ts';
import { floorDriftOf } from './floors.ts';
import { longestPart } from './level-series.ts';
import { shapeOf } from './shape.ts';
import type { Shape } from './shape-kinds.ts';

/** A step or knee with less clarity may be noise. */
const CLEAR = 4;

type Series = ReadonlyArray<number | undefined>;

export interface OngoingDrift extends Drift {
  /** True if it is the drift of the lows of the cycles. */
  readonly fromLows: boolean;
  /** What was removed: a step, or the time until it levelled off; undefined if nothing. */
  readonly after: Pick<Shape, 'kind' | 'from' | 'to' | 'at'> | undefined;
}

/**
 * The drift of the longest part between steps, or of the part after a series has levelled off; if it swings, of the
 * lows of its cycles. A single step is no leak, nor is a cache that fills and stays. undefined in the same cases as
 * driftOf().
 */
export function ongoingDriftOf(series: Series, intervalMs: number): OngoingDrift | undefined {
  const shape = shapeOf(series);
  const at = shape?.at;
  const isCut = shape !== undefined && at !== undefined && shape.clarity >= CLEAR;
  if (!isCut || (shape.kind !== 'stepped' && shape.kind !== 'levelled_off')) {
    return whole(series, intervalMs, undefined);
  }
  const { kind, from, to } = shape;
  return whole(longestPart(series, shape), intervalMs, { kind, from, to, at });
}

function whole(series: Series, intervalMs: number, after: OngoingDrift['after']): OngoingDrift | undefined {
  const drift = floorDriftOf(series, intervalMs);
  return drift === undefined ? undefined : { ...drift, after };
}
