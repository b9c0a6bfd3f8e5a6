// Targets that could not be read become a finding, so that they do not look as if they were met.

import { bySeverity } from '../../model/kpi.ts';
import type { Result, ResultFinding } from '../../model/result.ts';
import { proposalsYaml } from '../../targets/proposal.ts';
import type { UnreadRow } from '../../targets/unread-row.ts';
import { oneLine } from '../../text/display-text.ts';
import { plural } from '../../text/format.ts';

/** The result with a finding for rows or sentences about performance that could not be read. */
export function withUnread(result: Result, unread: readonly UnreadRow[]): Result {
  const [first] = unread;
  if (first === undefined) return result;
  const quoted = unread.map(({ item, text, reason, proposals }) => {
    const yaml = proposals.length === 0 ? '' : `\nAs a target:\n${proposalsYaml(proposals).trimEnd()}`;
    return `"${oneLine(text)}" in ${oneLine(item)}: ${reason}.${yaml}`;
  });
  const title = `${plural(unread.length, 'sentence')} about performance ${unread.length === 1 ? 'was' : 'were'} not judged: "${oneLine(first.text, 100)}"`;
  const finding: ResultFinding = {
    kind: 'targets_unread',
    severity: 'medium',
    title,
    detail: quoted.join('\n'),
    kpis: [],
    probable_cause: null,
  };
  return {
    ...result,
    findings: [...result.findings, finding].sort(bySeverity),
  };
}
