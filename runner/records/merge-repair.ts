// Records of two branches that git merged: of two with one number or key the younger gets another, with everything that refers to it.

import { readFile, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { conflictSides } from '../config/conflict-sides.ts';
import type { ActiveContext } from '../config/items.ts';
import { parseYaml, renderYaml, rewriteYaml } from '../config/yaml-text.ts';
import { UserError } from '../system/errors.ts';
import { isRecord } from '../system/json.ts';
import { withLock } from '../system/lock.ts';
import { writeWholeFile } from '../system/whole-file.ts';
import {
  cycleKeyOf,
  type MergedRecord,
  NUMBERED_KINDS,
  type NumberedKind,
  readMerged,
  recordFromGit,
  type Side,
} from './merged-records.ts';
import { itemOfIssue } from './open-issues.ts';
import { type Standing, sentenceOf, standingsOf, withSentence } from './own-sentence.ts';
import { PLAN_CATEGORY, planKey } from './plan-steps.ts';
import { endpoint, serverItem, serverValue } from './server-names.ts';
import type { ConportStore } from './store.ts';
import { emptySyncMap, type SyncMap } from './sync-map.ts';
import { markText } from './sync-mark.ts';

/** What a record is called now: its own number or key, and what its references become. */
interface Renaming {
  readonly ofCycle: Map<string, SyncMap>;
  readonly ofSide: Record<Side, SyncMap>;
}

/** Repairs the records after a merge; returns a sentence per change. Writes nothing if there is nothing to repair. */
export async function repairMerge(store: ConportStore): Promise<string[]> {
  return withLock(store.lockFile, async () => {
    const records = await readMerged(store.dir);
    records.push(...(await lostRecords(store, records)));
    const done: string[] = [];
    const renaming: Renaming = { ofCycle: new Map(), ofSide: { ours: emptySyncMap(), theirs: emptySyncMap() } };
    const places = new Map<MergedRecord, { id?: number; key?: string }>();
    for (const kind of NUMBERED_KINDS) renumber(kind, records, renaming, places, done);
    renameData(records, renaming, places, done);
    const dropped = sameRecords(records, done);
    // Without anything to tell apart nothing is written, and a file that people write stays as it is.
    if (done.length > 0) await writeAll(store, records, dropped, renaming, places);
    await mergeContext(store, renaming, done);
    if (done.length > 0) done.push('check the records, then git add them');
    return done;
  });
}

/** Records that others of their cycle refer to, and in whose place stands one of another cycle. */
async function lostRecords(store: ConportStore, records: readonly MergedRecord[]): Promise<MergedRecord[]> {
  const lost = new Map<string, MergedRecord>();
  for (const { kind, id, cycleKey } of strayReferences(records)) {
    const found = await recordFromGit(join(store.dir, kind, `${id}.yaml`), kind, cycleKey);
    if (found !== undefined) lost.set(`${kind}/${id} ${cycleKey}`, found);
  }
  return [...lost.values()];
}

/** References to a number that, in this store, is of another cycle only. */
export interface StrayReference {
  readonly from: string;
  readonly kind: 'progress' | 'decisions';
  readonly id: number;
  readonly cycleKey: string;
}

export function strayReferences(records: readonly MergedRecord[]): StrayReference[] {
  const stray: StrayReference[] = [];
  for (const record of records) {
    const cycleKey = cycleKeyOf(record);
    if (cycleKey === undefined || record.path.includes('/ErrorLogs/')) continue;
    for (const [kind, id] of referencesOf(record)) {
      const there = records.filter((other) => other.kind === kind && other.record.id === id);
      const keys = there.map(cycleKeyOf);
      if (there.length > 0 && keys.every((key) => key !== undefined && key !== cycleKey)) {
        stray.push({ from: nameOf(record), kind, id, cycleKey });
      }
    }
  }
  return stray;
}

function referencesOf({ kind, record }: MergedRecord): Array<['progress' | 'decisions', number]> {
  if (kind === 'links') {
    const ends = [
      [record.source_item_type, record.source_item_id],
      [record.target_item_type, record.target_item_id],
    ];
    return ends.flatMap(
      ([type, id]): Array<['progress' | 'decisions', number]> =>
        type === 'progress_entry' ? [['progress', Number(id)]] : type === 'decision' ? [['decisions', Number(id)]] : [],
    );
  }
  const value = kind === 'custom_data' && isRecord(record.value) ? record.value : {};
  const found: Array<['progress' | 'decisions', number]> = [];
  if (typeof value.progress_id === 'number') found.push(['progress', value.progress_id]);
  if (typeof value.decision_id === 'number') found.push(['decisions', value.decision_id]);
  return found;
}

function nameOf({ kind, path, record }: MergedRecord): string {
  return kind === 'custom_data' ? `${record.category}:${record.key}` : `${kind}/${record.id ?? basename(path)}`;
}

function timeOf({ record }: MergedRecord): string {
  return String(record.timestamp ?? '');
}

/** The same record, changed on both sides. */
function isSame(a: MergedRecord, b: MergedRecord): boolean {
  return timeOf(a) === timeOf(b) && cycleKeyOf(a) === cycleKeyOf(b);
}

function groupedBy<Key>(
  records: readonly MergedRecord[],
  keyOf: (record: MergedRecord) => Key,
): Map<Key, MergedRecord[]> {
  const groups = new Map<Key, MergedRecord[]>();
  for (const record of records) groups.set(keyOf(record), [...(groups.get(keyOf(record)) ?? []), record]);
  return groups;
}

function mapOf(renaming: Renaming, record: MergedRecord): SyncMap[] {
  const cycleKey = cycleKeyOf(record);
  const maps: SyncMap[] = [];
  if (cycleKey !== undefined) {
    const known = renaming.ofCycle.get(cycleKey) ?? emptySyncMap();
    renaming.ofCycle.set(cycleKey, known);
    maps.push(known);
  }
  if (record.side !== undefined) maps.push(renaming.ofSide[record.side]);
  return maps;
}

function renumber(
  kind: NumberedKind,
  records: readonly MergedRecord[],
  renaming: Renaming,
  places: Map<MergedRecord, { id?: number; key?: string }>,
  done: string[],
): void {
  const own = records.filter((each) => each.kind === kind && typeof each.record.id === 'number');
  let last = Math.max(
    0,
    ...own.map(({ record, path }) => Math.max(Number(record.id), Number.parseInt(basename(path), 10) || 0)),
  );
  const byId = groupedBy(own, ({ record }) => Number(record.id));
  for (const [id, same] of byId) {
    const ordered = [...same].sort((a, b) => timeOf(a).localeCompare(timeOf(b)) || (a.side === 'theirs' ? 1 : -1));
    const [first] = ordered;
    for (const other of ordered) {
      if (first === undefined || other === first || isSame(other, first)) {
        places.set(other, { id });
        continue;
      }
      last++;
      places.set(other, { id: last });
      const entry = { timestamp: '', server_id: last, server_timestamp: '', sent: '', there: '' };
      for (const map of mapOf(renaming, other)) map[kind][id] = entry;
      if (kind !== 'links')
        done.push(
          `${kind}/${id} of ${timeOf(other)} is ${kind}/${last} now: ${kind}/${id} of ${timeOf(first)} is older`,
        );
    }
    // Somebody kept both by renaming a file.
    if (same.length === 1 && first !== undefined && basename(first.path) !== `${id}.yaml`) {
      done.push(`${kind}/${basename(first.path)} is ${kind}/${id}.yaml again, as the number in it says`);
    }
  }
  const moved = own.filter((each) => places.get(each)?.id !== each.record.id).length;
  if (kind === 'links' && moved > 0)
    done.push(`${moved} ${moved === 1 ? 'link has' : 'links have'} a number of its own now`);
}

function renameData(
  records: readonly MergedRecord[],
  renaming: Renaming,
  places: Map<MergedRecord, { id?: number; key?: string }>,
  done: string[],
): void {
  const data = records.filter(({ kind, record }) => kind === 'custom_data' && typeof record.key === 'string');
  const taken = new Set(data.map(({ record }) => `${record.category}:${record.key}`));
  for (const [name, same] of groupedBy(data, ({ record }) => `${record.category}:${record.key}`)) {
    const ordered = [...same].sort((a, b) => timeOf(a).localeCompare(timeOf(b)) || (a.side === 'theirs' ? 1 : -1));
    const [first] = ordered;
    for (const each of ordered) {
      const { category, key } = each.record;
      const planned = planKeyOf(each, renaming);
      // A plan whose main item keeps its number keeps its key.
      const isPlan = category === PLAN_CATEGORY && cycleKeyOf(each) !== undefined;
      const isOther =
        !isPlan && first !== undefined && each !== first && !isSame(each, first) && !isSameError(each, first);
      if (planned === undefined && !isOther) continue;
      const renamed = planned ?? freeKey(String(category), String(key), taken);
      taken.add(`${category}:${renamed}`);
      places.set(each, { key: renamed });
      for (const map of mapOf(renaming, each)) map.custom_data[name] = { server_key: renamed, sent: '', there: '' };
      done.push(`${name} of ${timeOf(each)} is ${category}:${renamed} now`);
    }
  }
}

/** A plan is called after its main item, and follows it. */
function planKeyOf(each: MergedRecord, renaming: Renaming): string | undefined {
  const { category, key, value } = each.record;
  if (category !== PLAN_CATEGORY || !isRecord(value)) return undefined;
  const map = renaming.ofCycle.get(cycleKeyOf(each) ?? '');
  const moved = map?.progress[Number(value.progress_id)]?.server_id;
  return moved === undefined || planKey(moved) === key ? undefined : planKey(moved);
}

/** An error that both branches met is one error. */
function isSameError(a: MergedRecord, b: MergedRecord): boolean {
  const signature = ({ record: { value } }: MergedRecord) => (isRecord(value) ? value.signature : undefined);
  return a.record.category === 'ErrorLogs' && signature(a) !== undefined && signature(a) === signature(b);
}

function freeKey(category: string, key: string, taken: ReadonlySet<string>): string {
  const stem = category === 'TestExecutionReports' ? key.replace(/_\d+$/, '') : key;
  for (let number = 2; ; number++) if (!taken.has(`${category}:${stem}_${number}`)) return `${stem}_${number}`;
}

/** Records that both sides changed: the one that goes further stays; the others are dropped. */
function sameRecords(records: readonly MergedRecord[], done: string[]): Set<MergedRecord> {
  const dropped = new Set<MergedRecord>();
  const conflicted = records.filter(({ side }) => side !== undefined);
  for (const theirs of conflicted.filter(({ side }) => side === 'theirs')) {
    const ours = conflicted.find((each) => each.side === 'ours' && each.path === theirs.path);
    if (ours === undefined || !(isSame(ours, theirs) || isSameError(ours, theirs))) continue;
    const [kept, left] = furtherOf(theirs) > furtherOf(ours) ? [theirs, ours] : [ours, theirs];
    dropped.add(left);
    done.push(
      `${nameOf(kept)} was changed on both sides: ${kept.side === 'ours' ? 'this side' : 'the other side'} is kept, because it is more complete`,
    );
  }
  return dropped;
}

const PROGRESS_ORDER = ['TODO', 'IN_PROGRESS'];

/** Text that sorts later for a record that says more: an ended status, a later sighting. */
function furtherOf({ record }: MergedRecord): string {
  const value = isRecord(record.value) ? record.value : {};
  const ended = typeof record.status === 'string' && !PROGRESS_ORDER.includes(record.status) ? 1 : 0;
  return `${ended} ${String(value.last_seen_at ?? value.ended_at ?? '')} ${String(value.runs_seen ?? '').padStart(6, '0')}`;
}

async function writeAll(
  store: ConportStore,
  records: readonly MergedRecord[],
  dropped: ReadonlySet<MergedRecord>,
  renaming: Renaming,
  places: ReadonlyMap<MergedRecord, { readonly id?: number; readonly key?: string }>,
): Promise<void> {
  const written = new Set<string>();
  const old = new Set<string>();
  for (const each of records) {
    if (dropped.has(each)) continue;
    const place = places.get(each) ?? {};
    const record = renamed(each, renaming, place);
    const path = pathOf(store, each, place);
    if (path !== each.path) old.add(each.path);
    const isMoved = each.side !== undefined || each.isFromGit === true || path !== each.path;
    if (isMoved || !isDeepStrictEqual(record, each.record)) await writeWholeFile(path, rewriteYaml(each.text, record));
    written.add(path);
  }
  for (const path of old) if (!written.has(path)) await unlink(path).catch(() => undefined);
}

function pathOf(
  store: ConportStore,
  each: MergedRecord,
  place: { readonly id?: number; readonly key?: string },
): string {
  if (each.kind !== 'custom_data')
    return place.id === undefined ? each.path : join(store.dir, each.kind, `${place.id}.yaml`);
  return place.key === undefined ? each.path : store.customData.path(String(each.record.category), place.key);
}

/** The record with its own new number or key, and with its references as their targets are called now. */
function renamed(
  each: MergedRecord,
  renaming: Renaming,
  place: { readonly id?: number; readonly key?: string },
): Record<string, unknown> {
  const { record, kind } = each;
  const map =
    renaming.ofCycle.get(cycleKeyOf(each) ?? '') ?? (each.side === undefined ? undefined : renaming.ofSide[each.side]);
  const names = map ?? emptySyncMap();
  const id = Number(record.id);
  const isMoved = place.id !== undefined && place.id !== id;
  // The server knows it by the mark with its first number.
  const first = typeof record.renumbered_from === 'number' ? record.renumbered_from : id;
  const own = isMoved ? { ...record, id: place.id, renumbered_from: first } : { ...record };
  if (kind === 'progress') {
    const parent = record.parent_id;
    const moved = typeof parent === 'number' ? names.progress[parent]?.server_id : undefined;
    return moved === undefined ? own : { ...own, parent_id: moved };
  }
  if (kind === 'links') {
    const end = (type: unknown, text: unknown) => endpoint(names, String(type), String(text)) ?? text;
    return {
      ...own,
      source_item_id: end(record.source_item_type, record.source_item_id),
      target_item_id: end(record.target_item_type, record.target_item_id),
    };
  }
  if (kind === 'decisions') return own;
  const value = serverValue(names, record.value);
  if (place.key === undefined) return { ...own, value };
  const mark = `novaperf:${encodeURIComponent(`${record.category}:${record.key}`)}@${String(record.timestamp ?? 'undated')}`;
  const marked =
    isRecord(value) && value.novaperf_record === undefined ? { ...value, novaperf_record: markText(mark) } : value;
  return {
    ...own,
    key: place.key,
    value: isRecord(marked) && 'error_id_human' in marked ? { ...marked, error_id_human: place.key } : marked,
  };
}

/** Both sides of the active context: standings by their end, open issues of both, the project's own words as they are here. */
async function mergeContext(store: ConportStore, renaming: Renaming, done: string[]): Promise<void> {
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
  const issue = (entry: unknown, side: Side) => {
    const item = itemOfIssue(entry);
    return item === undefined || typeof entry !== 'string'
      ? entry
      : `${serverItem(renaming.ofSide[side], item)}${entry.slice(item.length)}`;
  };
  const issues = new Map<string, unknown>();
  for (const side of ['ours', 'theirs'] as const) {
    for (const entry of (side === 'ours' ? ours : theirs).open_issues ?? []) {
      const mine = issue(entry, side);
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
    'active_context.yaml holds the open issues and standings of both sides; its other fields are those of this side',
  );
}
