// The custom data that runs write go to a ConPort server, where the same key may be taken by another machine's record.

import { z } from 'zod';
import type { StoredData } from '../config/custom-data.ts';
import { isRecord } from '../system/json.ts';
import type { PushTally } from './push-tally.ts';
import { keyAndNumbered } from './record-keys.ts';
import type { ConportConnection } from './server-connection.ts';
import { serverValue, wantedKey } from './server-names.ts';
import type { ConportStore } from './store.ts';
import { hashOf, type SyncMemory } from './sync-map.ts';

const dataRow = z.looseObject({ key: z.string(), value: z.unknown() });

/** What a new sighting changes in an error log; the rest belongs to the people who work on it. */
const SIGHTING_FIELDS = ['occurrences', 'runs_seen', 'last_seen_at', 'last_run', 'last_build_version'];

export class CustomDataPush {
  readonly #store: ConportStore;
  readonly #server: ConportConnection;
  readonly #memory: SyncMemory;
  readonly #tally: PushTally;

  constructor(store: ConportStore, server: ConportConnection, memory: SyncMemory, tally: PushTally) {
    this.#store = store;
    this.#server = server;
    this.#memory = memory;
    this.#tally = tally;
  }

  /** Sends the new and changed items of one category. */
  async sendCategory(category: string): Promise<void> {
    const { items, broken } = await this.#store.customData.readable(category);
    for (const letter of broken) this.#tally.warnings.push(`not sent: ${letter.toText()}`);
    if (items.length === 0) return;
    const rows = z.array(dataRow).parse(await this.#server.list('get_custom_data', { category }));
    const there = new Map(rows.map(({ key, value }) => [key, value]));
    for (const item of items) await this.#send(item, there);
  }

  async #send(item: StoredData, there: Map<string, unknown>): Promise<void> {
    const { map } = this.#memory;
    const name = `${item.category}:${item.key}`;
    const value = serverValue(map, item.value);
    const hash = hashOf(value);
    const sent = map.custom_data[name];
    if (sent === undefined) {
      await this.#sendNew(item, value, there);
      return;
    }
    if (!there.has(sent.server_key)) {
      this.#tally.warnings.push(`${name} was removed from the server: it stays away`);
      return;
    }
    if (sent.hash === hash) {
      this.#tally.unchanged++;
      return;
    }
    const theirs = there.get(sent.server_key);
    const edited = hashOf(theirs) !== sent.hash;
    if (edited && item.category !== 'ErrorLogs') {
      this.#tally.warnings.push(`${name} was changed on the server since it was sent: it is left as it is there`);
      return;
    }
    const next = edited ? withSighting(theirs, value) : value;
    await this.#log(item.category, sent.server_key, next);
    // Remembered by what is there now, so that the next change of theirs is noticed again.
    map.custom_data[name] = { server_key: sent.server_key, hash: edited ? hash : hashOf(next) };
    this.#tally.updated++;
    await this.#memory.changed();
  }

  /** Under its own key, or the first numbered one that is free there; one that holds the very same was sent before. */
  async #sendNew(item: StoredData, value: unknown, there: Map<string, unknown>): Promise<void> {
    const { map } = this.#memory;
    const hash = hashOf(value);
    const taken = new Set(
      Object.entries(map.custom_data).flatMap(([name, { server_key }]) =>
        name.startsWith(`${item.category}:`) ? [server_key] : [],
      ),
    );
    for (const key of keyAndNumbered(wantedKey(map, item.category, item.key))) {
      if (taken.has(key)) continue;
      const isThere = there.has(key);
      if (isThere && hashOf(there.get(key)) !== hash) continue;
      if (isThere) this.#tally.unchanged++;
      else {
        await this.#log(item.category, key, value);
        there.set(key, value);
        this.#tally.created++;
      }
      map.custom_data[`${item.category}:${item.key}`] = { server_key: key, hash };
      await this.#memory.changed();
      return;
    }
  }

  async #log(category: string, key: string, value: unknown): Promise<void> {
    await this.#server.call('log_custom_data', { category, key, value });
  }
}

/** Their record with our newest sighting in it; an error that they have resolved and that was seen since is open again. */
export function withSighting(theirs: unknown, ours: unknown): unknown {
  if (!isRecord(theirs) || !isRecord(ours)) return theirs;
  const sighting = Object.fromEntries(
    SIGHTING_FIELDS.flatMap((field) => (field in ours ? [[field, ours[field]]] : [])),
  );
  const seenSince = Number(ours.runs_seen ?? 0) > Number(theirs.runs_seen ?? 0);
  return { ...theirs, ...sighting, ...(theirs.status === 'RESOLVED' && seenSince ? { status: 'REOPENED' } : {}) };
}
