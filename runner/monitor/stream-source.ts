// A source that reads the CSV rows a long-running command prints, such as vmstat, sar or a user's own tool.

import type { ChildProcess } from 'node:child_process';
import { type Parser, parse } from 'csv-parse';
import type { Reading, Source } from '../model/server.ts';
import { redactText } from '../text/secrets.ts';
import { endCommand, lastLine, startCommand } from './command-run.ts';
import { type CsvOptions, CsvRows, parserOptions } from './csv-rows.ts';

/** Limit of readings that wait between two samples. */
const MOST_WAITING = 100_000;

/** The command decides how often rows come, but without a row in this time it has failed to start. */
const FIRST_ROW_MS = 3000;

/** Starts the command with the first sample and returns the rows printed since the previous one. */
export class StreamSource implements Source {
  readonly kind = 'stream';
  readonly target: string;
  #child: ChildProcess | undefined;
  #ended: string | undefined;
  #waiting: Reading[] = [];
  #startedAtMs = 0;
  #hasRows = false;
  readonly #rows: CsvRows;

  constructor(
    readonly name: string,
    private readonly command: string,
    csv: CsvOptions,
  ) {
    this.target = redactText(command);
    this.#rows = new CsvRows(csv);
  }

  async sample(): Promise<readonly Reading[]> {
    this.#child ??= this.#start();
    const read = this.#waiting;
    this.#waiting = [];
    this.#hasRows ||= read.length > 0;
    if (read.length === 0 && this.#ended !== undefined) throw new Error(this.#ended);
    if (!this.#hasRows && Date.now() - this.#startedAtMs > FIRST_ROW_MS) throw new Error('no row with a number so far');
    return read;
  }

  remarks(): readonly string[] {
    return this.#rows.untimed === 0 ? [] : [`${this.#rows.untimed} rows had no readable time`];
  }

  close(): void {
    if (this.#child !== undefined) endCommand(this.#child);
  }

  #start(): ChildProcess {
    const child = startCommand(this.command);
    this.#startedAtMs = Date.now();
    let parser: Parser | undefined;
    let stderr = '';
    child.once('error', (error) => {
      this.#ended ??= error.message;
    });
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      parser ??= this.#parser(text.trimStart().split('\n')[0] ?? '');
      if (parser.writable) parser.write(text);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-2000);
    });
    child.once('close', (code, killed) => {
      parser?.end();
      this.#ended ??= `it ended with ${killed ?? `code ${code}`}${stderr.trim() === '' ? '' : `: ${lastLine(stderr)}`}`;
    });
    return child;
  }

  #parser(firstLine: string): Parser {
    const parser = parse(parserOptions(firstLine));
    parser.on('data', (cells: unknown) => {
      if (!Array.isArray(cells) || this.#waiting.length >= MOST_WAITING) return;
      try {
        this.#waiting.push(...this.#rows.row(cells.map(String), Date.now()));
      } catch (error) {
        this.#ended ??= error instanceof Error ? error.message : String(error);
        this.close();
      }
    });
    parser.on('error', (error) => {
      this.#ended ??= `no CSV: ${error.message}`;
      this.close();
    });
    return parser;
  }
}
