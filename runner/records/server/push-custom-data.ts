// Pushes the custom data that runs write to a ConPort server, where a record of another machine may have the same key.

import { z } from 'zod';
import type { StoredData } from '../../config/custom-data.ts';
import { isRecord } from '../../system/json.ts';
import { keyAndNumbered } from '../store/record-keys.ts';
import { serverValue, wantedKey } from '../store/server-names.ts';
import type { ConportStore } from '../store/store.ts';
import { type Base, hashOf, type SyncMemory } from '../store/sync-map.ts';
import type { PushTally } from './push-tally.ts';
import type { ConportConnection } from './server-connection.ts';
import { type Mark, markedValue, unmarkedValue } from './sync-mark.ts';
import { threeWay } from './three-way.ts';

const dataRow = z.looseObject({ key: z.string(), value: z.unknown() });

/** Fields of an error log that a new sighting changes; people edit the others. */
const SIGHTING_FIELDS = ['occurrences', 'runs_seen', 'last_seen_at', 'last_run', 'last_build_version', 'last_share'];

const ERROR_LOGS = 'ErrorLogs';

interface Row {
  readonly key: string;
  /** Without the mark. */
  readonly value: unknown;
  readonly mark: Mark | undefined;
}

/** The push of custom data, category by category. */
export class CustomDataPush {
  readonly #store: ConportStore;
  readonly #server: ConportConnection;
  readonly #memory: SyncMemory;
  readonly #tally: PushTally;
  readonly #choice: (item: string) => 'ours' | 'theirs' | undefined;

  constructor(
    store: ConportStore,
    server: ConportConnection,
    memory: SyncMemory,
    tally: PushTally,
    choice: (item: string) => 'ours' | 'theirs' | undefined,
  ) {
    this.#store = store;
    this.#server = server;
    this.#memory = memory;
    this.#tally = tally;
    this.#choice = choice;
  }

  /** Sends the new and changed items of one category. */
  async sendCategory(category: string): Promise<void> {
    const { items, broken } = await this.#store.customData.readable(category);
    for (const userError of broken) this.#tally.warnings.push(`not sent: ${userError.toText()}`);
    if (items.length === 0) return;
    const rows = z.array(dataRow).parse(await this.#server.list('get_custom_data', { category }));
    const there = new Map(rows.map(({ key, value }): [string, Row] => [key, { key, ...unmarkedValue(value) }]));
    const byMark = new Map(
      [...there.values()].flatMap((row) => (row.mark === undefined ? [] : [[row.mark.name, row]])),
    );
    for (const item of items) await this.#send(item, there, byMark);
  }

  async #send(item: StoredData, there: Map<string, Row>, byMark: ReadonlyMap<string, Row>): Promise<void> {
    const name = `${item.category}:${item.key}`;
    const mark = dataMarkName(item);
    const sent = this.#memory.map.custom_data[name];
    const known = sent === undefined ? undefined : there.get(sent.server_key);
    // If the record at this key has another mark, the key now belongs to another record.
    const row = byMark.get(mark) ?? (known?.mark === undefined || known.mark.name === mark ? known : undefined);
    const { value: own, mark: recalled } = unmarkedValue(item.value);
    // A record that came from the server refers to records by the server's numbers already.
    const value = recalled === undefined ? serverValue(this.#memory.map, own) : own;
    if (row !== undefined) await this.#compare(item, name, mark, value, row, recalled?.base);
    else if (sent === undefined) await this.#sendNew(item, name, mark, value, there);
    else this.#tally.warnings.push(`${name} was removed from the server; it is not created again`);
  }

  async #compare(
    item: StoredData,
    name: string,
    mark: string,
    value: unknown,
    row: Row,
    recalled: Base | undefined,
  ): Promise<void> {
    const mine = hashOf(value);
    const theirs = hashOf(row.value);
    const base = recalled ?? row.mark?.base ?? this.#memory.map.custom_data[name];
    const decision = threeWay(mine, theirs, base);
    if (item.category === ERROR_LOGS && decision !== 'same' && decision !== 'keep') {
      await this.#sendMerged(name, mark, value, row);
      return;
    }
    const choice = decision === 'conflict' ? this.#choice(name) : undefined;
    if (decision === 'send' || choice === 'ours') {
      await this.#log(item.category, row.key, mark, value, { sent: mine, there: mine }, name);
      this.#tally.updated++;
      return;
    }
    if (choice === 'theirs') {
      await this.#log(item.category, row.key, mark, row.value, { sent: mine, there: theirs }, name);
      this.#tally.kept++;
      return;
    }
    const agreed = decision === 'same' ? { sent: mine, there: theirs } : base;
    if (row.mark === undefined && agreed !== undefined) {
      // The mark is lost if a user rewrites the value.
      await this.#log(item.category, row.key, mark, row.value, agreed, name);
    } else this.#remember(name, row.key, agreed ?? { sent: '', there: '' });
    if (decision === 'same') this.#tally.unchanged++;
    else if (decision === 'keep') this.#tally.kept++;
    else this.#tally.conflicts.push({ item: name, ours: JSON.stringify(value), theirs: JSON.stringify(row.value) });
  }

  /** Merges new sightings of an error with people's changes, which is no conflict. */
  async #sendMerged(name: string, mark: string, value: unknown, row: Row): Promise<void> {
    const next = withSighting(row.value, value);
    const base = { sent: hashOf(value), there: hashOf(next) };
    if (base.there === hashOf(row.value) && row.mark !== undefined) {
      this.#remember(name, row.key, base);
      this.#tally.unchanged++;
      return;
    }
    await this.#log(ERROR_LOGS, row.key, mark, next, base, name);
    this.#tally.updated++;
  }

  /** Sends a new item under its own key or, if that is taken, the first free numbered one. */
  async #sendNew(item: StoredData, name: string, mark: string, value: unknown, there: Map<string, Row>): Promise<void> {
    const hash = hashOf(value);
    for (const key of keyAndNumbered(wantedKey(this.#memory.map, item.category, item.key))) {
      if (there.has(key)) continue;
      await this.#log(item.category, key, mark, value, { sent: hash, there: hash }, name);
      there.set(key, { key, value, mark: undefined });
      this.#tally.created++;
      return;
    }
  }

  async #log(category: string, key: string, mark: string, value: unknown, base: Base, name: string): Promise<void> {
    await this.#server.call('log_custom_data', { category, key, value: markedValue(value, mark, base) });
    this.#remember(name, key, base);
    await this.#memory.changed();
  }

  #remember(name: string, key: string, { sent, there }: Base): void {
    this.#memory.map.custom_data[name] = { server_key: key, sent, there };
  }
}

/** The name in the mark of an item. The key is encoded; the timestamp distinguishes it from a later item with the same key. */
export function dataMarkName({
  category,
  key,
  timestamp,
  value,
}: Omit<StoredData, 'bare' | 'path' | 'text' | 'placeOf'>): string {
  // A record that was recalled from the server keeps its mark.
  const recalled = unmarkedValue(value).mark;
  if (recalled !== undefined) return recalled.name;
  return `novaperf:${encodeURIComponent(`${category}:${key}`)}@${timestamp ?? 'undated'}`;
}

const UNTOUCHED = ['OPEN', 'REOPENED'];

/**
 * Their record with our newest sighting. An error that they resolved and that was seen since is reopened; one that no person has changed and
 * that our runs no longer see is resolved.
 */
export function withSighting(theirs: unknown, ours: unknown): unknown {
  if (!isRecord(theirs) || !isRecord(ours)) return theirs;
  const fields = (names: readonly string[]) =>
    Object.fromEntries(names.flatMap((field) => (field in ours ? [[field, ours[field]]] : [])));
  const seenSince = Number(ours.runs_seen ?? 0) > Number(theirs.runs_seen ?? 0);
  const isSettled = typeof ours.settled_in_run === 'string' && ours.settled_in_run !== theirs.settled_in_run;
  return {
    ...theirs,
    ...fields(SIGHTING_FIELDS),
    ...(theirs.status === 'RESOLVED' && seenSince ? { status: 'REOPENED' } : {}),
    ...(isSettled && !seenSince && UNTOUCHED.includes(String(theirs.status))
      ? fields(['status', 'settled_in_run', 'verification_notes'])
      : {}),
  };
}
