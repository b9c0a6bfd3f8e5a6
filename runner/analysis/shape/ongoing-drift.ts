// A series that may have stepped or filled becomes the drift of what goes on: steps first, then the drift between them.

import type { Drift } from './drift.ts';
import { floorDriftOf } from './floors.ts';
import { longestPart } from './level-series.ts';
import { shapeOf } from './shape.ts';
import type { Shape } from './shape-kinds.ts';

/** A step or a knee that is less clear than this may be noise. */
const CLEAR = 4;

type Series = ReadonlyArray<number | undefined>;

export interface OngoingDrift extends Drift {
  /** It is that of the lows of the cycles. */
  readonly fromLows: boolean;
  /** What was taken out before: a step or the time until it levelled off; undefined where nothing was. */
  readonly after: Pick<Shape, 'kind' | 'from' | 'to' | 'at'> | undefined;
}

/**
 * The drift of the longest part between steps, or of what comes after a series has levelled off; of the lows of its cycles where it
 * swings. One step is no leak, and neither is a cache that fills and stays. undefined as driftOf().
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
