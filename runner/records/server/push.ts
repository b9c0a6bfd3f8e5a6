// Pushes the records of a working copy to a ConPort server: decisions, progress, custom data, links, active context. It can be stopped and
// repeated at any time: each record has a mark on the server, by which it is found again, and the mark contains the base of a three-way
// comparison, so that changes of others are not overwritten.

import { join } from 'node:path';
import { z } from 'zod';
import type { Link, Progress } from '../../config/items.ts';
import { UserError } from '../../system/errors.ts';
import { withLock } from '../../system/lock.ts';
import { WRITTEN_CATEGORIES } from '../store/item-values.ts';
import type { NumberedRecords } from '../store/numbered-records.ts';
import { endpoint } from '../store/server-names.ts';
import type { ConportStore } from '../store/store.ts';
import { type Base, emptySyncMap, hashOf, type SentRecord, type SyncMap, SyncMemory } from '../store/sync-map.ts';
import { pushActiveContext } from './push-active-context.ts';
import { CustomDataPush } from './push-custom-data.ts';
import { type Choices, NO_CHOICES, type PushTally } from './push-tally.ts';
import type { ConportConnection } from './server-connection.ts';
import { type Mark, marked, markIn, markName, markText, unmarked } from './sync-mark.ts';
import { threeWay } from './three-way.ts';

export interface PushOutcome extends Readonly<PushTally> {
  /** Ids and keys of every record on the server. */
  readonly names: SyncMap;
}

const progressRow = z.looseObject({
  id: z.number().int(),
  timestamp: z.string(),
  status: z.string(),
  description: z.string(),
  parent_id: z.number().int().nullish(),
});
const decisionRow = z.looseObject({ id: z.number().int(), tags: z.array(z.string()).nullish() });
const linkRow = z.looseObject({ id: z.number().int(), description: z.string().nullish() });
const createdRow = z.looseObject({ id: z.number().int(), timestamp: z.string().default('') });

type ProgressRow = z.infer<typeof progressRow>;
type Kind = 'progress' | 'decisions' | 'links';
type Numbered = { readonly id: number; readonly timestamp: string; readonly renumbered_from?: number | undefined };

/**
 * Sends new and changed records. `choices` decide conflicts of earlier pushes. Throws a UserError if the server is not reachable or a
 * choice names no conflict; records that were sent before stay sent.
 */
export async function pushRecords(
  store: ConportStore,
  connection: ConportConnection,
  choices: Choices = NO_CHOICES,
): Promise<PushOutcome> {
  return withLock(join(store.dir, '.push.lock'), async () => {
    const memory = await SyncMemory.open(store.dir, connection.identity);
    try {
      return await new Push(store, connection, memory, choices).everything();
    } finally {
      await memory.save();
    }
  });
}

class Push {
  readonly #store: ConportStore;
  readonly #server: ConportConnection;
  readonly #memory: SyncMemory;
  readonly #choices: Choices;
  readonly #decided = new Set<string>();
  readonly #tally: PushTally = { created: 0, updated: 0, unchanged: 0, kept: 0, conflicts: [], warnings: [] };

  constructor(store: ConportStore, server: ConportConnection, memory: SyncMemory, choices: Choices) {
    this.#store = store;
    this.#server = server;
    this.#memory = memory;
    this.#choices = choices;
  }

  async everything(): Promise<PushOutcome> {
    const progress = z.array(progressRow).parse(await this.#server.list('get_progress'));
    const decisions = z.array(decisionRow).parse(await this.#server.list('get_decisions'));
    this.#forgetIfReset(progress);
    await this.#decisions(byMark(decisions, (row) => row.tags?.join(' ')));
    await this.#progress(progress);
    const data = new CustomDataPush(this.#store, this.#server, this.#memory, this.#tally, (name) => this.#choice(name));
    for (const category of WRITTEN_CATEGORIES.keys()) await data.sendCategory(category);
    await this.#links();
    await pushActiveContext(this.#store, this.#server, this.#memory, this.#tally);
    this.#checkChoices();
    return { ...this.#tally, names: this.#memory.map };
  }

  #choice(item: string): 'ours' | 'theirs' | undefined {
    const choice = this.#choices.ours.has(item) ? 'ours' : this.#choices.theirs.has(item) ? 'theirs' : undefined;
    if (choice !== undefined) this.#decided.add(item);
    return choice;
  }

  #checkChoices(): void {
    const unknown = [...this.#choices.ours, ...this.#choices.theirs].filter((item) => !this.#decided.has(item));
    if (unknown.length === 0) return;
    throw new UserError(`Expected an item that was changed here and on the server, found ${unknown.join(', ')}.`, {
      next: 'novaperf conport push lists the conflicts, such as progress/3 or PerformanceNotes:Catalog_X_20261123',
    });
  }

  /** Forgets what was sent if the server has nothing of it, because its database was created again. */
  #forgetIfReset(rows: readonly ProgressRow[]): void {
    const { progress } = this.#memory.map;
    const marks = byMark(rows, (row) => row.description);
    const isThere = ([id, sent]: [string, SentRecord]) =>
      marks.has(markName('progress', { id: Number(id), timestamp: sent.timestamp })) || rowOf(sent, rows) !== undefined;
    const sent = Object.entries(progress);
    if (sent.length === 0 || sent.some(isThere)) return;
    this.#memory.map = emptySyncMap();
    this.#tally.warnings.push('the server has none of the records that were sent before: all are sent again');
  }

  async #decisions(there: ReadonlyMap<string, { readonly id: number }>): Promise<void> {
    for (const decision of await this.#readable(this.#store.decisions)) {
      if (this.#isThere('decisions', decision, there)) continue;
      const { summary, rationale, implementation_details, tags } = decision;
      const marks = [...(tags ?? []), markName('decisions', decision)];
      const row = await this.#server.call('log_decision', { summary, rationale, implementation_details, tags: marks });
      await this.#created('decisions', decision, row);
    }
  }

  async #progress(rows: readonly ProgressRow[]): Promise<void> {
    const there = byMark(rows, (row) => row.description);
    for (const item of parentsFirst(await this.#readable(this.#store.progress))) {
      const remembered = this.#remembered('progress', item);
      const row = there.get(markName('progress', item)) ?? (remembered && rowOf(remembered, rows));
      if (row !== undefined) await this.#compareProgress(item, row, remembered);
      else if (remembered !== undefined) {
        this.#tally.warnings.push(`progress/${item.id} was removed from the server; it is not created again`);
      } else {
        const hash = hashOfProgress(item);
        const description = marked(item.description, markName('progress', item), { sent: hash, there: hash });
        const fields = { status: item.status, description, parent_id: this.#parentOf(item) };
        await this.#created('progress', item, await this.#server.call('log_progress', fields), hash);
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
      this.#remember('progress', item, row, agreed ?? { sent: '', there: '' });
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
    this.#remember('progress', item, row, base);
    await this.#memory.changed();
  }

  async #links(): Promise<void> {
    const { map } = this.#memory;
    const seen = new Map<string, ReadonlyMap<string, { readonly id: number }>>();
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
          `links/${link.id}: the server does not have ${source === undefined ? 'its source' : 'its target'}`,
        );
        continue;
      }
      const place = `${link.source_item_type} ${source}`;
      const there = seen.get(place) ?? (await this.#linksOf(link, source));
      seen.set(place, there);
      if (this.#isThere('links', link, there)) continue;
      const row = await this.#server.call('link_conport_items', {
        source_item_type: link.source_item_type,
        source_item_id: source,
        target_item_type: link.target_item_type,
        target_item_id: target,
        relationship_type: link.relationship_type,
        description: `${link.description ?? ''} [${markText(markName('links', link))}]`.trim(),
      });
      await this.#created('links', link, row);
    }
  }

  async #linksOf(link: Link, source: string): Promise<ReadonlyMap<string, { readonly id: number }>> {
    const rows = await this.#server.list('get_linked_items', { item_type: link.source_item_type, item_id: source });
    return byMark(z.array(linkRow).parse(rows), (row) => row.description);
  }

  /** Whether a record that never changes need not be sent: the server has it, or somebody removed it there. */
  #isThere(kind: Kind, record: Numbered, there: ReadonlyMap<string, { readonly id: number }>): boolean {
    const row = there.get(markName(kind, record));
    if (row !== undefined) {
      this.#remember(kind, record, { id: row.id, timestamp: '' }, { sent: '', there: '' });
      this.#tally.unchanged++;
      return true;
    }
    if (this.#remembered(kind, record) === undefined) return false;
    this.#tally.warnings.push(`${kind}/${record.id} was removed from the server; it is not created again`);
    return true;
  }

  #remembered(kind: Kind, record: Numbered): SentRecord | undefined {
    const sent = this.#memory.map[kind][record.id];
    if (sent?.timestamp === record.timestamp) return sent;
    delete this.#memory.map[kind][record.id];
    return undefined;
  }

  #remember(kind: Kind, record: Numbered, row: { readonly id: number; readonly timestamp: string }, base: Base): void {
    const { id, timestamp } = row;
    this.#memory.map[kind][record.id] = {
      timestamp: record.timestamp,
      server_id: id,
      server_timestamp: seconds(timestamp),
      sent: base.sent,
      there: base.there,
    };
  }

  async #created(kind: Kind, record: Numbered, row: unknown, hash = ''): Promise<void> {
    this.#remember(kind, record, createdRow.parse(row), { sent: hash, there: hash });
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

/** Rows by the name in their mark. */
function byMark<Row>(rows: readonly Row[], text: (row: Row) => string | null | undefined): Map<string, Row> {
  return new Map(
    rows.flatMap((row) => {
      const mark: Mark | undefined = markIn(text(row));
      return mark === undefined ? [] : [[mark.name, row] as const];
    }),
  );
}

/**
 * The row of a sent item whose mark was removed: the same number, created in the same second. The number alone is not enough, because
 * the server reuses numbers after a deletion.
 */
function rowOf(sent: SentRecord, rows: readonly ProgressRow[]): ProgressRow | undefined {
  return rows.find(
    (row) =>
      row.id === sent.server_id &&
      seconds(row.timestamp) === sent.server_timestamp &&
      markIn(row.description) === undefined,
  );
}

/** A timestamp to the second: the server's answers have microseconds after writing, but not after reading. */
function seconds(timestamp: string): string {
  return timestamp.slice(0, 19);
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
