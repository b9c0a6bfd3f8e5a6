// A table of run b and the same table of run a become one: b's rows, each number with its difference from a, and what only a had.

import { textCell } from '../report/view/cells.ts';
import type { Cell, Table } from '../report/view/model.ts';
import { signedPercent, signedPoints } from '../text/format.ts';

function numberIn({ sortsByValue, sort, isNumeric }: Cell): number | undefined {
  return sortsByValue && isNumeric && sort !== '' ? Number(sort) : undefined;
}

/** `+12 % from 25 ms`, `+0.3 points from 0.2 %` (0.2 % of errors are not "+100 %" of 0.1 %), `was 0`; '' where the two read the same. */
export function differenceNote(from: Cell, to: Cell): string {
  if (from.text === to.text) return '';
  const [a, b] = [numberIn(from), numberIn(to)];
  if (a === undefined || b === undefined || from.isShare !== to.isShare) return `was ${from.text}`;
  if (to.isShare) return `${signedPoints(b - a)} from ${from.text}`;
  return a === 0 || Math.sign(a) !== Math.sign(b)
    ? `was ${from.text}`
    : `${signedPercent(((b - a) * 100) / a)} from ${from.text}`;
}

function withNote(cell: Cell, note: string): Cell {
  if (note === '') return cell;
  return { ...cell, note: cell.note === '' ? note : `${cell.note}; ${note}` };
}

type Row = readonly Cell[];

/** How many of a row's first cells distinguish all rows of both tables; where none do, all cells before the first number. */
function keyCells(tables: readonly Table[]): number {
  const texts = Math.max(
    1,
    (tables[0]?.columns ?? []).findIndex(({ isNumeric }) => isNumeric),
  );
  const isUnique = (cells: number) =>
    tables.every(({ rows }) => new Set(rows.map((row) => keyOf(row, cells, 0))).size === rows.length);
  return Array.from({ length: texts }, (_, index) => index + 1).find(isUnique) ?? texts;
}

function keyOf(row: Row, cells: number, ordinal: number): string {
  return JSON.stringify([ordinal, ...row.slice(0, cells).map(({ text }) => text)]);
}

/** Rows by their key; those that are alike are distinguished by their order. */
function byKey(table: Table, cells: number): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const row of table.rows) {
    let ordinal = 0;
    while (rows.has(keyOf(row, cells, ordinal))) ordinal++;
    rows.set(keyOf(row, cells, ordinal), row);
  }
  return rows;
}

/** Rows cut off at the end of a table are not known to be missing. */
function isWhole({ further }: Table): boolean {
  return further === null;
}

/**
 * Table b with the differences from table a as notes of its cells: by column label, for numbers and for texts that changed.
 * Rows that a has not are `new`; rows that only a has stand at the end as `gone`. Any two tables of the view model can be joined.
 */
export function joinTables(b: Table, a: Table): Table {
  const cells = keyCells([b, a]);
  const [rowsOfB, rowsOfA] = [byKey(b, cells), byKey(a, cells)];
  const columnInA = b.columns.map(({ label }) => a.columns.findIndex((column) => column.label === label));
  const first = (row: Row, note: string): Row => row.map((cell, index) => (index === 0 ? withNote(cell, note) : cell));
  const joined = [...rowsOfB].map(([key, row]): Row => {
    const before = rowsOfA.get(key);
    if (before === undefined) return isWhole(a) ? first(row, 'new: not in a') : row;
    return row.map((cell, index) => {
      const other = before[columnInA[index] ?? -1];
      const isPicture = cell.svg !== null || other?.svg !== null;
      return index < cells || other === undefined || isPicture ? cell : withNote(cell, differenceNote(other, cell));
    });
  });
  const gone = isWhole(b)
    ? [...rowsOfA]
        .filter(([key]) => !rowsOfB.has(key))
        .map(
          ([, row]): Row =>
            first(
              b.columns.map((column, index) => cellOf(a, row, column.label, index === 0)),
              'gone: only in a',
            ),
        )
    : [];
  const rows = [...joined, ...gone];
  return { ...b, rows, isEmpty: rows.length === 0, isLong: b.isLong || rows.length >= 8 };
}

/** A cell of a row that only a has: what it was, without links into b's page and without a verdict's colour. */
function cellOf(a: Table, row: Row, label: string, isFirst: boolean): Cell {
  const cell = row[isFirst ? 0 : a.columns.findIndex((column) => column.label === label)];
  if (cell === undefined) return textCell('–');
  return { ...cell, anchor: null, classes: cell.isNumeric ? 'num' : '', icon: null };
}
