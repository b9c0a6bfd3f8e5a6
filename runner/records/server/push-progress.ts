// Pushes progress items to a ConPort server, where people may have changed or removed them.

import { z } from 'zod';
import type { Progress } from '../../config/items.ts';
import type { ConportStore } from '../store/store.ts';
import { type Base, hashOf, type SentRecord, type SyncMemory } from '../store/sync-map.ts';
import type { PushTally } from './push-tally.ts';
import { byMark, type SentRecords, seconds } from './sent-records.ts';
import type { ConportConnection } from './server-connection.ts';
import { marked, markIn, markName, unmarked } from './sync-mark.ts';
import { threeWay } from './three-way.ts';

/** A progress entry as the ConPort server returns it. */
export const progressRow = z.looseObject({
  id: z.number().int(),
  timestamp: z.string(),
  status: z.string(),
  description: z.string(),
  parent_id: z.number().int().nullish(),
});
export type ProgressRow = z.infer<typeof progressRow>;

/** Sends progress entries to the ConPort server. */
export class ProgressPush {
  readonly #store: ConportStore;
  readonly #server: ConportConnection;
  readonly #memory: SyncMemory;
  readonly #tally: PushTally;
  readonly #sent: SentRecords;
  readonly #choice: (item: string) => 'ours' | 'theirs' | undefined;

  /** `choice`: the version to keep if both sides changed an item; undefined without a decision. */
  constructor(
    store: ConportStore,
    server: ConportConnection,
    memory: SyncMemory,
    tally: PushTally,
    sent: SentRecords,
    choice: (item: string) => 'ours' | 'theirs' | undefined,
  ) {
    this.#store = store;
    this.#server = server;
    this.#memory = memory;
    this.#tally = tally;
    this.#sent = sent;
    this.#choice = choice;
  }

  /** Creates and updates items, parents first. `rows`: all items of the server. */
  async send(rows: readonly ProgressRow[]): Promise<void> {
    const there = byMark(rows, (row) => row.description);
    for (const item of parentsFirst(await this.#sent.readable(this.#store.progress))) {
      const remembered = this.#sent.remembered('progress', item);
      const row = there.get(markName('progress', item)) ?? (remembered && rowOf(remembered, rows));
      if (row !== undefined) await this.#compareProgress(item, row, remembered);
      else if (remembered !== undefined) {
        this.#tally.warnings.push(`progress/${item.id} was removed from the server; it is not created again`);
      } else {
        const hash = hashOfProgress(item);
        const description = marked(item.description, markName('progress', item), { sent: hash, there: hash });
        const fields = { status: item.status, description, parent_id: this.#parentOf(item) };
        await this.#sent.created('progress', item, await this.#server.call('log_progress', fields), hash);
      }
    }
  }

  #parentOf({ parent_id, server_parent_id }: Progress): number | null {
    return parent_id === null ? (server_parent_id ?? null) : (this.#memory.map.progress[parent_id]?.server_id ?? null);
  }

  async #compareProgress(item: Progress, row: ProgressRow, remembered: SentRecord | undefined): Promise<void> {
    const mark = markIn(row.description);
    // The mark is newer than the remembered base if another working copy has sent the record since.
    const base = mark?.base ?? remembered;
    const text = unmarked(row.description);
    const mine = hashOfProgress(item);
    const theirs = hashOfProgress({ status: row.status, description: text });
    const decision = threeWay(mine, theirs, base);
    const name = `progress/${item.id}`;
    const choice = decision === 'conflict' ? this.#choice(name) : undefined;
    if (decision === 'send' || choice === 'ours') {
      await this.#sendProgress(item, row, item, { sent: mine, there: mine });
      this.#tally.updated++;
      return;
    }
    if (choice === 'theirs') {
      await this.#sendProgress(item, row, { status: row.status, description: text }, { sent: mine, there: theirs });
      this.#tally.kept++;
      return;
    }
    const agreed = decision === 'same' ? { sent: mine, there: theirs } : base;
    // Restores a mark that was lost in an edit; without it the record would be created again later.
    if (mark === undefined && agreed !== undefined) {
      await this.#sendProgress(item, row, { status: row.status, description: text }, agreed);
    } else {
      this.#sent.remember('progress', item, row, agreed ?? { sent: '', there: '' });
      // The server removes the parent at every update without a parent_id, also at those of others.
      const parent = this.#parentOf(item);
      if (parent !== null && (row.parent_id ?? null) === null) {
        await this.#server.call('update_progress', { progress_id: row.id, parent_id: parent });
      }
    }
    if (decision === 'same') this.#tally.unchanged++;
    else if (decision === 'keep') this.#tally.kept++;
    else {
      const [ours, there] = [`${item.status}: ${item.description}`, `${row.status}: ${text}`];
      this.#tally.conflicts.push({ item: name, ours, theirs: there });
    }
  }

  async #sendProgress(
    item: Progress,
    row: ProgressRow,
    { status, description }: { readonly status: string; readonly description: string },
    base: Base,
  ): Promise<void> {
    await this.#server.call('update_progress', {
      progress_id: row.id,
      status,
      description: marked(description, markName('progress', item), base),
      parent_id: this.#parentOf(item) ?? row.parent_id ?? null,
    });
    this.#sent.remember('progress', item, row, base);
    await this.#memory.changed();
  }
}

/**
 * The row of a sent item after its mark was removed: the same number, created in the same second. The number alone is not enough, because
 * the server reuses numbers after a deletion.
 */
export function rowOf(sent: SentRecord, rows: readonly ProgressRow[]): ProgressRow | undefined {
  return rows.find(
    (row) =>
      row.id === sent.server_id &&
      seconds(row.timestamp) === sent.server_timestamp &&
      markIn(row.description) === undefined,
  );
}

/** Without the parent, which the server removes at updates by others. */
function hashOfProgress({ status, description }: { readonly status: string; readonly description: string }): string {
  return hashOf({ status, description: description.trim() });
}

/** Items with parents before their children. A circle of parents, which only people can create, is tolerated. */
export function parentsFirst(items: readonly Progress[]): Progress[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  const ordered = new Set<Progress>();
  const visit = (item: Progress, below: ReadonlySet<number>): void => {
    const parent = item.parent_id === null ? undefined : byId.get(item.parent_id);
    if (parent !== undefined && !below.has(parent.id)) visit(parent, new Set([...below, parent.id]));
    ordered.add(item);
  };
  for (const item of items) visit(item, new Set([item.id]));
  return [...ordered];
}
