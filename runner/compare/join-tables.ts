// The same table of run a and run b → one table: the rows of b with the differences from a, then the rows that only a has.

import { textCell } from '../report/view/cells.ts';
import type { Cell, Table } from '../report/view/model.ts';
import { signedPercent, signedPoints } from '../text/format.ts';

function numberIn({ sortsByValue, sort, isNumeric }: Cell): number | undefined {
  return sortsByValue && isNumeric && sort !== '' ? Number(sort) : undefined;
}

/** `+12 % from 25 ms`, `+0.3 points from 0.2 %`, `was 0`; '' if both texts are equal. Shares differ in points. */
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

/** How many of the first cells identify a row in both tables; if no number of cells does, all cells before the first number. */
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

/** Rows by their key. Rows with the same cells are numbered in their order. */
function byKey(table: Table, cells: number): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const row of table.rows) {
    let ordinal = 0;
    while (rows.has(keyOf(row, cells, ordinal))) ordinal++;
    rows.set(keyOf(row, cells, ordinal), row);
  }
  return rows;
}

/** False if the table is shortened: a row that it does not show is not necessarily new or gone. */
function isWhole({ further }: Table): boolean {
  return further === null;
}

/**
 * Table b with the differences from table a as notes of its cells, for columns with the same label. Rows that only b has are marked
 * `new`; rows that only a has are added at the end, marked `gone`. Works for any two tables of the view model.
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

/** A cell of a row that only a has, without a link, because its target is not on the page of b, and without a colour. */
function cellOf(a: Table, row: Row, label: string, isFirst: boolean): Cell {
  const cell = row[isFirst ? 0 : a.columns.findIndex((column) => column.label === label)];
  if (cell === undefined) return textCell('–');
  return { ...cell, anchor: null, classes: cell.isNumeric ? 'num' : '', icon: null };
}
