// A folder of records with numbers as ids: <folder>/<id>.yaml. Creating the file reserves the number.

import { join } from 'node:path';
import type { z } from 'zod';
import { cannotWrite, checkValue, readYamlFile, recordText, writeRecord } from '../../config/record-file.ts';
import { UserError } from '../../system/errors.ts';
import { createFirstFree, filesIn } from '../../system/exclusive-file.ts';
import { makeFolder } from '../../system/folder.ts';
import { withLock } from '../../system/lock.ts';

const NUMBERED_FILE = /^([1-9]\d{0,14})\.yaml$/;

/** One kind of record: its folder, its schema, and its name in error messages. */
export interface RecordKind<T> {
  readonly folder: string;
  readonly schema: z.ZodType<T>;
  /** `a progress item` */
  readonly called: string;
  readonly lockFile: string;
}

/** The records of one kind. */
export class NumberedRecords<T extends { readonly id: number }> {
  readonly #kind: RecordKind<T>;

  constructor(kind: RecordKind<T>) {
    this.#kind = kind;
  }

  /** Creates a record with the next free number, which no other process can get; returns the number. */
  async create(record: (id: number) => T): Promise<number> {
    const { folder } = this.#kind;
    try {
      await makeFolder(folder);
      const last = (await this.ids()).at(-1) ?? 0;
      return await createFirstFree(
        from(last + 1),
        (id) => this.path(id),
        (id) => recordText(this.path(id), record(id)),
      );
    } catch (error) {
      throw error instanceof UserError ? error : cannotWrite(folder, error);
    }
  }

  /** All numbers in use, ascending. */
  async ids(): Promise<number[]> {
    const names = await filesIn(this.#kind.folder);
    const ids = names.flatMap((name) => NUMBERED_FILE.exec(name)?.[1] ?? []).map(Number);
    return ids.sort((a, b) => a - b);
  }

  /** The record; undefined if there is none. Throws a UserError with file and line for a broken one. */
  async read(id: number): Promise<T | undefined> {
    return (await this.#readFile(id))?.record;
  }

  /** All records by ascending number. */
  async all(): Promise<T[]> {
    const records: T[] = [];
    for (const id of await this.ids()) {
      const record = await this.read(id);
      if (record !== undefined) records.push(record);
    }
    return records;
  }

  /** Changes a record; comments and unknown fields stay. Throws a UserError if there is no such record. */
  async update(id: number, change: (record: T) => T): Promise<T> {
    return withLock(this.#kind.lockFile, async () => {
      const found = await this.#readFile(id);
      if (found === undefined) {
        throw new UserError(`Expected ${this.#kind.called} with the id ${id}, found none.`, { where: this.path(id) });
      }
      const record = change(found.record);
      await writeRecord(this.path(id), record, found.text);
      return record;
    });
  }

  /** The file of a record. */
  path(id: number): string {
    return join(this.#kind.folder, `${id}.yaml`);
  }

  async #readFile(id: number): Promise<{ record: T; text: string } | undefined> {
    const { schema, called } = this.#kind;
    const file = await readYamlFile(this.path(id), called);
    if (file === undefined) return undefined;
    const record = checkValue(file, schema, file.value, [], called);
    if (record.id !== id) {
      throw new UserError(`Expected ${called} with the number of its file, ${id}, as its id, found id ${record.id}.`, {
        where: file.placeOf(['id']),
      });
    }
    return { record, text: file.text };
  }
}

function* from(first: number): Generator<number> {
  for (let id = first; ; id++) yield id;
}
