// Calculates with time ranges.

import type { TimeRange } from './metrics.ts';

/** The range from the earliest start to the latest end of the known ranges; undefined if none is known. */
export function unionOf(ranges: ReadonlyArray<TimeRange | undefined>): TimeRange | undefined {
  const known = ranges.filter((range) => range !== undefined);
  if (known.length === 0) return undefined;
  return {
    fromMs: Math.min(...known.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...known.map(({ toMs }) => toMs)),
  };
}
