// Copies open errors, open issues and their notes from a ConPort server into a store that lacks them, such as a fresh clone in CI. So known
// errors are counted as seen again instead of logged again, and those that are gone are settled.

import { join } from 'node:path';
import { z } from 'zod';
import { isRecord } from '../../system/json.ts';
import { withLock } from '../../system/lock.ts';
import { recordLine, recordValue } from '../../text/record-text.ts';
import { CLOSED_FOR_GOOD, ERROR_LOGS_CATEGORY } from '../cycle/error-logs.ts';
import { itemOfIssue, renamedIssue } from '../cycle/open-issues.ts';
import { NOTES_CATEGORY } from '../cycle/performance-notes.ts';
import { keyAndNumbered } from '../store/record-keys.ts';
import type { ConportStore } from '../store/store.ts';
import { hashOf, SyncMemory } from '../store/sync-map.ts';
import { dataMarkName } from './push-custom-data.ts';
import type { ConportConnection } from './server-connection.ts';
import { markedValue, unmarkedValue } from './sync-mark.ts';

export interface Recalled {
  readonly errors: number;
  readonly issues: number;
}

const dataRow = z.looseObject({ key: z.string(), timestamp: z.string().default(''), value: z.unknown() });
type DataRow = z.infer<typeof dataRow>;

/** A server that many teams share may have thousands of errors; runs are most likely to see the newest again. */
const MOST_ERRORS = 1000;

/** Fields with the server's numbers of records, which differ from those here. */
const FOREIGN = ['source_task_progress_id', 'progress_id', 'related_conport_items'];

/**
 * Copies the records of these components that this store lacks. They keep their marks, so that a push updates them in place. Throws a
 * UserError if the server is not reachable.
 */
export async function recallOpen(
  store: ConportStore,
  connection: ConportConnection,
  components: readonly string[],
): Promise<Recalled> {
  return withLock(join(store.dir, '.push.lock'), async () => {
    const memory = await SyncMemory.open(store.dir, connection.identity);
    const recall = new Recall(store, connection, memory, new Set(components.map((name) => recordLine(name))));
    const errors = await recall.errors();
    const issues = await recall.issues();
    await memory.save();
    return { errors, issues };
  });
}

class Recall {
  readonly #store: ConportStore;
  readonly #server: ConportConnection;
  readonly #memory: SyncMemory;
  readonly #components: ReadonlySet<string>;

  constructor(store: ConportStore, server: ConportConnection, memory: SyncMemory, components: ReadonlySet<string>) {
    this.#store = store;
    this.#server = server;
    this.#memory = memory;
    this.#components = components;
  }

  /** Copies error logs that a run may see again; returns their number. */
  async errors(): Promise<number> {
    const rows = (await this.#rows(ERROR_LOGS_CATEGORY)).filter(({ value }) => {
      if (!isRecord(value) || typeof value.signature !== 'string') return false;
      return this.#isOurs(value) && !CLOSED_FOR_GOOD.includes(String(value.status));
    });
    const known = await this.#knownNames(ERROR_LOGS_CATEGORY);
    let count = 0;
    for (const row of rows.slice(-MOST_ERRORS)) {
      if ((await this.#bringIn(ERROR_LOGS_CATEGORY, row, known)) !== undefined) count++;
    }
    return count;
  }

  /** Copies entries of open_issues with their notes, so that a newer run can settle them; returns their number. */
  async issues(): Promise<number> {
    const { open_issues: entries } = await this.#server.call('get_active_context');
    const theirs = (Array.isArray(entries) ? entries : []).filter((entry) => typeof entry === 'string');
    const known = await this.#knownNames(NOTES_CATEGORY);
    const add: unknown[] = [];
    for (const entry of theirs) {
      const item = itemOfIssue(entry);
      if (item === undefined) continue;
      const local = this.#localItem(item) ?? (await this.#note(item, known));
      if (local === undefined) continue;
      add.push(renamedIssue(entry, () => local));
      if (!this.#memory.map.open_issues.includes(entry)) this.#memory.map.open_issues.push(entry);
    }
    const { open_issues: own = [] } = await this.#store.readActiveContext();
    const items = new Set(own.map(itemOfIssue));
    const missing = add.filter((entry) => !items.has(itemOfIssue(entry)));
    if (missing.length > 0) {
      await this.#store.updateActiveContext((context) => ({
        ...context,
        open_issues: [...(context.open_issues ?? []), ...missing],
      }));
    }
    return missing.length;
  }

  async #rows(category: string, key?: string): Promise<DataRow[]> {
    const asked = key === undefined ? { category } : { category, key };
    return z.array(dataRow).parse(await this.#server.list('get_custom_data', asked));
  }

  #isOurs({ component }: Record<string, unknown>): boolean {
    return typeof component === 'string' && this.#components.has(component);
  }

  /** The name here of an item of the server. */
  #localItem(serverItem: string): string | undefined {
    const colon = serverItem.indexOf(':');
    const found = Object.entries(this.#memory.map.custom_data).find(
      ([name, { server_key }]) =>
        name.startsWith(serverItem.slice(0, colon + 1)) && server_key === serverItem.slice(colon + 1),
    );
    return found?.[0];
  }

  async #note(item: string, known: ReadonlySet<string>): Promise<string | undefined> {
    const colon = item.indexOf(':');
    const [category, key] = [item.slice(0, colon), item.slice(colon + 1)];
    if (category !== NOTES_CATEGORY) return undefined;
    const [row] = await this.#rows(category, key);
    if (row === undefined || !isRecord(row.value) || !this.#isOurs(row.value)) return undefined;
    const local = await this.#bringIn(category, row, known);
    return local === undefined ? undefined : `${category}:${local}`;
  }

  /** Names in the marks of all records that are here already. */
  async #knownNames(category: string): Promise<Set<string>> {
    const { items } = await this.#store.customData.readable(category);
    return new Set(items.map(dataMarkName));
  }

  /** Copies a record of the server; returns its key here, or undefined if it is here already. */
  async #bringIn(category: string, row: DataRow, known: ReadonlySet<string>): Promise<string | undefined> {
    const { value, mark } = unmarkedValue(row.value);
    if (!isRecord(value) || this.#localItem(`${category}:${row.key}`) !== undefined) return undefined;
    if (mark !== undefined && known.has(mark.name)) return undefined;
    const there = hashOf(value);
    const own = recordValue(Object.fromEntries(Object.entries(value).filter(([field]) => !FOREIGN.includes(field))));
    const local = category === ERROR_LOGS_CATEGORY ? { ...Object(own), ...EMPTY_ERROR_FIELDS } : own;
    const base = { sent: hashOf(local), there };
    const name = mark?.name ?? dataMarkName({ category, key: row.key, timestamp: row.timestamp, value });
    const key = await this.#store.customData.create(category, keyAndNumbered(row.key), () =>
      markedValue(local, name, base),
    );
    this.#memory.map.custom_data[`${category}:${key}`] = { server_key: row.key, ...base };
    return key;
  }
}

/** Required fields of an ErrorLogs item that refer to records of this store. */
const EMPTY_ERROR_FIELDS = { source_task_progress_id: null, related_conport_items: [] };
