// What every chart is made from: the run, and the time axis that all charts share.

import type { RunMetrics } from '../../model/metrics.ts';
import type { Result } from '../../model/result.ts';
import { oneLine } from '../../text/display-text.ts';
import type { TrackBook } from '../tracks/book.ts';
import type { Phase } from './figure.ts';

export const MAX_TABLE_ROWS = 30;

export interface ChartInput {
  readonly result: Result;
  readonly metrics: RunMetrics;
  /** Start of load, epoch milliseconds: 0 of the time axis. */
  readonly loadStartMs: number;
  /** Length of the time axis, at least one second. */
  readonly axisMs: number;
  /** Where numbers are bound that follow a range. */
  readonly tracks: TrackBook;
}

/** The run's phases, clipped to the time axis; those outside are left out. */
export function phasesOf({ result, axisMs }: ChartInput): Phase[] {
  return result.phases.flatMap(({ name, start_ms, end_ms }) => {
    const fromMs = Math.max(start_ms, 0);
    const toMs = Math.min(end_ms, axisMs);
    return toMs > fromMs ? [{ name: oneLine(name, 40), fromMs, toMs }] : [];
  });
}
