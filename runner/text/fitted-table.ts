// Formats a table for the width of a terminal: cells wrap, and if needed the least important columns are omitted.

import Table from 'cli-table3';
import { folded, widest } from './text-columns.ts';

/** A column of a fitted table. */
export interface FittedColumn {
  readonly head: string;
  readonly align: 'left' | 'right';
  /** Width below which the cells do not wrap, terminal columns. Default: cells never wrap. */
  readonly least?: number;
  /** 0: the column is always shown. Of the others, the highest is omitted first. Default: 0. */
  readonly rank?: number;
}

/** Padding around a cell's text, and the line before it. */
const PADDING = 2;
const LINE = 1;

/**
 * Formats the rows as a table of at most `width` terminal columns, unless the columns of rank 0 need more. Colours are
 * kept.
 */
export function fittedTable(
  columns: readonly FittedColumn[],
  rows: ReadonlyArray<readonly string[]>,
  width: number,
): string {
  const measured = columns.map(({ head, align, least = Infinity, rank = 0 }, index) => {
    const natural = widest([head, ...rows.flatMap((row) => (row[index] ?? '').split('\n'))]) + PADDING;
    return { head, align, rank, index, natural, least: Math.min(natural, least + PADDING) };
  });
  let shown = measured;
  const needed = () => LINE + shown.reduce((sum, { least }) => sum + least + LINE, 0);
  while (needed() > width) {
    const highest = Math.max(...shown.map(({ rank }) => rank));
    if (highest === 0) break;
    const last = shown.findLast(({ rank }) => rank === highest);
    shown = shown.filter((column) => column !== last);
  }
  let spare = Math.max(width - needed(), 0);
  const widths = shown.map(({ natural, least }) => {
    const more = Math.min(natural - least, spare);
    spare -= more;
    return least + more;
  });
  const table = new Table({
    head: shown.map(({ head }) => head),
    style: { head: [], border: [], compact: true },
    colWidths: widths,
    colAligns: shown.map(({ align }) => align),
    wordWrap: true,
  });
  const fitted = (text: string, width: number) => (text.includes('\x1b') ? text : folded(text, width).join('\n'));
  for (const row of rows) {
    table.push(shown.map(({ index }, place) => fitted(row[index] ?? '', (widths[place] ?? 0) - PADDING)));
  }
  return table.toString();
}
