// References between merged records that lead to a record of another cycle.

import { basename } from 'node:path';
import { isRecord } from '../../system/json.ts';
import { cycleKeyOf, type MergedRecord } from './merged-records.ts';

/** A reference to a number that only a record of another cycle has. */
export interface StrayReference {
  readonly from: string;
  readonly kind: 'progress' | 'decisions';
  readonly id: number;
  readonly cycleKey: string;
}

/** All references of records of one cycle to records of another one; they are signs of a record lost in a merge. */
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

/** The name of a record: `Category:Key`, or `progress/3`. */
export function nameOf({ kind, path, record }: MergedRecord): string {
  return kind === 'custom_data' ? `${record.category}:${record.key}` : `${kind}/${record.id ?? basename(path)}`;
}
