// Merges both sides of an active context that is in conflict after a git merge.

import { readFile } from 'node:fs/promises';
import { conflictSides } from '../../config/conflict-sides.ts';
import type { ActiveContext } from '../../config/items.ts';
import { parseYaml, renderYaml, rewriteYaml } from '../../config/yaml-text.ts';
import { UserError } from '../../system/errors.ts';
import { isRecord } from '../../system/json.ts';
import { writeWholeFile } from '../../system/whole-file.ts';
import { itemOfIssue, renamedIssue } from '../cycle/open-issues.ts';
import { type Standing, sentenceOf, standingsOf, withSentence } from '../store/own-sentence.ts';
import { serverItem } from '../store/server-names.ts';
import type { ConportStore } from '../store/store.ts';
import type { Renaming } from './merge-renaming.ts';
import type { Side } from './merged-records.ts';

/**
 * Merges both sides of the active context: the latest standing of each component and environment, the open issues of both, and all other
 * fields of this side. Adds a sentence to `done` if it changed the file.
 */
export async function mergeContext(store: ConportStore, renaming: Renaming, done: string[]): Promise<void> {
  const text = await readFile(store.activeContextPath, 'utf8').catch(() => '');
  const sides = conflictSides(text);
  const read = (version: string): ActiveContext | undefined => {
    try {
      const { value } = parseYaml(version, store.activeContextPath, 'the active context');
      return isRecord(value) ? value : {};
    } catch (error) {
      if (error instanceof UserError) return undefined;
      throw error;
    }
  };
  if (sides === undefined) return;
  const [ours, theirs] = [read(sides.ours), read(sides.theirs)];
  if (ours === undefined || theirs === undefined) return;
  const standing = (each: Standing, side: Side): Standing => {
    const map = renaming.ofCycle.get(String(each.cycle_key ?? '')) ?? renaming.ofSide[side];
    const progress = map.progress[each.progress_id]?.server_id ?? each.progress_id;
    return { ...each, progress_id: progress, report: each.report === null ? null : serverItem(map, each.report) };
  };
  const all = [
    ...standingsOf(ours).map((each) => standing(each, 'ours')),
    ...standingsOf(theirs).map((each) => standing(each, 'theirs')),
  ].sort((a, b) => a.ended_at.localeCompare(b.ended_at));
  const latest = new Map(all.map((each) => [`${each.component}\n${each.environment}`, each]));
  const words = [...latest.values()].reduce(
    (state, each) => withSentence(state, each, sentenceOf(each)),
    ours.state_of_the_union ?? theirs.state_of_the_union ?? '',
  );
  const issues = new Map<string, unknown>();
  for (const side of ['ours', 'theirs'] as const) {
    for (const entry of (side === 'ours' ? ours : theirs).open_issues ?? []) {
      const mine = renamedIssue(entry, (item) => serverItem(renaming.ofSide[side], item));
      const key = itemOfIssue(mine) ?? JSON.stringify(mine);
      if (!issues.has(key)) issues.set(key, mine);
    }
  }
  const merged = {
    ...theirs,
    ...ours,
    ...(words === '' ? {} : { state_of_the_union: words }),
    open_issues: [...issues.values()],
    performance: [...latest.values()],
  };
  await writeWholeFile(
    store.activeContextPath,
    sides.ours.trim() === '' ? renderYaml(merged) : rewriteYaml(sides.ours, merged),
  );
  done.push(
    'active_context.yaml now has the open issues and standings of both sides; its other fields are those of this side',
  );
}
