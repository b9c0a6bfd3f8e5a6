// The configured smallest change of a figure that counts: a percentage, and for times also milliseconds.

import type { ComparedMetric } from '../../model/comparison.ts';
import type { PracticalSize } from '../../model/run.ts';
import { SAME_POINTS } from './difference.ts';

/**
 * Smallest change that counts for a figure with the baseline `from`: relative (0.05 = 5 %); for shares of errors, the
 * difference of the shares. A time must exceed both the percentage and the milliseconds.
 */
export function leastChangeOf(size: PracticalSize, unit: ComparedMetric['unit'], from: number | null): number {
  if (unit === 'share') return SAME_POINTS;
  const share = size.percent / 100;
  return unit === 'ms' && from !== null && from > 0 ? Math.max(share, size.ms / from) : share;
}
