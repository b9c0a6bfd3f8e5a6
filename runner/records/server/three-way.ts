// Our version, the server's version and their base → what to do. Changes of others on the server are never lost.

import type { Base } from '../store/sync-map.ts';

export type Decision = 'same' | 'send' | 'keep' | 'conflict';

/**
 * What to do with two versions, given as hashes. `same`: nothing. `send`: only ours changed. `keep`: only the server's changed.
 * `conflict`: both changed, or the earlier state is not known.
 */
export function threeWay(mine: string, theirs: string, base: Base | undefined): Decision {
  if (mine === theirs) return 'same';
  if (base === undefined) return 'conflict';
  const changed = mine !== base.sent;
  const edited = theirs !== base.there;
  if (edited) return changed ? 'conflict' : 'keep';
  if (!changed) return base.sent === base.there ? 'same' : 'keep';
  // Sending ours would undo an earlier decision for the server's version.
  return base.sent === base.there ? 'send' : 'conflict';
}
