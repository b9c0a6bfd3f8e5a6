// References between our records → references between the server's records, which have other numbers and sometimes other keys.

import type { SyncMap } from './sync-map.ts';

const PROGRESS_FIELDS = ['progress_id', 'source_task_progress_id', 'cycle_progress_id'];
const DECISION_FIELDS = ['decision_id', 'related_decision_id'];
const KEYS_FIELDS: Readonly<Record<string, string>> = {
  performance_notes: 'PerformanceNotes',
  error_logs: 'ErrorLogs',
};

/** `Category:Key` on the server; unchanged if the item was not sent. */
export function serverItem(map: SyncMap, item: string): string {
  const sent = map.custom_data[item];
  return sent === undefined ? item : `${item.slice(0, item.indexOf(':'))}:${sent.server_key}`;
}

/** The preferred key of a record on the server. The key of a plan contains the server's number of its main item. */
export function wantedKey(map: SyncMap, category: string, key: string): string {
  if (category !== 'LeadPhaseExecutionPlan') return key;
  return key.replace(/^(\d+)(?=_QAPlan)/, (id) => String(map.progress[id]?.server_id ?? id));
}

/** A value of custom data with all references replaced by those of the server. */
export function serverValue(map: SyncMap, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((below) => serverValue(map, below));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([field, below]) => [field, fieldValue(map, field, below)]));
}

function fieldValue(map: SyncMap, field: string, value: unknown): unknown {
  if (typeof value === 'number') {
    if (PROGRESS_FIELDS.includes(field)) return map.progress[value]?.server_id ?? value;
    if (DECISION_FIELDS.includes(field)) return map.decisions[value]?.server_id ?? value;
  }
  if (field === 'result_ref' && typeof value === 'string') return serverItem(map, value);
  const category = KEYS_FIELDS[field];
  if (category !== undefined && Array.isArray(value)) {
    return value.map((key) =>
      typeof key === 'string' ? serverItem(map, `${category}:${key}`).slice(category.length + 1) : key,
    );
  }
  if (field === 'related_conport_items' && Array.isArray(value)) return value.map((item) => relatedItem(map, item));
  return serverValue(map, value);
}

function relatedItem(map: SyncMap, item: unknown): unknown {
  if (typeof item !== 'object' || item === null || !('type' in item) || !('id_or_key' in item)) return item;
  return { ...item, id_or_key: endpoint(map, String(item.type), String(item.id_or_key)) ?? item.id_or_key };
}

/** The id of an item on the server; undefined for a numbered item that it does not have. */
export function endpoint(map: SyncMap, type: string, id: string): string | undefined {
  if (type === 'custom_data') return serverItem(map, id);
  const kind = type === 'progress_entry' ? map.progress : type === 'decision' ? map.decisions : undefined;
  if (kind === undefined) return id;
  const sent = kind[id];
  return sent === undefined ? undefined : String(sent.server_id);
}
