// A row of targets that is not judged → an error for its author.

import { UserError } from '../system/errors.ts';
import { type Proposal, proposalsYaml } from './proposal.ts';

/** A row of targets or a sentence about performance that is not judged. */
export interface UnreadRow {
  /** `AcceptanceCriteria:Search_AC_v1` */
  readonly item: string;
  /** The component of the item. */
  readonly component: string;
  /** `file:line:column` */
  readonly where: string;
  readonly text: string;
  /** The reason, as a clause. */
  readonly reason: string;
  /** Proposed targets for it, if any. */
  readonly proposals: readonly Proposal[];
}

/** The error for an unread row that `config check`, `list` and `run` print. */
export function unreadRowError({ item, where, text, reason, proposals }: UnreadRow): UserError {
  return new UserError(`Not judged: "${text}" in ${item}: ${reason}.`, {
    where,
    next:
      proposals.length === 0
        ? 'write it as an entry of a list `targets`, with metric, statistic, comparison, target and unit'
        : `write it as an entry of a list \`targets\`:\n${proposalsYaml(proposals).trimEnd().replace(/^/gm, '      ')}`,
  });
}
