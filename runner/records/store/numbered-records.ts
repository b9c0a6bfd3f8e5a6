// A folder of records that are known by an integer: <folder>/<id>.yaml. The number is given by making the file.

import { join } from 'node:path';
import type { z } from 'zod';
import { cannotWrite, checkValue, readYamlFile, recordText, writeRecord } from '../../config/record-file.ts';
import { UserError } from '../../system/errors.ts';
import { createFirstFree, filesIn } from '../../system/exclusive-file.ts';
import { makeFolder } from '../../system/folder.ts';
import { withLock } from '../../system/lock.ts';

const NUMBERED_FILE = /^([1-9]\d{0,14})\.yaml$/;

/** What one kind of record is: where it lies, how it looks, and how errors call it. */
export interface RecordKind<T> {
  readonly folder: string;
  readonly schema: z.ZodType<T>;
  /** `a progress item` */
  readonly called: string;
  readonly lockFile: string;
}

export class NumberedRecords<T extends { readonly id: number }> {
  readonly #kind: RecordKind<T>;

  constructor(kind: RecordKind<T>) {
    this.#kind = kind;
  }

  /** Makes a record under the next free number, which no other process gets; returns the number. */
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

  /** Every number in use, ascending. */
  async ids(): Promise<number[]> {
    const names = await filesIn(this.#kind.folder);
    const ids = names.flatMap((name) => NUMBERED_FILE.exec(name)?.[1] ?? []).map(Number);
    return ids.sort((a, b) => a - b);
  }

  /** The record; undefined where there is none. Throws a UserError with file and line for a broken one. */
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

  /** Changes a record; comments and fields that nobody here knows stay. Throws a UserError when there is no such record. */
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

  path(id: number): string {
    return join(this.#kind.folder, `${id}.yaml`);
  }

  async #readFile(id: number): Promise<{ record: T; text: string } | undefined> {
    const { schema, called } = this.#kind;
    const file = await readYamlFile(this.path(id), called);
    if (file === undefined) return undefined;
    const record = checkValue(file, schema, file.value, [], called);
    if (record.id !== id) {
      throw new UserError(`Expected ${called} to carry the number of its file, ${id}, found id ${record.id}.`, {
        where: file.placeOf(['id']),
      });
    }
    return { record, text: file.text };
  }
}

function* from(first: number): Generator<number> {
  for (let id = first; ; id++) yield id;
}
