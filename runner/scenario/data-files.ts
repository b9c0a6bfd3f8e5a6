// An import of a CSV, YAML or JSON file becomes data that was checked by the schema next to it when the scenario was bundled: k6
// gets nothing but a JSON text, and no parser and no zod.

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
 * dataset(). An import of JSON is its value, as everywhere; with a schema next to it, what the schema makes of it.
 */
export function dataPlugin(): Plugin {
  return {
    name: 'data',
    setup({ onLoad }) {
      const kept = new Map<string, { readonly state: string; readonly rows: unknown }>();
      /** A context builds again and again: what has not changed is not read and checked again. */
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
        // A string literal, not an array literal: a VU that never calls the function holds a text, not a thousand objects.
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

/** Changes with the files; undefined where it cannot be known, as a schema may import others. */
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
 * The rows of a data file as the schema gives them; without a schema as they are, in a CSV all of them text. A YAML or JSON file
 * that holds no list is one value, which the schema is of. Throws a UserError with the place of every value that the schema
 * refuses, up to ten, and for a file that does not parse.
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
  /** The value is the whole file and no row of it. */
  readonly isWhole: boolean;
  /** Where a part of the value stands, and what stands there. */
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

/** As of records and configuration: the parser takes seconds for this much. */
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

/** No real data is nested so deeply; esbuild and k6 recurse into each level, and crash without a message at millions. */
const MOST_LEVELS = 1000;

/** The text of a JSON file without a schema: esbuild reads it and says what is wrong, with its line. */
async function plainJson(path: string): Promise<string> {
  const text = await readDataText(path);
  if (levelsOf(text) > MOST_LEVELS) {
    throw new UserError(`Expected JSON of at most ${MOST_LEVELS} levels, found more.`, { where: nearPath(path) });
  }
  return text;
}

/** The depth of the deepest array or object; of a text that is no JSON an upper bound. */
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

/** Where the closing quote of the string that begins at `from` stands. */
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
    // Aliases that would unfold to more than a file of this size can mean.
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
