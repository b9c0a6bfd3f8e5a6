// The small parts that view models are put together from: cells, columns, facts, tables. Everything from outside passes
// through display-text.ts here.

import { oneLine, visible } from '../../text/display-text.ts';
import { clock, count, type Figure, isFigure, NO_DATA, percent, utc } from '../../text/format.ts';
import type { Cell, Column, Fact, Icon, Mark, Table, Tone } from './model.ts';

const PLAIN = {
  sortsByValue: false,
  sort: '',
  isNumeric: false,
  isShare: false,
  icon: null,
  note: '',
  anchor: null,
  svg: null,
  clockIso: null,
  follows: '',
  noteFollows: '',
  rangeFollows: '',
} as const;

/** What stands in a cell without a value. A card of a narrow screen leaves the cell out. */
const EMPTY: ReadonlySet<string> = new Set(['–', '', NO_DATA]);

/** Class names of a cell, few, as there are thousands of cells. */
function classesOf(isNumeric: boolean, tone: Tone, text: string, note: string): string {
  return [
    isNumeric ? 'num' : '',
    tone === 'neutral' ? '' : `tone-${tone}`,
    EMPTY.has(text) && note === '' ? 'none' : '',
  ]
    .filter((name) => name !== '')
    .join(' ');
}

/** To nine digits: more would not change an order that anybody sees. */
function sortText(value: Figure): string {
  return isFigure(value) ? String(Number(value.toPrecision(9))) : '';
}

interface TextOptions {
  readonly note?: string;
  readonly anchor?: string | null;
  readonly tone?: Tone;
  readonly icon?: Icon;
  /** Stands under a numeric column, though it is text. */
  readonly isNumeric?: boolean;
  /** Characters of the text; 160 by default. */
  readonly limit?: number;
}

/** Text from outside, or of our own. */
export function textCell(text: string, options: TextOptions = {}): Cell {
  const { note = '', anchor = null, tone = 'neutral', icon = null, isNumeric = false, limit = 160 } = options;
  const classes = classesOf(isNumeric, tone, text, note);
  return { ...PLAIN, text: oneLine(text, limit), note: oneLine(note, 300), anchor, classes, icon, isNumeric };
}

/** Time since the start of load, with the clock below it. */
export function momentCell(sinceStart: string, epochMs: number): Cell {
  if (!Number.isFinite(epochMs)) return textCell(sinceStart);
  return {
    ...textCell(sinceStart, { note: clock(epochMs) }),
    clockIso: new Date(epochMs).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
}

/** A formatted number with the number itself to sort by. */
export function numberCell(value: Figure, format: (value: Figure) => string, tone: Tone = 'neutral', note = ''): Cell {
  const text = format(value);
  const classes = classesOf(true, tone, text, note);
  return { ...PLAIN, text, sortsByValue: true, sort: sortText(value), isNumeric: true, classes, note };
}

/** A share from 0 to 1, written in percent. */
export function shareCell(value: Figure, tone: Tone = 'neutral', note = ''): Cell {
  return { ...numberCell(value, percent, tone, note), isShare: true };
}

/** A picture made by us, sorted by `value`; `text` says the same for those who do not see it. */
export function svgCell(svg: string, text: string, value: Figure = undefined, note = ''): Cell {
  return { ...PLAIN, text, sortsByValue: true, sort: sortText(value), classes: '', svg, note };
}

/** The cell, bound to what TrackBook.bind() gave. */
export function following(
  cell: Cell,
  bound: Partial<Pick<Cell, 'follows' | 'noteFollows' | 'rangeFollows'>> | string,
): Cell {
  return { ...cell, ...(typeof bound === 'string' ? { follows: bound } : bound) };
}

export function textColumn(label: string): Column {
  return { label, isNumeric: false };
}

export function numberColumn(label: string): Column {
  return { label, isNumeric: true };
}

/** From this many rows on, a filter box stands above a table. */
const LONG_TABLE = 8;

/** A page of thousands of rows helps nobody and weighs megabytes; result.json has more. */
const MOST_ROWS = 200;

/** What a table does not show; `leftOut`: rows that result.json does not list either. */
function furtherText(rows: number, leftOut: number): string | null {
  if (rows <= MOST_ROWS && leftOut === 0) return null;
  const kept = leftOut === 0 ? 'them all' : `${count(rows)}, the archive all`;
  return `The first ${Math.min(rows, MOST_ROWS)} of ${count(rows + leftOut)}; result.json has ${kept}.`;
}

/** `leftOut`: rows beyond those that the result lists. */
export function table(
  id: string,
  caption: string,
  columns: readonly Column[],
  rows: ReadonlyArray<readonly Cell[]>,
  emptyText: string,
  leftOut = 0,
): Table {
  return {
    id,
    caption,
    columns,
    rows: rows.slice(0, MOST_ROWS),
    further: furtherText(rows.length, leftOut),
    isSortable: true,
    isLong: rows.length >= LONG_TABLE,
    isEmpty: rows.length === 0,
    emptyText,
  };
}

/** `follows` is what TrackBook.bind() gave. */
export function fact(label: string, value: string, limit = 300, follows = ''): Fact {
  return { label: oneLine(label, 80), value: oneLine(value, limit) || '–', iso: null, isCode: false, follows };
}

/** A path, a command or a URL. */
export function codeFact(label: string, value: string, limit = 2000): Fact {
  return { label, value: visible(value).slice(0, limit) || '–', iso: null, isCode: true, follows: '' };
}

export function timeFact(label: string, iso: string): Fact {
  return { label, value: utc(iso), iso, isCode: false, follows: '' };
}

export function mark(tone: Tone, icon: Icon, word: string): Mark {
  return { tone, icon, word };
}
