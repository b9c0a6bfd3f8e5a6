// The rows of a CSV become readings: one metric a column, a gap where a cell holds no number.

import type { Reading, ServerSeries } from '../model/server.ts';
import { metricName, unitByName } from '../model/server-metrics.ts';
import { timeOf } from './csv-time.ts';

export interface CsvOptions {
  /** Added to the CSV's times: what its clock is behind ours, milliseconds. */
  readonly offsetMs: number;
  /** Name of the column with the time; by default the first that is called so, or whose first cell is one. */
  readonly timeColumn: string | undefined;
}

const TIME_NAMES = /^(@?time(stamp)?|date(_?time)?|ts|epoch|when)$/i;
const MOST_COLUMNS = 200;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** `used (MB)`, `cpu [%]`. */
const WITH_UNIT = /^(.*?)\s*[([]([^)\]]{1,20})[)\]]\s*$/;

/** csv-parse's options for what tools write; a line of another length than the header's is refused. */
export function parserOptions(firstLine: string) {
  const delimiter = [';', '\t'].find((mark) => firstLine.split(mark).length > firstLine.split(',').length) ?? ',';
  return {
    bom: true,
    delimiter,
    trim: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    relax_quotes: true,
    max_record_size: 64 * 1024,
  };
}

/** The readings of rows that come one after the other; the first is the header. */
export class CsvRows {
  #columns: ReadonlyArray<ServerSeries | undefined> | undefined;
  #header: readonly string[] = [];
  #timeIndex: number | undefined;
  /** Rows without a readable time in a CSV that has times. */
  untimed = 0;

  constructor(private readonly options: CsvOptions) {}

  get hasTimes(): boolean {
    return this.#timeIndex !== undefined;
  }

  /** `nowMs`: the time of a row in a CSV without times. Throws an Error where the time column that was named is not there. */
  row(cells: readonly string[], nowMs: number): Reading[] {
    if (this.#header.length === 0) {
      this.#header = cells;
      return [];
    }
    this.#columns ??= this.#columnsBy(cells);
    const { offsetMs } = this.options;
    const timeMs = this.#timeIndex === undefined ? nowMs : timeOf(cells[this.#timeIndex] ?? '');
    if (timeMs === undefined) {
      this.untimed++;
      return [];
    }
    const atMs = this.#timeIndex === undefined ? timeMs : timeMs + offsetMs;
    return this.#columns.flatMap((series, index): Reading[] => {
      const cell = cells[index] ?? '';
      return series !== undefined && NUMBER.test(cell)
        ? [{ series, value: Number(cell), atMs }].filter(({ value }) => Number.isFinite(value))
        : [];
    });
  }

  #columnsBy(firstRow: readonly string[]): ReadonlyArray<ServerSeries | undefined> {
    const { timeColumn } = this.options;
    const named = this.#header.findIndex((name) =>
      timeColumn === undefined ? TIME_NAMES.test(name) : name === timeColumn,
    );
    if (timeColumn !== undefined && named < 0) {
      throw new Error(`expected a column "${timeColumn}", found ${this.#header.slice(0, 20).join(', ')}`);
    }
    const guessed = named >= 0 ? named : firstRow.findIndex((cell) => timeOf(cell) !== undefined);
    this.#timeIndex = guessed < 0 ? undefined : guessed;
    const taken = new Set<string>();
    return this.#header.slice(0, MOST_COLUMNS).map((heading, index) => {
      if (index === this.#timeIndex || heading === '') return undefined;
      const [, bare = heading, written] = WITH_UNIT.exec(heading) ?? [];
      let metric = metricName(bare);
      for (let n = 2; taken.has(metric); n++) metric = `${metricName(bare)}_${n}`;
      taken.add(metric);
      return { metric, unit: written ?? unitByName(bare), labels: {} };
    });
  }
}
