// A source that runs a command for every sample and reads the exposition or CSV that it prints.

import { parse } from 'csv-parse/sync';
import type { Reading, Source } from '../model/server.ts';
import { redactText } from '../text/secrets.ts';
import { outputOf } from './command-run.ts';
import { type CsvOptions, CsvRows, parserOptions } from './csv-rows.ts';
import { ExpositionReader } from './exposition-reader.ts';
import { capRemark } from './exposition-source.ts';
import type { SeriesFilter } from './series-filter.ts';

/** Matches the first line of an exposition, a sample or a comment; the header of a CSV does not match. */
const EXPOSITION = /^#|^[a-zA-Z_:][\w:]*(\{.*\})?[ \t]+[-+.\dNI]/;

/** Samples by running the command. `target` is the command with secrets redacted. */
export class CommandSource implements Source {
  readonly kind = 'command';
  readonly target: string;
  readonly #exposition: ExpositionReader;
  #newestMs = -Infinity;

  constructor(
    readonly name: string,
    private readonly command: string,
    filter: SeriesFilter,
    private readonly csv: CsvOptions,
  ) {
    this.target = redactText(command);
    this.#exposition = new ExpositionReader(filter);
  }

  async sample(signal: AbortSignal): Promise<readonly Reading[]> {
    const text = await outputOf(this.command, signal);
    const first = text.trimStart().split('\n')[0] ?? '';
    if (first === '') throw new Error('it prints nothing');
    return EXPOSITION.test(first) ? this.#exposition.read(text, Date.now()) : this.#rowsOf(text, first);
  }

  remarks(): readonly string[] {
    return capRemark(this.#exposition);
  }

  /** The rows newer than those read before; of a CSV without times, the last row. */
  #rowsOf(text: string, first: string): Reading[] {
    const rows = new CsvRows(this.csv);
    const records: unknown = parse(text, parserOptions(first));
    const read = Array.isArray(records)
      ? records.map((cells: unknown) => rows.row(Array.isArray(cells) ? cells.map(String) : [], Date.now()))
      : [];
    if (read.every((readings) => readings.length === 0))
      throw new Error('expected an exposition or a CSV with a header and numbers, found neither');
    if (!rows.hasTimes) return read.at(-1) ?? [];
    const fresh = read.flat().filter(({ atMs }) => atMs > this.#newestMs);
    for (const { atMs } of fresh) this.#newestMs = Math.max(this.#newestMs, atMs);
    return fresh;
  }
}
