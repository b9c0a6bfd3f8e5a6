// Renames merged records: if two share a number or key, the newer one and all references to it get another one.

import { basename } from 'node:path';
import { isRecord } from '../../system/json.ts';
import { markText } from '../server/sync-mark.ts';
import { PLAN_CATEGORY, planKey } from '../store/plan-steps.ts';
import { endpoint, serverValue } from '../store/server-names.ts';
import { emptySyncMap, type SyncMap } from '../store/sync-map.ts';
import { cycleKeyOf, type MergedRecord, type NumberedKind, type Side } from './merged-records.ts';

/** New numbers and keys, by cycle and by side of the merge. */
export interface Renaming {
  readonly ofCycle: Map<string, SyncMap>;
  readonly ofSide: Record<Side, SyncMap>;
}

function timeOf({ record }: MergedRecord): string {
  return String(record.timestamp ?? '');
}

/** Whether both are versions of the same record. */
export function isSame(a: MergedRecord, b: MergedRecord): boolean {
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

/** Gives new numbers to records of a kind that share one; adds them to `renaming` and `places`, and sentences to `done`. */
export function renumber(
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
    // The merge was resolved by renaming a file, so that both records were kept.
    if (same.length === 1 && first !== undefined && basename(first.path) !== `${id}.yaml`) {
      done.push(`${kind}/${basename(first.path)} is ${kind}/${id}.yaml again, as the number in it says`);
    }
  }
  const moved = own.filter((each) => places.get(each)?.id !== each.record.id).length;
  if (kind === 'links' && moved > 0)
    done.push(`${moved} ${moved === 1 ? 'link has a new number' : 'links have new numbers'}`);
}

/** Gives new keys to custom data with the same key, and to plans after their main item was renumbered. */
export function renameData(
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
      // The key of a plan changes only with the number of its main item.
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

/** The new key of a plan if its main item was renumbered; otherwise undefined. */
function planKeyOf(each: MergedRecord, renaming: Renaming): string | undefined {
  const { category, key, value } = each.record;
  if (category !== PLAN_CATEGORY || !isRecord(value)) return undefined;
  const map = renaming.ofCycle.get(cycleKeyOf(each) ?? '');
  const moved = map?.progress[Number(value.progress_id)]?.server_id;
  return moved === undefined || planKey(moved) === key ? undefined : planKey(moved);
}

/** Whether both are logs of the same error, seen on two branches. */
export function isSameError(a: MergedRecord, b: MergedRecord): boolean {
  const signature = ({ record: { value } }: MergedRecord) => (isRecord(value) ? value.signature : undefined);
  return a.record.category === 'ErrorLogs' && signature(a) !== undefined && signature(a) === signature(b);
}

function freeKey(category: string, key: string, taken: ReadonlySet<string>): string {
  const stem = category === 'TestExecutionReports' ? key.replace(/_\d+$/, '') : key;
  for (let number = 2; ; number++) if (!taken.has(`${category}:${stem}_${number}`)) return `${stem}_${number}`;
}

/** The record with its new number or key, and with updated references. */
export function renamed(
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
  // The mark on the server has the record's first number.
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
