// A store → its problems: broken files, links and parents that do not exist, cycles that were not closed.

import { stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../system/errors.ts';
import { filesIn } from '../../system/exclusive-file.ts';
import { endDeadCalls, findDelegatedCycles, waitingText } from '../cycle/delegated-cycle.ts';
import { findOpenCycles, type OpenCycle, repairCycle } from '../cycle/open-cycles.ts';
import { WRITTEN_CATEGORIES } from '../store/item-values.ts';
import type { NumberedRecords } from '../store/numbered-records.ts';
import type { Problem } from '../store/problem.ts';
import type { ConportStore } from '../store/store.ts';
import { checkConfig } from './config-check.ts';
import { repairMerge } from './merge-repair.ts';
import { readMerged } from './merged-records.ts';
import { strayReferences } from './stray-references.ts';

export interface StoreCheck {
  readonly problems: readonly Problem[];
  readonly openCycles: readonly OpenCycle[];
  /** How many records were checked. */
  readonly records: number;
}

/** Checks every record and changes none. */
export async function checkStore(store: ConportStore): Promise<StoreCheck> {
  const problems: Problem[] = [];
  const error = (userError: UserError) => problems.push({ level: 'error', text: userError.toText() });
  const progress = await readAll(store.progress, error);
  const decisions = await readAll(store.decisions, error);
  const links = await readAll(store.links, error);
  const data = await customData(store, error, problems);
  for (const { id, parent_id } of progress) {
    if (parent_id === null || progress.some((other) => other.id === parent_id)) continue;
    problems.push({ level: 'warning', text: `progress ${id}: its parent ${parent_id} does not exist` });
  }
  const exists = (type: string, id: string): boolean => {
    if (type === 'progress_entry') return progress.some((item) => String(item.id) === id);
    if (type === 'decision') return decisions.some((item) => String(item.id) === id);
    return type !== 'custom_data' || data.has(id);
  };
  for (const link of links) {
    const ends = [
      [link.source_item_type, link.source_item_id],
      [link.target_item_type, link.target_item_id],
    ] as const;
    for (const [type, id] of ends) {
      if (!exists(type, id)) problems.push({ level: 'warning', text: `link ${link.id}: there is no ${type} ${id}` });
    }
  }
  await store.readActiveContext().catch((thrown: unknown) => {
    if (!(thrown instanceof UserError)) throw thrown;
    error(thrown);
  });
  for (const open of await findDelegatedCycles(store)) problems.push({ level: 'warning', text: waitingText(open) });
  for (const { from, kind, id, cycleKey } of strayReferences(await readMerged(store.dir))) {
    problems.push({
      level: 'error',
      text: `${from} of cycle ${cycleKey} refers to ${kind}/${id}, which belongs to another cycle: its own record was lost in a merge\n  → novaperf conport check --repair restores it from git`,
    });
  }
  const config = await checkConfig(store.dir);
  problems.push(...config.problems);
  return {
    problems: distinct(problems),
    openCycles: await findOpenCycles(store),
    records: progress.length + decisions.length + links.length + data.size,
  };
}

async function readAll<T extends { readonly id: number }>(
  records: NumberedRecords<T>,
  error: (userError: UserError) => void,
): Promise<T[]> {
  const found: T[] = [];
  for (const id of await records.ids()) {
    try {
      const record = await records.read(id);
      if (record !== undefined) found.push(record);
    } catch (thrown) {
      if (!(thrown instanceof UserError)) throw thrown;
      error(thrown);
    }
  }
  return found;
}

/** `Category:Key` of every item that can be read. Items of categories that runs write are checked against their schema. */
async function customData(
  store: ConportStore,
  error: (userError: UserError) => void,
  problems: Problem[],
): Promise<Set<string>> {
  const found = new Set<string>();
  for (const category of await store.customData.categories()) {
    const { items, broken } = await store.customData.readable(category);
    for (const userError of broken) error(userError);
    for (const item of items) {
      found.add(`${item.category}:${item.key}`);
      const parsed = WRITTEN_CATEGORIES.get(item.category)?.safeParse(item.value);
      const issue = parsed?.error?.issues[0];
      if (issue === undefined) continue;
      const field = issue.path.map(String).join('.');
      problems.push({
        level: 'warning',
        text: `${item.category}:${item.key}: ${field}: ${issue.message}\n  at ${item.placeOf(issue.path)}`,
      });
    }
  }
  return found;
}

function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [problem.text, problem])).values()];
}

export interface Repair {
  /** What was done, one sentence each. */
  readonly done: readonly string[];
}

const DRAFT_KEPT_MS = 3_600_000;

/**
 * Closes the cycles of ended processes and removes drafts of killed processes. `mergesToo`: also separates records that got the same
 * number on two branches of git.
 */
export async function repairStore(store: ConportStore, mergesToo = false): Promise<Repair> {
  const done: string[] = [];
  if (mergesToo) done.push(...(await repairMerge(store)));
  for (const cycle of await findOpenCycles(store)) {
    const report = await repairCycle(store, cycle);
    if (report !== undefined) {
      done.push(
        `progress ${cycle.main.id} is BLOCKED now: its process ended without closing it (TestExecutionReports:${report})`,
      );
    }
  }
  done.push(...(await endDeadCalls(store)));
  const removed = await removeDrafts(store.dir);
  if (removed > 0) done.push(`${removed} ${removed === 1 ? 'draft' : 'drafts'} of killed processes removed`);
  return { done };
}

/** Drafts are named `.<file>.<pid>.<hex>.tmp` and live for milliseconds. */
async function removeDrafts(folder: string, depth = 0): Promise<number> {
  let removed = 0;
  for (const name of await filesIn(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory() === true && depth < 2) removed += await removeDrafts(path, depth + 1);
    else if (/^\..+\.\d+\.[0-9a-f]{12}\.tmp$/.test(name) && Date.now() - (found?.mtimeMs ?? Infinity) > DRAFT_KEPT_MS) {
      await unlink(path).catch(() => undefined);
      removed++;
    }
  }
  return removed;
}
