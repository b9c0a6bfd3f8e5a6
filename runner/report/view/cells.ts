// The small parts that view models are put together from: cells, columns, facts, tables. Everything from outside passes
// through display-text.ts here.

import { oneLine, visible } from '../display-text.ts';
import { type Figure, isFigure, utc } from '../format.ts';
import type { Cell, Column, Fact, Icon, Mark, Table, Tone } from './model.ts';

const PLAIN = { tone: 'neutral', icon: null, note: '', anchor: null, svg: null } as const;

/** Text from outside, or of our own. */
export function textCell(text: string, more: Partial<Pick<Cell, 'note' | 'anchor' | 'tone' | 'icon'>> = {}): Cell {
  return { ...PLAIN, text: oneLine(text), sortsByValue: false, sort: '', isNumeric: false, ...more };
}

/** A formatted number with the number itself to sort by. */
export function numberCell(value: Figure, format: (value: Figure) => string, tone: Tone = 'neutral', note = ''): Cell {
  return {
    ...PLAIN,
    text: format(value),
    sortsByValue: true,
    sort: isFigure(value) ? String(value) : '',
    isNumeric: true,
    tone,
    note,
  };
}

/** A picture made by us, sorted by `value`; `text` says the same for those who do not see it. */
export function svgCell(svg: string, text: string, value: Figure = undefined, note = ''): Cell {
  const sort = isFigure(value) ? String(value) : '';
  return { ...PLAIN, text, sortsByValue: true, sort, isNumeric: false, svg, note };
}

export function textColumn(label: string): Column {
  return { label, isNumeric: false };
}

export function numberColumn(label: string): Column {
  return { label, isNumeric: true };
}

/** From this many rows on, a filter box stands above a table. */
const LONG_TABLE = 8;

export function table(
  id: string,
  caption: string,
  columns: readonly Column[],
  rows: ReadonlyArray<readonly Cell[]>,
  emptyText: string,
): Table {
  return {
    id,
    caption,
    columns,
    rows,
    isSortable: true,
    isLong: rows.length >= LONG_TABLE,
    isEmpty: rows.length === 0,
    emptyText,
  };
}

export function fact(label: string, value: string, limit = 300): Fact {
  return { label, value: oneLine(value, limit) || '–', iso: null, isCode: false };
}

/** A path, a command or a URL. */
export function codeFact(label: string, value: string, limit = 2000): Fact {
  return { label, value: visible(value).slice(0, limit) || '–', iso: null, isCode: true };
}

export function timeFact(label: string, iso: string): Fact {
  return { label, value: utc(iso), iso, isCode: false };
}

export function mark(tone: Tone, icon: Icon, word: string): Mark {
  return { tone, icon, word };
}
