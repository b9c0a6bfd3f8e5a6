// A completion document is kept small: leads and agents read all of it, and what does not fit is in the reports.

import type { Completion } from '../../model/completion.ts';

const LARGEST_BYTES = 9_500;

/** Leaves entries out of the document, those that say least first, until it is small enough; returns it. */
export function shortened(document: Completion): Completion {
  const size = () => Buffer.byteLength(JSON.stringify(document, null, 2));
  for (const leaveOutOne of LEAST_FIRST) while (size() > LARGEST_BYTES && leaveOutOne(document));
  return document;
}

/** Each leaves one entry out and counts it; false: none is left. */
const LEAST_FIRST: ReadonlyArray<(document: Completion) => boolean> = [
  // Met targets say least, then findings from the least severe on.
  (document) => document.kpis.at(-1)?.verdict === 'pass' && lessKpis(document),
  (document) => {
    document.findings_left_out += document.findings.length > 0 ? 1 : 0;
    return document.findings.pop() !== undefined;
  },
  ({ records }) => {
    if (records === null) return false;
    const list = records.error_logs.length > 0 ? records.error_logs : records.performance_notes;
    records.keys_left_out += list.length > 0 ? 1 : 0;
    return list.pop() !== undefined;
  },
  ({ push }) => {
    push.conflicts_left_out += push.conflicts.length > 0 ? 1 : 0;
    return push.conflicts.pop() !== undefined;
  },
  lessKpis,
  ({ next }) => next.length > 1 && next.pop() !== undefined,
  ({ blockers }) => blockers.length > 1 && blockers.pop() !== undefined,
];

function lessKpis(document: Completion): boolean {
  document.kpis_left_out += document.kpis.length > 0 ? 1 : 0;
  return document.kpis.pop() !== undefined;
}
