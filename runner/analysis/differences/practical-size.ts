// The least change of a figure that is worth reporting, as configured: a percentage, for times in milliseconds as well.

import type { ComparedMetric } from '../../model/comparison.ts';
import { DEFAULT_JUDGING, type PracticalSize } from '../../model/run.ts';
import { SAME_POINTS } from './difference.ts';

/** 5 % and 5 ms. */
export const DEFAULT_SIZE: PracticalSize = DEFAULT_JUDGING.change;

/**
 * The least change of a figure whose baseline is `from`: relative (0.05 = 5 %), for shares of errors in points of 1. A time must
 * change by the percentage and by the milliseconds.
 */
export function leastChangeOf(size: PracticalSize, unit: ComparedMetric['unit'], from: number | null): number {
  if (unit === 'share') return SAME_POINTS;
  const share = size.percent / 100;
  return unit === 'ms' && from !== null && from > 0 ? Math.max(share, size.ms / from) : share;
}
