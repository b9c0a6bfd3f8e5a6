// Reads the rows of a CSV file with its separator, and a header with unique names.

import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { namedRecord } from '../model/named-record.ts';
import { messageOf, UserError } from '../system/errors.ts';
import { nearPath } from '../system/near-path.ts';
import { readDataText } from './data-text.ts';

/** One row of the file: its cells by column name, and its first line. */
export interface CsvRow {
  readonly record: Readonly<Record<string, string>>;
  readonly line: number;
}

const SEPARATORS = [',', ';', '\t', '|'];
/** Values that are not column names: numbers, dates, e-mail addresses, URLs, UUIDs. */
const DATA = /^([-+]?[\d.,\s]+|\d{4}-\d\d-\d\d.*|[^@\s]+@[^@\s]+\.\w+|https?:\/\/.*|[0-9a-f]{8}-[0-9a-f-]{27})$/i;

/** Maximum number of columns, because each row repeats their names. */
const MOST_COLUMNS = 1000;
const LONGEST_READ_MS = 30_000;

/** The rows. Throws a UserError with the line for invalid CSV, and for a missing, incomplete or ambiguous header. */
export async function readCsv(path: string): Promise<CsvRow[]> {
  const text = await readDataText(path);
  const headerLine = (/^(?:[ \t]*\r?\n)*/.exec(text)?.[0].match(/\n/g)?.length ?? 0) + 1;
  const columns = (names: string[]): string[] => {
    checkHeader(names, `${nearPath(path)}:${headerLine}`);
    return names;
  };
  try {
    const delimiter = separatorOf(text);
    const deadlineMs = Date.now() + LONGEST_READ_MS;
    const parsed: unknown = parse(text, {
      columns,
      delimiter,
      info: true,
      skip_empty_lines: true,
      trim: true,
      on_record: (row, { lines }) => {
        if (lines % 1024 === 0 && Date.now() > deadlineMs) throw tooLong(path, lines);
        return row;
      },
    });
    // `info.lines` is the line on which the record ends; a quoted cell may span several.
    const rows = z
      .array(z.object({ record: namedRecord(z.string()), info: z.object({ lines: z.number() }) }))
      .parse(parsed);
    return rows.map(({ record, info }) => ({ record, line: info.lines - lineBreaksIn(record) }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? `:${error.lines}` : '';
    throw new UserError(`${messageOf(error)}.`, { where: `${nearPath(path)}${line}`, cause: error });
  }
}

/** The separator of the header; a comma if there is only one name. */
export function separatorOf(text: string): string {
  const header = /^\s*((?:"(?:[^"]|"")*"|[^"\r\n])*)/.exec(text)?.[1]?.replace(/"(?:[^"]|"")*"/g, '') ?? '';
  const counted = SEPARATORS.map((separator) => ({ separator, count: header.split(separator).length - 1 }));
  return counted.reduce((best, each) => (each.count > best.count ? each : best)).separator;
}

function tooLong(path: string, line: number): UserError {
  return new UserError(
    `Expected to read the CSV within ${LONGEST_READ_MS / 1000} s, found only the first ${line} lines read.`,
    {
      where: nearPath(path),
      next: 'make it smaller, or stream it in the script with k6/experimental/csv',
    },
  );
}

function checkHeader(names: readonly string[], where: string): void {
  const refused = (message: string, next: string) => new UserError(message, { where, next });
  if (names.length > MOST_COLUMNS)
    throw refused(
      `Expected at most ${MOST_COLUMNS} columns, found ${names.length}.`,
      'leave out what the scenario does not read',
    );
  for (const [index, name] of names.entries()) {
    if (name === '') throw refused(`Expected a name for column ${index + 1}, found none.`, 'name it in the header');
    const first = names.indexOf(name);
    if (first < index) {
      throw refused(
        `Expected each column once, found "${name}" as columns ${first + 1} and ${index + 1}.`,
        'rename one of them',
      );
    }
    if (DATA.test(name)) {
      throw refused(`Expected a header with the names of the columns, found "${name}".`, 'add a first line with names');
    }
  }
}

function lineBreaksIn(record: Readonly<Record<string, string>>): number {
  return Object.values(record).reduce((sum, cell) => sum + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
}
