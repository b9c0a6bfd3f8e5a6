// Merges the faults of several streams into one summary.

import type { SeriesOverflow, StreamFaults } from '../../model/metrics.ts';

/** The faults before any stream has ended. */
export const NOT_ENDED: StreamFaults = { badLines: 0, badValues: 0, lostLines: 0, complete: false, overflow: [] };

/** Adds up the counts. `complete` only if both are; the first bad line is that of `a`, if it has one. */
export function mergeFaults(a: StreamFaults, b: StreamFaults): StreamFaults {
  const firstBadLine = a.firstBadLine ?? b.firstBadLine;
  return {
    badLines: a.badLines + b.badLines,
    ...(firstBadLine !== undefined && { firstBadLine }),
    badValues: a.badValues + b.badValues,
    ...optionalFaults({
      outsideClock: (a.outsideClock ?? 0) + (b.outsideClock ?? 0),
      runs: Math.max(a.runs ?? 1, b.runs ?? 1),
      repeatedLines: (a.repeatedLines ?? 0) + (b.repeatedLines ?? 0),
      missingSamples: (a.missingSamples ?? 0) + (b.missingSamples ?? 0),
      gaps: [...(a.gaps ?? []), ...(b.gaps ?? [])],
    }),
    lostLines: a.lostLines + b.lostLines,
    complete: a.complete && b.complete,
    overflow: b.overflow.reduce(withOverflow, a.overflow),
  };
}

type OptionalFaults = Pick<StreamFaults, 'outsideClock' | 'runs' | 'repeatedLines' | 'missingSamples' | 'gaps'>;

/** The faults that few streams have; absent where the count is zero. */
export function optionalFaults({
  outsideClock = 0,
  runs = 1,
  repeatedLines = 0,
  missingSamples = 0,
  gaps = [],
}: OptionalFaults): OptionalFaults {
  return {
    ...(outsideClock > 0 && { outsideClock }),
    ...(runs > 1 && { runs }),
    ...(repeatedLines > 0 && { repeatedLines }),
    ...(missingSamples > 0 && { missingSamples }),
    ...(gaps.length > 0 && { gaps }),
  };
}

/**
 * Adds an overflow to the list. A second one of the same metric and tag is merged with the first: the larger number of
 * values, and only the kept values that both share.
 */
export function withOverflow(
  overflows: readonly SeriesOverflow[],
  overflow: SeriesOverflow,
): readonly SeriesOverflow[] {
  const before = overflows.find(({ metric, tag }) => metric === overflow.metric && tag === overflow.tag);
  if (before === undefined) return [...overflows, overflow];
  const known =
    overflow.known === undefined ? undefined : before.known?.filter((value) => overflow.known?.includes(value));
  const merged: SeriesOverflow = {
    metric: overflow.metric,
    tag: overflow.tag,
    values: Math.max(before.values, overflow.values),
    ...(known !== undefined && { known }),
  };
  return overflows.map((each) => (each === before ? merged : each));
}
