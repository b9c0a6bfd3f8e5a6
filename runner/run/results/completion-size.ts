// Keeps the completion document small, because leads and agents read all of it; the reports have the rest.

import type { Completion } from '../../model/completion.ts';

const LARGEST_BYTES = 9_500;

/** Removes entries from the document, the least important first, until it is small enough; returns it. */
export function shortened(document: Completion): Completion {
  const size = () => Buffer.byteLength(JSON.stringify(document, null, 2));
  for (const leaveOutOne of LEAST_FIRST) while (size() > LARGEST_BYTES && leaveOutOne(document));
  return document;
}

/** Each removes one entry and counts it; false if none is left. */
const LEAST_FIRST: ReadonlyArray<(document: Completion) => boolean> = [
  // Met targets first, then findings in ascending severity.
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
