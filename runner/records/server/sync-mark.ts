// The mark of a record on the server: it identifies the record and contains the base of the next comparison.

import { isRecord } from '../../system/json.ts';
import type { Base } from '../store/sync-map.ts';

/** A mark. `base` is undefined in marks of decisions and links, which never change. */
export interface Mark {
  /** `novaperf:progress/3@2026-11-23T14:00:00.000Z` */
  readonly name: string;
  readonly base: Base | undefined;
}

const MARK = /novaperf:([^@\s\]#]+@[^\]\s#]+)(?:#([0-9a-f]+)(?:~([0-9a-f]+))?)?/g;

/** The name in the mark of a numbered record, which identifies it whatever number it has on the server. */
export function markName(
  kind: string,
  record: { readonly id: number; readonly timestamp: string; readonly renumbered_from?: number | undefined },
): string {
  return `novaperf:${kind}/${record.renumbered_from ?? record.id}@${record.timestamp}`;
}

/** A mark as text, with the base if given. */
export function markText(name: string, base?: Base): string {
  if (base === undefined) return name;
  return base.sent === base.there ? `${name}#${base.sent}` : `${name}#${base.sent}~${base.there}`;
}

/** The last mark of a text, because text from a run may look like a mark. */
export function markIn(text: string | null | undefined): Mark | undefined {
  const [, record, sent, there] = [...(text ?? '').matchAll(MARK)].at(-1) ?? [];
  if (record === undefined) return undefined;
  return { name: `novaperf:${record}`, base: sent === undefined ? undefined : { sent, there: there ?? sent } };
}

/** A description with its mark on a separate line. */
export function marked(description: string, name: string, base: Base): string {
  return `${description}\n[${markText(name, base)}]`;
}

/** A description without its mark. */
export function unmarked(description: string): string {
  return description.replace(/\n?\[novaperf:[^\]\n]*\](?!.*\[novaperf:)/s, '').trim();
}

/** The field with the mark of custom data. */
const FIELD = 'novaperf_record';

/** A value of custom data with its mark. */
export function markedValue(value: unknown, name: string, base: Base): unknown {
  return isRecord(value) ? { ...value, [FIELD]: markText(name, base) } : value;
}

/** The value without the mark, and the mark. */
export function unmarkedValue(value: unknown): { value: unknown; mark: Mark | undefined } {
  if (!isRecord(value) || typeof value[FIELD] !== 'string') return { value, mark: undefined };
  const { [FIELD]: mark, ...rest } = value;
  return { value: rest, mark: markIn(mark) };
}
