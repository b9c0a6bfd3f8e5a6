// Reads rows of a CSV: one metric per column, and no reading if a cell is not a number.

import type { Reading, ServerSeries } from '../model/server.ts';
import { metricName, unitByName } from '../model/server-metrics.ts';
import { timeOf } from './csv-time.ts';

/** How to read the time of a row. */
export interface CsvOptions {
  /** Added to the CSV's times, milliseconds: how far its clock is behind ours. */
  readonly offsetMs: number;
  /**
   * Name of the time column. Default: the first column with a usual name for a time, or the first with a time in its cell.
   */
  readonly timeColumn: string | undefined;
}

const TIME_NAMES = /^(@?time(stamp)?|date(_?time)?|ts|epoch|when)$/i;
const MOST_COLUMNS = 200;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** A heading with a unit: `used (MB)`, `cpu [%]`. */
const WITH_UNIT = /^(.*?)\s*[([]([^)\]]{1,20})[)\]]\s*$/;

/**
 * Options for csv-parse that suit most tools. The delimiter is guessed; a row with another length than the header is
 * skipped.
 */
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

/** Reads the rows of one CSV in order; the first is the header. */
export class CsvRows {
  #columns: ReadonlyArray<ServerSeries | undefined> | undefined;
  #header: readonly string[] = [];
  #timeIndex: number | undefined;
  /** Number of rows without a readable time, in a CSV that has times. */
  untimed = 0;

  constructor(private readonly options: CsvOptions) {}

  get hasTimes(): boolean {
    return this.#timeIndex !== undefined;
  }

  /**
   * The readings of a row. `nowMs`: the time of a row in a CSV without times. Throws an Error if the configured time
   * column is missing.
   */
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
