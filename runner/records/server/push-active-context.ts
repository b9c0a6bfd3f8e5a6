// Pushes the active context to a ConPort server: our sentences of state_of_the_union and our entries of open_issues.

import { isDeepStrictEqual } from 'node:util';
import { itemOfIssue, renamedIssue } from '../cycle/open-issues.ts';
import { sentenceOf, standingsOf, withSentence } from '../store/own-sentence.ts';
import { serverItem } from '../store/server-names.ts';
import type { ConportStore } from '../store/store.ts';
import type { SyncMemory } from '../store/sync-map.ts';
import type { PushTally } from './push-tally.ts';
import type { ConportConnection } from './server-connection.ts';

/** Updates the server's active context. Everything that others wrote stays in its place, and so do entries of ours that they changed. */
export async function pushActiveContext(
  store: ConportStore,
  server: ConportConnection,
  memory: SyncMemory,
  tally: PushTally,
): Promise<void> {
  const { map } = memory;
  const context = await store.readActiveContext();
  const standings = standingsOf(context);
  const issues = (context.open_issues ?? []).map((issue) => renamedIssue(issue, (item) => serverItem(map, item)));
  if (standings.length === 0 && issues.length === 0 && map.open_issues.length === 0) return;
  const before = await server.call('get_active_context');
  const text = typeof before.state_of_the_union === 'string' ? before.state_of_the_union : '';
  const sentence = standings.reduce((all, each) => withSentence(all, each, sentenceOf(each, map)), text);
  const theirs = Array.isArray(before.open_issues) ? before.open_issues : [];
  const merged = mergedIssues(theirs, issues, map.open_issues);
  map.open_issues = issues.filter((issue): issue is string => itemOfIssue(issue) !== undefined);
  await memory.changed();
  if (sentence === text && isDeepStrictEqual(merged, theirs)) {
    tally.unchanged++;
    return;
  }
  const state = sentence === '' ? {} : { state_of_the_union: sentence };
  await server.call('update_active_context', { patch_content: { ...state, open_issues: merged } });
  tally.updated++;
}

/** The open issues of both sides. `sent`: our entries as they were last sent; those that are settled since then are removed. */
export function mergedIssues(theirs: readonly unknown[], ours: readonly unknown[], sent: readonly string[]): unknown[] {
  const ourItems = new Map(ours.map((issue) => [itemOfIssue(issue) ?? issue, issue]));
  const kept = theirs.flatMap((issue) => {
    const item = itemOfIssue(issue) ?? issue;
    const mine = ourItems.get(item);
    const wasSent = typeof issue === 'string' && sent.includes(issue);
    ourItems.delete(item);
    if (mine !== undefined) return [wasSent ? mine : issue];
    return wasSent ? [] : [issue];
  });
  return [...kept, ...ourItems.values()];
}
