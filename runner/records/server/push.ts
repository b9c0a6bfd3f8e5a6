// Pushes the records of a working copy to a ConPort server: decisions, progress, custom data, links, active context. It can be stopped and
// repeated at any time: each record has a mark on the server, by which it is found again, and the mark contains the base of a three-way
// comparison, so that changes of others are not overwritten.

import { join } from 'node:path';
import { z } from 'zod';
import type { Link } from '../../config/items.ts';
import { UserError } from '../../system/errors.ts';
import { withLock } from '../../system/lock.ts';
import { WRITTEN_CATEGORIES } from '../store/item-values.ts';
import { endpoint } from '../store/server-names.ts';
import type { ConportStore } from '../store/store.ts';
import { emptySyncMap, type SentRecord, type SyncMap, SyncMemory } from '../store/sync-map.ts';
import { pushActiveContext } from './push-active-context.ts';
import { CustomDataPush } from './push-custom-data.ts';
import { ProgressPush, type ProgressRow, progressRow, rowOf } from './push-progress.ts';
import { type Choices, NO_CHOICES, type PushTally } from './push-tally.ts';
import { byMark, SentRecords } from './sent-records.ts';
import type { ConportConnection } from './server-connection.ts';
import { markName, markText } from './sync-mark.ts';

export interface PushOutcome extends Readonly<PushTally> {
  /** Ids and keys of every record on the server. */
  readonly names: SyncMap;
}

const decisionRow = z.looseObject({ id: z.number().int(), tags: z.array(z.string()).nullish() });
const linkRow = z.looseObject({ id: z.number().int(), description: z.string().nullish() });

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
  readonly #sent: SentRecords;

  constructor(store: ConportStore, server: ConportConnection, memory: SyncMemory, choices: Choices) {
    this.#store = store;
    this.#server = server;
    this.#memory = memory;
    this.#choices = choices;
    this.#sent = new SentRecords(memory, this.#tally);
  }

  async everything(): Promise<PushOutcome> {
    const progress = z.array(progressRow).parse(await this.#server.list('get_progress'));
    const decisions = z.array(decisionRow).parse(await this.#server.list('get_decisions'));
    this.#forgetIfReset(progress);
    await this.#decisions(byMark(decisions, (row) => row.tags?.join(' ')));
    const choice = (item: string) => this.#choice(item);
    await new ProgressPush(this.#store, this.#server, this.#memory, this.#tally, this.#sent, choice).send(progress);
    const data = new CustomDataPush(this.#store, this.#server, this.#memory, this.#tally, choice);
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
    for (const decision of await this.#sent.readable(this.#store.decisions)) {
      if (this.#sent.isThere('decisions', decision, there)) continue;
      const { summary, rationale, implementation_details, tags } = decision;
      const marks = [...(tags ?? []), markName('decisions', decision)];
      const row = await this.#server.call('log_decision', { summary, rationale, implementation_details, tags: marks });
      await this.#sent.created('decisions', decision, row);
    }
  }

  async #links(): Promise<void> {
    const { map } = this.#memory;
    const seen = new Map<string, ReadonlyMap<string, { readonly id: number }>>();
    for (const link of await this.#sent.readable(this.#store.links)) {
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
      if (this.#sent.isThere('links', link, there)) continue;
      const row = await this.#server.call('link_conport_items', {
        source_item_type: link.source_item_type,
        source_item_id: source,
        target_item_type: link.target_item_type,
        target_item_id: target,
        relationship_type: link.relationship_type,
        description: `${link.description ?? ''} [${markText(markName('links', link))}]`.trim(),
      });
      await this.#sent.created('links', link, row);
    }
  }

  async #linksOf(link: Link, source: string): Promise<ReadonlyMap<string, { readonly id: number }>> {
    const rows = await this.#server.list('get_linked_items', { item_type: link.source_item_type, item_id: source });
    return byMark(z.array(linkRow).parse(rows), (row) => row.description);
  }
}
