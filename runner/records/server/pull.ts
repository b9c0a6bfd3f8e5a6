// Pulls ProjectConfig, PerformanceTargets and AcceptanceCriteria from a ConPort server into the YAML store: first as a plan with a diff of
// each file, then item by item to the disk. Items changed here stay unless the server's version is chosen.

import { isDeepStrictEqual } from 'node:util';
import { createTwoFilesPatch } from 'diff';
import { z } from 'zod';
import { CONFIG_CATEGORY, CONFIG_KEY } from '../../config/config-item.ts';
import { itemFromText, type StoredData } from '../../config/custom-data.ts';
import { configOf } from '../../config/project-config.ts';
import { ACCEPTANCE_CATEGORY, checkTargetItem, TARGETS_CATEGORY } from '../../config/targets-store.ts';
import { UserError } from '../../system/errors.ts';
import { isRecord } from '../../system/json.ts';
import { recordValue } from '../../text/record-text.ts';
import type { ConportStore } from '../store/store.ts';
import { hashOf, SyncMemory } from '../store/sync-map.ts';
import type { ConportConnection } from './server-connection.ts';
import { threeWay } from './three-way.ts';

/** Categories with items that are read from the server. */
export const PULLED_CATEGORIES = [CONFIG_CATEGORY, TARGETS_CATEGORY, ACCEPTANCE_CATEGORY] as const;

export interface PulledItem {
  readonly category: string;
  readonly key: string;
  /**
   * `changed`: changed only on the server. `ours`: changed only here, so it stays. `conflict`: changed on both sides, or the earlier state
   * is not known. `refused`: not usable here, for the reason in `userError`.
   */
  readonly state: 'new' | 'changed' | 'ours' | 'conflict' | 'same' | 'refused';
  readonly path: string;
  /** Unified diff from the file to its new content; empty for `same`. */
  readonly diff: string;
  readonly userError?: UserError;
  readonly value: unknown;
}

const rowSchema = z.looseObject({ category: z.string().min(1), key: z.string().min(1), value: z.unknown() });

/** Compares the items of the server with those here; writes no record. */
export async function planPull(store: ConportStore, connection: ConportConnection): Promise<PulledItem[]> {
  const memory = await SyncMemory.open(store.dir, connection.identity);
  const items: PulledItem[] = [];
  for (const category of PULLED_CATEGORIES) {
    const rows = z.array(rowSchema).parse(await connection.list('get_custom_data', { category }));
    for (const row of rows.sort((a, b) => (a.key < b.key ? -1 : 1))) {
      const item = await planned(store, row.category, row.key, recordValue(row.value), memory);
      if (item.state === 'same') memory.map.pulled[`${row.category}:${row.key}`] = hashOf(item.value);
      items.push(item);
    }
  }
  if (items.some(({ state }) => state === 'same')) await memory.save();
  return items;
}

async function planned(
  store: ConportStore,
  category: string,
  key: string,
  theirs: unknown,
  { map }: SyncMemory,
): Promise<PulledItem> {
  const path = store.customData.path(category, key);
  let value = theirs;
  try {
    const local = await store.customData.read(category, key);
    if (category === CONFIG_CATEGORY && key === CONFIG_KEY) value = withOurs(theirs, local?.value);
    const common = { category, key, path, value };
    if (local !== undefined && isDeepStrictEqual(local.value, value)) return { ...common, state: 'same', diff: '' };
    const text = store.customData.textWith(local, category, key, value);
    check(itemFromText(text, path, category, key));
    const labels = [local === undefined ? 'new' : 'here', 'server'] as const;
    const diff = createTwoFilesPatch(path, path, local?.text ?? '', text, ...labels).replace(/^=+\n/, '');
    const state = local === undefined ? 'new' : stateOf(local.value, value, map.pulled[`${category}:${key}`]);
    return { ...common, state, diff };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { category, key, path, value, state: 'refused', diff: '', userError: error };
  }
}

/** The state of an item that differs. `pulled`: the hash of the value when both sides were last the same. */
function stateOf(local: unknown, theirs: unknown, pulled: string | undefined): 'changed' | 'ours' | 'conflict' {
  const base = pulled === undefined ? undefined : { sent: pulled, there: pulled };
  const decision = threeWay(hashOf(local), hashOf(theirs), base);
  return decision === 'keep' ? 'changed' : decision === 'send' ? 'ours' : 'conflict';
}

/** Throws a UserError for an item that a run could not read, so that the pull reports it instead of the next run. */
function check(item: StoredData): void {
  if (item.category === CONFIG_CATEGORY) {
    if (item.key === CONFIG_KEY) configOf(item);
  } else checkTargetItem(item);
}

/** The server's value with our `testing.performance` if it has none, because that part belongs to novaperf. */
function withOurs(theirs: unknown, local: unknown): unknown {
  const ours = isRecord(local) && isRecord(local.testing) ? local.testing.performance : undefined;
  if (ours === undefined || !isRecord(theirs)) return theirs;
  const testing = isRecord(theirs.testing) ? theirs.testing : {};
  return 'performance' in testing ? theirs : { ...theirs, testing: { ...testing, performance: ours } };
}

/** Writes one planned item in the server's version; comments of an existing file stay. */
export async function applyPulled(store: ConportStore, connection: ConportConnection, item: PulledItem): Promise<void> {
  await store.customData.update(item.category, item.key, () => item.value);
  const memory = await SyncMemory.open(store.dir, connection.identity);
  memory.map.pulled[`${item.category}:${item.key}`] = hashOf(item.value);
  await memory.save();
}
