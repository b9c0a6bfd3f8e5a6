// What was wrong with each of several streams goes in; what was wrong with all of them comes out.

import type { StreamFaults } from '../model/metrics.ts';

export type Overflow = StreamFaults['overflow'][number];

/** Before any stream has ended. */
export const NOT_ENDED: StreamFaults = { badLines: 0, badValues: 0, lostLines: 0, complete: false, overflow: [] };

/** Counts add up; complete where both are; the first bad line is that of `a` if it has one. */
export function mergeFaults(a: StreamFaults, b: StreamFaults): StreamFaults {
  const firstBadLine = a.firstBadLine ?? b.firstBadLine;
  return {
    badLines: a.badLines + b.badLines,
    ...(firstBadLine !== undefined && { firstBadLine }),
    badValues: a.badValues + b.badValues,
    lostLines: a.lostLines + b.lostLines,
    complete: a.complete && b.complete,
    overflow: b.overflow.reduce(withOverflow, a.overflow),
  };
}

/** A metric that several streams, or a stream and its end, report for the same tag stays one entry: the larger. */
export function withOverflow(overflows: readonly Overflow[], overflow: Overflow): readonly Overflow[] {
  const known = overflows.find(({ metric, tag }) => metric === overflow.metric && tag === overflow.tag);
  if (known !== undefined && known.values >= overflow.values) return overflows;
  return [...overflows.filter((each) => each !== known), overflow];
}
