// Our version, the server's version and their base become what is to be done. What people changed on the server is never lost.

import type { Base } from '../store/sync-map.ts';

export type Decision = 'same' | 'send' | 'keep' | 'conflict';

/**
 * `mine` and `theirs` are hashes. `same`: nothing to do. `send`: only ours changed. `keep`: only the server's changed.
 * `conflict`: both did, or the earlier state is not known.
 */
export function threeWay(mine: string, theirs: string, base: Base | undefined): Decision {
  if (mine === theirs) return 'same';
  if (base === undefined) return 'conflict';
  const changed = mine !== base.sent;
  const edited = theirs !== base.there;
  if (edited) return changed ? 'conflict' : 'keep';
  if (!changed) return base.sent === base.there ? 'same' : 'keep';
  // Somebody decided for the server's version before: sending ours would undo that.
  return base.sent === base.there ? 'send' : 'conflict';
}
