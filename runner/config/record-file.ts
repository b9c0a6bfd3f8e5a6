// Reads a YAML file of the store by its schema, with errors by line, and writes it completely.

import { readFile, stat } from 'node:fs/promises';
import type { z } from 'zod';
import { errorCode, UserError } from '../system/errors.ts';
import { reasonOf } from '../system/refusals.ts';
import { writeWholeFile } from '../system/whole-file.ts';
import { recordValue } from '../text/record-text.ts';
import { schemaLine } from './schema-line.ts';
import { parseYaml, renderYaml, rewriteYaml, type YamlFile } from './yaml-text.ts';

/** Records have some kilobytes; a file of this size is not one. */
const LARGEST_FILE_BYTES = 4 * 1024 * 1024;

/** A file with its text, for rewriting, and its value. */
export interface ReadFile extends YamlFile {
  readonly path: string;
  readonly text: string;
}

/** Reads a YAML file; undefined if there is none. Throws a UserError for one that cannot be read or is not YAML. */
export async function readYamlFile(path: string, expected: string): Promise<ReadFile | undefined> {
  let text: string;
  try {
    const stats = await stat(path);
    const { size } = stats;
    // Reading a pipe would wait forever.
    if (!stats.isFile()) throw new UserError(`Expected ${expected} in a file, found none.`, { where: path });
    if (size > LARGEST_FILE_BYTES) {
      throw new UserError(`Expected ${expected} of at most 4 MB, found ${Math.ceil(size / 1024 / 1024)} MB.`, {
        where: path,
      });
    }
    text = utf8(await readFile(path), expected, path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new UserError(`Expected ${expected} in a file that can be read, found: ${reasonOf(error)}`, {
      where: path,
      cause: error,
    });
  }
  return { path, text, ...parseYaml(text, path, expected) };
}

/** Throws a UserError for another encoding, because rewriting would lose characters. */
function utf8(bytes: Uint8Array, expected: string, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const line = Buffer.from(bytes).toString('utf8').split('\ufffd', 1)[0]?.split('\n').length ?? 1;
    throw new UserError(`Expected ${expected} in UTF-8, found another encoding.`, {
      where: `${where}:${line}`,
      next: 'save the file as UTF-8, for Latin-1 with iconv -f ISO-8859-1 -t UTF-8',
      cause,
    });
  }
}

/**
 * The value at `at` of a file, through a schema. Throws a UserError with `file:line:column: field.path` for the first
 * invalid value.
 */
export function checkValue<T>(
  file: ReadFile,
  schema: z.ZodType<T>,
  value: unknown,
  at: readonly PropertyKey[],
  expected: string,
): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = [...at, ...(issue?.path ?? [])];
  const field = path.map(String).join('.');
  throw new UserError(
    `Expected ${expected}, found ${field === '' ? 'a file' : `"${field}"`} with: ${issue?.message ?? 'an error'}.`,
    {
      where: `${file.placeOf(path)}${field === '' ? '' : `: ${field}`}`,
      next: 'correct the field; conport/README.md shows every kind of record',
    },
  );
}

/** Writes a record completely: a new text, or the old one with the differences. Writes nothing if nothing differs. */
export async function writeRecord(path: string, value: unknown, old?: string): Promise<void> {
  const text = recordText(path, value, old);
  if (text === old) return;
  try {
    await writeWholeFile(path, text);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** The text of the record at `path`; with `old`, that text with only the differences changed. */
export function recordText(path: string, value: unknown, old?: string): string {
  const safe = recordValue(value);
  return old === undefined ? `${schemaLine(path)}${renderYaml(safe)}` : rewriteYaml(old, safe);
}

/** A record that could not be written, as an error. */
export function cannotWrite(path: string, error: unknown): UserError {
  return new UserError(`Expected to write a record, found: ${reasonOf(error)}`, {
    where: path,
    next: 'change the permissions of the folder, or use another one with --conport',
    cause: error,
  });
}
