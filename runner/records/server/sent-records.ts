// What a push remembers of numbered records (decisions, progress, links): which of them the server has, and what was sent.

import { z } from 'zod';
import { UserError } from '../../system/errors.ts';
import type { NumberedRecords } from '../store/numbered-records.ts';
import type { Base, SentRecord, SyncMemory } from '../store/sync-map.ts';
import type { PushTally } from './push-tally.ts';
import { type Mark, markIn, markName } from './sync-mark.ts';

const createdRow = z.looseObject({ id: z.number().int(), timestamp: z.string().default('') });

export type Kind = 'progress' | 'decisions' | 'links';
export type Numbered = {
  readonly id: number;
  readonly timestamp: string;
  readonly renumbered_from?: number | undefined;
};

/** Remembers which numbered records are on the ConPort server, with their ids there, so that none is created twice. */
export class SentRecords {
  readonly #memory: SyncMemory;
  readonly #tally: PushTally;

  constructor(memory: SyncMemory, tally: PushTally) {
    this.#memory = memory;
    this.#tally = tally;
  }

  /** Whether a record that never changes need not be sent: the server has it, or a user removed it there. */
  isThere(kind: Kind, record: Numbered, there: ReadonlyMap<string, { readonly id: number }>): boolean {
    const row = there.get(markName(kind, record));
    if (row !== undefined) {
      this.remember(kind, record, { id: row.id, timestamp: '' }, { sent: '', there: '' });
      this.#tally.unchanged++;
      return true;
    }
    if (this.remembered(kind, record) === undefined) return false;
    this.#tally.warnings.push(`${kind}/${record.id} was removed from the server; it is not created again`);
    return true;
  }

  remembered(kind: Kind, record: Numbered): SentRecord | undefined {
    const sent = this.#memory.map[kind][record.id];
    if (sent?.timestamp === record.timestamp) return sent;
    delete this.#memory.map[kind][record.id];
    return undefined;
  }

  remember(kind: Kind, record: Numbered, row: { readonly id: number; readonly timestamp: string }, base: Base): void {
    const { id, timestamp } = row;
    this.#memory.map[kind][record.id] = {
      timestamp: record.timestamp,
      server_id: id,
      server_timestamp: seconds(timestamp),
      sent: base.sent,
      there: base.there,
    };
  }

  async created(kind: Kind, record: Numbered, row: unknown, hash = ''): Promise<void> {
    this.remember(kind, record, createdRow.parse(row), { sent: hash, there: hash });
    this.#tally.created++;
    await this.#memory.changed();
  }

  async readable<T extends Numbered>(records: NumberedRecords<T>): Promise<T[]> {
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
export function byMark<Row>(rows: readonly Row[], text: (row: Row) => string | null | undefined): Map<string, Row> {
  return new Map(
    rows.flatMap((row) => {
      const mark: Mark | undefined = markIn(text(row));
      return mark === undefined ? [] : [[mark.name, row] as const];
    }),
  );
}

/** A timestamp to the second: the server's answers have microseconds after writing, but not after reading. */
export function seconds(timestamp: string): string {
  return timestamp.slice(0, 19);
}
