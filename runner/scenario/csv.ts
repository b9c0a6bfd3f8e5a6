// An import of a CSV file becomes a function that returns its rows: parsed by csv-parse and checked by the schema beside it
// when the scenario is bundled, so that k6 gets nothing but a JSON text, which it parses when the function is called.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse/sync';
import type { Plugin } from 'esbuild';
import { z } from 'zod';
import { messageOf, UserError } from '../system/errors.ts';
import { nearPath } from '../system/near-path.ts';
import { loadRowSchema } from './row-schema.ts';

/** One row of the file: its cells by the header's names, and the line it begins on. */
interface Row {
  readonly record: Readonly<Record<string, string>>;
  readonly line: number;
}

/** `import loadUsers from './data/users.csv'` → `() => rows`, for `new SharedArray('users', loadUsers)`. */
export function csvPlugin(): Plugin {
  return {
    name: 'csv',
    setup({ onLoad }) {
      onLoad({ filter: /\.csv$/i }, async ({ path }) => {
        const schemaPath = path.replace(/\.csv$/i, '.schema.ts');
        const rows = await readRows(path, existsSync(schemaPath) ? schemaPath : undefined);
        // A string literal, not an array literal: a VU that never calls the function holds a text, not a thousand objects.
        const contents = `const rows = ${JSON.stringify(JSON.stringify(rows))};\nexport default () => JSON.parse(rows);\n`;
        return { contents, loader: 'js', watchFiles: [path, schemaPath] };
      });
    },
  };
}

/**
 * The rows of a CSV file with a header, as the schema gives them; without a schema, cells by header as text. Throws a UserError
 * with line and column of every cell that the schema refuses, up to ten, and for a file that is no CSV.
 */
export async function readRows(path: string, schemaPath: string | undefined): Promise<unknown[]> {
  const rows = parseCsv(path, await readFile(path, 'utf8'));
  if (rows.length === 0) {
    throw new UserError('Expected a header line and at least one row, found none.', { where: nearPath(path) });
  }
  if (schemaPath === undefined) return rows.map(({ record }) => record);
  const schema = await loadRowSchema(schemaPath);
  const complaints: string[] = [];
  const values: unknown[] = [];
  for (const { record, line } of rows) {
    const parsed = schema.safeParse(record);
    if (parsed.success) values.push(parsed.data);
    else complaints.push(...parsed.error.issues.map((issue) => complain(path, line, record, issue)));
  }
  if (complaints.length === 0) return values;
  const [first = '', ...others] = complaints;
  const shown = [first, ...others.slice(0, 9)];
  const more = complaints.length > shown.length ? [`… and ${complaints.length - shown.length} more`] : [];
  throw new UserError([...shown, ...more].join('\n'), { next: `the rows are checked by ${nearPath(schemaPath)}` });
}

function parseCsv(path: string, text: string): Row[] {
  try {
    const parsed: unknown = parse(text, { columns: true, bom: true, info: true, skip_empty_lines: true, trim: true });
    // `info.lines` is the line on which the record ends; a quoted cell may span several.
    const rows = z
      .array(z.object({ record: z.record(z.string(), z.string()), info: z.object({ lines: z.number() }) }))
      .parse(parsed);
    return rows.map(({ record, info }) => ({ record, line: info.lines - lineBreaksIn(record) }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? `:${error.lines}` : '';
    throw new UserError(`${messageOf(error)}.`, { where: `${nearPath(path)}${line}`, cause: error });
  }
}

function lineBreaksIn(record: Readonly<Record<string, string>>): number {
  return Object.values(record).reduce((sum, cell) => sum + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
}

function complain(path: string, line: number, record: Row['record'], issue: z.core.$ZodIssue): string {
  const column = String(issue.path[0] ?? '');
  const found = column in record ? `, found ${JSON.stringify(record[column])}` : ', found no such column';
  const what = issue.message.replace(/^Invalid input: /, '').replace(/^(Too small|Too big): /, '');
  const expected = what.startsWith('expected') ? what : `expected ${what}`;
  return `${nearPath(path)}:${line}, column "${column}": ${expected}${found}`;
}
