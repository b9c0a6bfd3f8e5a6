// Records of a working copy go to a ConPort server: decisions, progress, custom data, links, the active context, in that order.
// Safe to repeat and to stop anywhere: each record carries a mark that the server keeps, so it is found and not doubled.

import { join } from 'node:path';
import { z } from 'zod';
import type { Link, Progress } from '../config/items.ts';
import { UserError } from '../system/errors.ts';
import { withLock } from '../system/lock.ts';
import { WRITTEN_CATEGORIES } from './item-values.ts';
import type { NumberedRecords } from './numbered-records.ts';
import { CustomDataPush } from './push-custom-data.ts';
import type { PushTally } from './push-tally.ts';
import type { ConportConnection } from './server-connection.ts';
import { endpoint, serverText } from './server-names.ts';
import type { ConportStore } from './store.ts';
import { emptySyncMap, hashOf, type SentRecord, SyncMemory } from './sync-map.ts';

export interface PushOutcome {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  /** What was not sent, and why; one sentence each. */
  readonly warnings: readonly string[];
}

const progressRow = z.looseObject({ id: z.number().int(), description: z.string() });
const decisionRow = z.looseObject({ id: z.number().int(), tags: z.array(z.string()).nullish() });
const linkRow = z.looseObject({ id: z.number().int(), description: z.string().nullish() });
const createdRow = z.looseObject({ id: z.number().int() });

const MARKS = /novaperf:[a-z]+\/\d+@[^\]\s]+/g;

type Kind = 'progress' | 'decisions' | 'links';
type Numbered = { readonly id: number; readonly timestamp: string };

/** What makes a record known again on the server, whatever number it has there. */
function markOf(kind: Kind, record: Numbered): string {
  return `novaperf:${kind}/${record.id}@${record.timestamp}`;
}

/** Server ids by the mark that a row carries: the last one, as text from a run may hold what looks like a mark. */
export function marked<Row extends { readonly id: number }>(
  rows: readonly Row[],
  text: (row: Row) => string | null | undefined,
): Map<string, number> {
  return new Map(
    rows.flatMap(
      (row) =>
        (text(row) ?? '')
          .match(MARKS)
          ?.slice(-1)
          .map((mark) => [mark, row.id] as const) ?? [],
    ),
  );
}

/** Sends what is new or changed. Throws a UserError when the server is away; what was sent until then stays sent. */
export async function pushRecords(store: ConportStore, connection: ConportConnection): Promise<PushOutcome> {
  return withLock(join(store.dir, '.push.lock'), async () => {
    const memory = await SyncMemory.open(store.dir, connection.identity);
    try {
      return await new Push(store, connection, memory).everything();
    } finally {
      await memory.save();
    }
  });
}

class Push {
  readonly #store: ConportStore;
  readonly #server: ConportConnection;
  readonly #memory: SyncMemory;
  readonly #tally: PushTally = { created: 0, updated: 0, unchanged: 0, warnings: [] };

  constructor(store: ConportStore, server: ConportConnection, memory: SyncMemory) {
    this.#store = store;
    this.#server = server;
    this.#memory = memory;
  }

  async everything(): Promise<PushOutcome> {
    const progress = marked(
      z.array(progressRow).parse(await this.#server.list('get_progress')),
      (row) => row.description,
    );
    const decisions = marked(z.array(decisionRow).parse(await this.#server.list('get_decisions')), (row) =>
      row.tags?.join(' '),
    );
    this.#forgetIfReset(progress);
    await this.#decisions(decisions);
    await this.#progress(progress);
    const data = new CustomDataPush(this.#store, this.#server, this.#memory, this.#tally);
    for (const category of WRITTEN_CATEGORIES.keys()) await data.sendCategory(category);
    await this.#links();
    await this.#activeContext();
    return this.#tally;
  }

  /** Nothing that was sent is there any more: the server's database was made anew. */
  #forgetIfReset(there: ReadonlyMap<string, number>): void {
    const sent = Object.entries(this.#memory.map.progress);
    if (
      sent.length === 0 ||
      sent.some(([id, { timestamp }]) => there.has(markOf('progress', { id: Number(id), timestamp })))
    ) {
      return;
    }
    this.#memory.map = emptySyncMap();
    this.#tally.warnings.push('the server has nothing of what was sent before: everything is sent again');
  }

  async #decisions(there: ReadonlyMap<string, number>): Promise<void> {
    for (const decision of await this.#readable(this.#store.decisions)) {
      if (this.#isSettled('decisions', decision, there)) continue;
      const { summary, rationale, implementation_details, tags } = decision;
      const marks = [...(tags ?? []), markOf('decisions', decision)];
      const row = await this.#server.call('log_decision', { summary, rationale, implementation_details, tags: marks });
      await this.#created('decisions', decision, row);
    }
  }

  async #progress(there: ReadonlyMap<string, number>): Promise<void> {
    const { progress } = this.#memory.map;
    for (const item of parentsFirst(await this.#readable(this.#store.progress))) {
      const parent = item.parent_id === null ? null : (progress[item.parent_id]?.server_id ?? null);
      const description = `${item.description}\n[${markOf('progress', item)}]`;
      const fields = { status: item.status, description, parent_id: parent };
      const hash = hashOf(fields);
      if (!this.#isSettled('progress', item, there, hash)) {
        await this.#created('progress', item, await this.#server.call('log_progress', fields), hash);
        continue;
      }
      const sent = progress[item.id];
      if (sent === undefined || sent.hash === hash) continue;
      // parent_id is sent again each time: an update without it makes it null.
      await this.#server.call('update_progress', { progress_id: sent.server_id, ...fields });
      progress[item.id] = { ...sent, hash };
      this.#tally.updated++;
      await this.#memory.changed();
    }
  }

  async #links(): Promise<void> {
    const { map } = this.#memory;
    const seen = new Map<string, ReadonlyMap<string, number>>();
    for (const link of await this.#readable(this.#store.links)) {
      const sent = map.links[link.id];
      if (sent?.timestamp === link.timestamp) {
        this.#tally.unchanged++;
        continue;
      }
      const source = endpoint(map, link.source_item_type, link.source_item_id);
      const target = endpoint(map, link.target_item_type, link.target_item_id);
      if (source === undefined || target === undefined) {
        this.#tally.warnings.push(
          `link ${link.id}: the server does not have ${source === undefined ? 'its source' : 'its target'}`,
        );
        continue;
      }
      const place = `${link.source_item_type} ${source}`;
      const there = seen.get(place) ?? (await this.#linksOf(link, source));
      seen.set(place, there);
      if (this.#isSettled('links', link, there)) continue;
      const row = await this.#server.call('link_conport_items', {
        source_item_type: link.source_item_type,
        source_item_id: source,
        target_item_type: link.target_item_type,
        target_item_id: target,
        relationship_type: link.relationship_type,
        description: `${link.description ?? ''} [${markOf('links', link)}]`.trim(),
      });
      await this.#created('links', link, row);
    }
  }

  async #linksOf(link: Link, source: string): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#server.list('get_linked_items', { item_type: link.source_item_type, item_id: source });
    return marked(z.array(linkRow).parse(rows), (row) => row.description);
  }

  async #activeContext(): Promise<void> {
    const { map } = this.#memory;
    const { state_of_the_union, open_issues = [] } = await this.#store.readActiveContext();
    if (state_of_the_union === undefined && open_issues.length === 0) return;
    const issues = open_issues.map((issue) => (typeof issue === 'string' ? serverText(map, issue) : issue));
    const sentence = serverText(map, state_of_the_union ?? '');
    const hash = hashOf({ sentence, issues });
    if (map.active_context?.hash === hash) {
      this.#tally.unchanged++;
      return;
    }
    // What others wrote stays; what this working copy sent before and no longer has, goes.
    const before = await this.#server.call('get_active_context');
    const theirs = Array.isArray(before.open_issues) ? before.open_issues : [];
    const mine = new Set([...(map.active_context?.open_issues ?? []), ...issues].map((issue) => hashOf(issue)));
    const kept = theirs.filter((issue: unknown) => !mine.has(hashOf(issue)));
    const patch = { ...(sentence === '' ? {} : { state_of_the_union: sentence }), open_issues: [...kept, ...issues] };
    await this.#server.call('update_active_context', { patch_content: patch });
    map.active_context = { hash, open_issues: issues };
    this.#tally.updated++;
    await this.#memory.changed();
  }

  /**
   * Whether a record need not be made: the server has it, or had it and somebody took it away, which is theirs to do. One
   * that the server has and this working copy forgot is remembered again, as it was when it was made (`hash` unknown).
   */
  #isSettled(kind: Kind, record: Numbered, there: ReadonlyMap<string, number>, hash = ''): boolean {
    const records = this.#memory.map[kind];
    const sent = records[record.id]?.timestamp === record.timestamp ? records[record.id] : undefined;
    const serverId = there.get(markOf(kind, record));
    if (serverId === undefined) {
      if (sent !== undefined)
        this.#tally.warnings.push(`${kind} ${record.id} was removed from the server: it stays away`);
      else delete records[record.id];
      return sent !== undefined;
    }
    const found: SentRecord = { timestamp: record.timestamp, server_id: serverId, hash: sent?.hash ?? '' };
    records[record.id] = found;
    if (found.hash === hash) this.#tally.unchanged++;
    return true;
  }

  async #created(kind: Kind, record: Numbered, row: unknown, hash = ''): Promise<void> {
    const { id } = createdRow.parse(row);
    this.#memory.map[kind][record.id] = { timestamp: record.timestamp, server_id: id, hash };
    this.#tally.created++;
    await this.#memory.changed();
  }

  async #readable<T extends Numbered>(records: NumberedRecords<T>): Promise<T[]> {
    const found: T[] = [];
    for (const id of await records.ids()) {
      try {
        const record = await records.read(id);
        if (record !== undefined) found.push(record);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        this.#tally.warnings.push(`not sent: ${error.toText()}`);
      }
    }
    return found;
  }
}

/** An item after the one that it belongs to; of a circle, which only people can make, each once. */
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
