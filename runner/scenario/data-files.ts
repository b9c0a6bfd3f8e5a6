// Imports of CSV, YAML and JSON files are checked by the schema next to them when the scenario is bundled. k6 gets only JSON text,
// without parser and zod.

import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Plugin } from 'esbuild';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { messageOf, UserError } from '../system/errors.ts';
import { nearPath } from '../system/near-path.ts';
import { bytes } from '../text/format.ts';
import { aliasesIn, isTooDeep, keyTwice, MOST_ALIASES, MOST_YAML_LEVELS } from '../text/yaml-bounds.ts';
import { type CsvRow, readCsv } from './csv.ts';
import { readDataText } from './data-text.ts';
import { loadRowSchema } from './row-schema.ts';

/**
 * `import loadUsers from './users.csv'` and `'./users.yaml'` → `() => rows`, for `new SharedArray('users', loadUsers)` and
 * dataset(). An import of JSON is its value, converted by a schema next to it.
 */
export function dataPlugin(): Plugin {
  return {
    name: 'data',
    setup({ onLoad }) {
      const kept = new Map<string, { readonly state: string; readonly rows: unknown }>();
      /** Caches unchanged files for repeated builds of a context. */
      const rowsOf = async (path: string, schemaPath: string | undefined): Promise<unknown> => {
        const state = await stateOf(path, schemaPath);
        const known = kept.get(path);
        if (known !== undefined && known.state === state) return known.rows;
        const rows = await readRows(path, schemaPath);
        if (state !== undefined) kept.set(path, { state, rows });
        return rows;
      };
      onLoad({ filter: /\.(csv|ya?ml)$/i }, async ({ path }) => {
        const schemaPath = schemaPathOf(path);
        const rows = JSON.stringify(await rowsOf(path, schemaPath));
        // A string literal instead of an array, so that VUs that never call the function hold only a text.
        const contents = `const rows = ${JSON.stringify(rows)};\nexport default () => JSON.parse(rows);\n`;
        return { contents, loader: 'js', watchFiles: [path, ...(schemaPath === undefined ? [] : [schemaPath])] };
      });
      onLoad({ filter: /\.json$/i }, async ({ path }) => {
        if (path.includes('/node_modules/')) return null;
        const schemaPath = schemaPathOf(path);
        if (schemaPath === undefined) return { contents: await plainJson(path), loader: 'json' };
        const contents = JSON.stringify(await rowsOf(path, schemaPath));
        return { contents, loader: 'json', watchFiles: [path, schemaPath] };
      });
    },
  };
}

/** A value that changes with the files; undefined if unknown, because a schema may import others. */
async function stateOf(path: string, schemaPath: string | undefined): Promise<string | undefined> {
  const schema = schemaPath === undefined ? '' : await readFile(schemaPath, 'utf8').catch(() => undefined);
  const file = await stat(path).catch(() => undefined);
  if (file === undefined || schema === undefined || /(from|import|require)\s*\(?\s*['"]\./.test(schema))
    return undefined;
  return `${file.mtimeMs} ${file.size} ${schema}`;
}

/** `users.schema.ts` for `users.csv`. */
function schemaPathOf(path: string): string | undefined {
  const schemaPath = `${path.slice(0, -extname(path).length)}.schema.ts`;
  return existsSync(schemaPath) ? schemaPath : undefined;
}

/**
 * The rows of a data file, converted by the schema; without a schema as they are, with text cells for CSV. A YAML or JSON file
 * without a list is one value, which the schema describes. Throws a UserError with the place of up to ten invalid values, and for
 * a file that does not parse.
 */
export async function readRows(path: string, schemaPath: string | undefined): Promise<unknown> {
  const isCsv = /\.csv$/i.test(path);
  const rows = isCsv ? (await readCsv(path)).map(placedCsvRow(path)) : placedValues(path, await readValue(path));
  if (isCsv && rows.length === 0) {
    throw new UserError('Expected a header line and at least one row, found none.', { where: nearPath(path) });
  }
  const checked = schemaPath === undefined ? rows.map(({ value }) => value) : await check(rows, schemaPath);
  return rows.some(({ isWhole }) => isWhole) ? checked[0] : checked;
}

interface Placed {
  readonly value: unknown;
  /** Whether the value is the whole file and not a row. */
  readonly isWhole: boolean;
  /** Place and text of a part of the value. */
  describe(path: readonly PropertyKey[]): { readonly where: string; readonly found: string };
}

function placedCsvRow(path: string): (row: CsvRow) => Placed {
  return ({ record, line }) => ({
    value: record,
    isWhole: false,
    describe: ([key]) => {
      const column = String(key ?? '');
      const found = column in record ? `, found ${JSON.stringify(record[column])}` : ', found no such column';
      return { where: `${nearPath(path)}:${line}, column "${column}"`, found };
    },
  });
}

function placedValues(path: string, whole: unknown): Placed[] {
  const placed = (value: unknown, index: number | undefined): Placed => ({
    value,
    isWhole: index === undefined,
    describe: (at) => {
      const keys = index === undefined ? at : [index, ...at];
      const found = at.reduce<unknown>((part, key) => (isObject(part) ? Reflect.get(part, key) : undefined), value);
      const shown = found === undefined ? 'nothing' : JSON.stringify(found).slice(0, 80);
      return { where: `${nearPath(path)}, ${keys.map(String).join('.')}`, found: `, found ${shown}` };
    },
  });
  return Array.isArray(whole) ? whole.map(placed) : [placed(whole, undefined)];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** As for records and configuration, because the parser takes seconds for this size. */
const LARGEST_YAML = 4 * 1024 * 1024;

async function readValue(path: string): Promise<unknown> {
  const isJson = /\.json$/i.test(path);
  const text = await readDataText(path);
  if (!isJson && text.length > LARGEST_YAML) {
    throw new UserError(`Expected YAML of at most 4 MB, found ${bytes(text.length)}.`, {
      where: nearPath(path),
      next: 'use a CSV or JSON file for so much data',
    });
  }
  const value: unknown = isJson ? jsonValue(text, path) : yamlValue(text, path);
  try {
    JSON.stringify(value);
  } catch (error) {
    throw new UserError(`Expected data that JSON can hold, found: ${messageOf(error)}`, {
      where: nearPath(path),
      next: 'reduce the nesting: k6 cannot read thousands of levels',
      cause: error,
    });
  }
  return value;
}

/** Real data is not nested deeper; esbuild and k6 recurse into each level, and crash without a message at millions. */
const MOST_LEVELS = 1000;

/** The text of a JSON file without a schema; esbuild reports errors with their line. */
async function plainJson(path: string): Promise<string> {
  const text = await readDataText(path);
  if (levelsOf(text) > MOST_LEVELS) {
    throw new UserError(`Expected JSON of at most ${MOST_LEVELS} levels, found more.`, { where: nearPath(path) });
  }
  return text;
}

/** The nesting depth; an upper bound for invalid JSON. */
function levelsOf(text: string): number {
  let level = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"') at = endOfString(text, at);
    else if (sign === '[' || sign === '{') deepest = Math.max(deepest, ++level);
    else if (sign === ']' || sign === '}') level--;
  }
  return deepest;
}

/** Index of the closing quote of the string that begins at `from`. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function jsonValue(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`Expected JSON, found: ${messageOf(error)}`, { where: nearPath(path), cause: error });
  }
}

function yamlValue(text: string, path: string): unknown {
  const lines = new LineCounter();
  const refused = (found: string, line: number | undefined, cause?: unknown) =>
    new UserError(`Expected YAML, found: ${found}`, {
      where: line === undefined ? nearPath(path) : `${nearPath(path)}:${line}`,
      cause,
    });
  if (isTooDeep(text)) throw refused(`more than ${MOST_YAML_LEVELS} levels`, undefined);
  const document = parseDocument(text, { logLevel: 'silent', uniqueKeys: false, lineCounter: lines });
  const [wrong] = document.errors;
  if (wrong !== undefined) throw refused(wrong.message.split('\n')[0] ?? wrong.code, wrong.linePos?.[0].line, wrong);
  const again = keyTwice(document);
  if (again !== undefined) throw refused('Map keys must be unique', lines.linePos(again.range?.[0] ?? 0).line);
  if (aliasesIn(document) > MOST_ALIASES) throw refused(`more than ${MOST_ALIASES} aliases`, undefined);
  try {
    return document.toJS();
  } catch (error) {
    // Aliases that would expand beyond this size.
    throw refused(messageOf(error), undefined, error);
  }
}

async function check(rows: readonly Placed[], schemaPath: string): Promise<unknown[]> {
  const schema = await loadRowSchema(schemaPath);
  const complaints: string[] = [];
  const values: unknown[] = [];
  for (const row of rows) {
    const parsed = schema.safeParse(row.value);
    if (parsed.success) values.push(parsed.data);
    else complaints.push(...parsed.error.issues.map((issue) => complain(row, issue)));
  }
  if (complaints.length === 0) return values;
  const shown = complaints.slice(0, 10);
  const more = complaints.length > shown.length ? [`… and ${complaints.length - shown.length} more`] : [];
  throw new UserError([...shown, ...more].join('\n'), { next: `the schema of the rows is ${nearPath(schemaPath)}` });
}

function complain(row: Placed, issue: z.core.$ZodIssue): string {
  const { where, found } = row.describe(issue.path);
  const what = issue.message.replace(/^Invalid input: /, '').replace(/^(Too small|Too big): /, '');
  return `${where}: ${what.startsWith('expected') ? what : `expected ${what}`}${found}`;
}
