// ConPort's custom data: category, key and any value, in custom_data/<Category>/<Key>.yaml.

import { dirname, join } from 'node:path';
import { UserError } from '../system/errors.ts';
import { createFirstFree, filesIn } from '../system/exclusive-file.ts';
import { makeFolder } from '../system/folder.ts';
import { withLock } from '../system/lock.ts';
import { fileNameOf, nameOfFile } from './file-names.ts';
import { type CustomData, customDataSchema } from './items.ts';
import { cannotWrite, checkValue, type ReadFile, readYamlFile, recordText, writeRecord } from './record-file.ts';
import { parseYaml } from './yaml-text.ts';

/** An item and its place; `placeOf` takes a path within the value. */
export interface StoredData {
  readonly category: string;
  readonly key: string;
  readonly value: unknown;
  readonly timestamp: string | undefined;
  /** Whether the file has only the value, without the item around it. */
  readonly bare: boolean;
  readonly path: string;
  /** The text of the file. */
  readonly text: string;
  placeOf(path: readonly PropertyKey[]): string;
}

const YAML = '.yaml';

function isItemFile(name: string): boolean {
  return name.endsWith(YAML) && !name.startsWith('.');
}

/** The custom data of a store's folder. */
export class CustomDataStore {
  readonly #folder: string;
  readonly #lockFile: string;

  constructor(folder: string, lockFile: string) {
    this.#folder = folder;
    this.#lockFile = lockFile;
  }

  path(category: string, key: string): string {
    return join(this.#folder, fileNameOf(category), `${fileNameOf(key)}.yaml`);
  }

  /** The item; undefined if there is none. Throws a UserError with file and line for an invalid one. */
  async read(category: string, key: string): Promise<StoredData | undefined> {
    const file = await readYamlFile(this.path(category, key), `${category}:${key}`);
    return file === undefined ? undefined : itemOf(file, category, key);
  }

  /** Keys of a category in the order of their files; keys that the file name does not contain are read from the file. */
  async keys(category: string): Promise<string[]> {
    const folder = join(this.#folder, fileNameOf(category));
    const keys: string[] = [];
    for (const name of (await filesIn(folder)).sort()) {
      if (!isItemFile(name)) continue;
      const key =
        nameOfFile(name.slice(0, -YAML.length)) ?? (await this.#readFile(category, join(folder, name), name))?.key;
      if (key !== undefined) keys.push(key);
    }
    return keys;
  }

  /** All valid items of a category by key, and an error for each invalid one. */
  async readable(category: string): Promise<{ items: StoredData[]; broken: UserError[] }> {
    const items: StoredData[] = [];
    const broken: UserError[] = [];
    const folder = join(this.#folder, fileNameOf(category));
    for (const name of (await filesIn(folder)).sort()) {
      if (!isItemFile(name)) continue;
      try {
        const item = await this.#readFile(category, join(folder, name), name);
        if (item !== undefined) items.push(item);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        broken.push(error);
      }
    }
    return { items, broken };
  }

  async #readFile(category: string, path: string, name: string): Promise<StoredData | undefined> {
    const key = nameOfFile(name.slice(0, -YAML.length));
    const file = await readYamlFile(path, key === undefined ? `an item of ${category}` : `${category}:${key}`);
    if (file === undefined) return undefined;
    return itemOf(file, category, key ?? checkValue(file, customDataSchema, file.value, [], 'an item').key);
  }

  /** Categories with a folder, by folder name. */
  async categories(): Promise<string[]> {
    return (await filesIn(this.#folder)).filter((name) => !name.startsWith('.')).sort();
  }

  /** Creates an item under the first free key, exclusively for this process; returns the key. */
  async create(category: string, keys: Iterable<string>, value: (key: string) => unknown): Promise<string> {
    const folder = join(this.#folder, fileNameOf(category));
    const timestamp = new Date().toISOString();
    try {
      await makeFolder(folder);
      return await createFirstFree(
        keys,
        (key) => this.path(category, key),
        (key) =>
          recordText(this.path(category, key), { category, key, timestamp, value: value(key) } satisfies CustomData),
      );
    } catch (error) {
      throw error instanceof UserError ? error : cannotWrite(folder, error);
    }
  }

  /**
   * Changes an item, or creates it (`change` then gets undefined). Comments are kept, and a file with only the value stays so.
   * Returns the new value.
   */
  async update(category: string, key: string, change: (value: unknown) => unknown): Promise<unknown> {
    const path = this.path(category, key);
    return withLock(this.#lockFile, async () => {
      const old = await this.read(category, key);
      const value = change(old?.value);
      try {
        await makeFolder(dirname(path));
      } catch (error) {
        throw cannotWrite(path, error);
      }
      await writeRecord(path, this.#record(old, category, key, value), old?.text);
      return value;
    });
  }

  /** The text that `update` would write, without writing it. */
  textWith(old: StoredData | undefined, category: string, key: string, value: unknown): string {
    return recordText(this.path(category, key), this.#record(old, category, key, value), old?.text);
  }

  #record(old: StoredData | undefined, category: string, key: string, value: unknown): unknown {
    if (old?.bare === true) return value;
    return { category, key, timestamp: old?.timestamp ?? new Date().toISOString(), value };
  }
}

/** An item from the text of its file. Throws the same UserErrors as reading it. */
export function itemFromText(text: string, path: string, category: string, key: string): StoredData {
  return itemOf({ path, text, ...parseYaml(text, path, `${category}:${key}`) }, category, key);
}

/** A file with `category` and `key` is an item; any other has only the value, and its path gives category and key. */
function itemOf(file: ReadFile, category: string, key: string): StoredData {
  const { path, text, value } = file;
  const isItem =
    typeof value === 'object' && value !== null && 'value' in value && ('category' in value || 'key' in value);
  if (!isItem) {
    const placeOf = (below: readonly PropertyKey[]) => file.placeOf(below);
    return { category, key, value, timestamp: undefined, bare: true, path, text, placeOf };
  }
  const item = checkValue(file, customDataSchema, value, [], `an item with category, key and value`);
  if (item.category !== category || item.key !== key) {
    throw new UserError(`Expected ${category}:${key} in its file, found ${item.category}:${item.key}.`, {
      where: file.placeOf(['key']),
      next: 'rename the file, or correct the key',
    });
  }
  const placeOf = (below: readonly PropertyKey[]) => file.placeOf(['value', ...below]);
  return { category, key, value: item.value, timestamp: item.timestamp, bare: false, path, text, placeOf };
}
