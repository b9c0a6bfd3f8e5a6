// Cells, columns, facts and tables: the parts of every view model. Text from outside is made safe here with display-text.ts.

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

/** Texts of a cell without a value. Narrow screens, which show rows as cards, hide such cells. */
const EMPTY: ReadonlySet<string> = new Set(['–', '', NO_DATA]);

/** Class names of a cell: only those needed, because a page has thousands of cells. */
function classesOf(isNumeric: boolean, tone: Tone, text: string, note: string): string {
  return [
    isNumeric ? 'num' : '',
    tone === 'neutral' ? '' : `tone-${tone}`,
    EMPTY.has(text) && note === '' ? 'none' : '',
  ]
    .filter((name) => name !== '')
    .join(' ');
}

/** Nine digits are enough to sort by, and keep the page small. */
function sortText(value: Figure): string {
  return isFigure(value) ? String(Number(value.toPrecision(9))) : '';
}

interface TextOptions {
  readonly note?: string;
  readonly anchor?: string | null;
  readonly tone?: Tone;
  readonly icon?: Icon;
  /** Aligns the text like the numbers of its column. */
  readonly isNumeric?: boolean;
  /** Characters of the text; 160 by default. */
  readonly limit?: number;
}

/** A cell with text, which is made safe for display. */
export function textCell(text: string, options: TextOptions = {}): Cell {
  const { note = '', anchor = null, tone = 'neutral', icon = null, isNumeric = false, limit = 160 } = options;
  const classes = classesOf(isNumeric, tone, text, note);
  return { ...PLAIN, text: oneLine(text, limit), note: oneLine(note, 300), anchor, classes, icon, isNumeric };
}

/** A moment: `sinceStart`, the time since the start of the load, with the time of day below it. */
export function momentCell(sinceStart: string, epochMs: number): Cell {
  if (!Number.isFinite(epochMs)) return textCell(sinceStart);
  return {
    ...textCell(sinceStart, { note: clock(epochMs) }),
    clockIso: new Date(epochMs).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
}

/** A formatted number; the column is sorted by the number itself. */
export function numberCell(value: Figure, format: (value: Figure) => string, tone: Tone = 'neutral', note = ''): Cell {
  const text = format(value);
  const classes = classesOf(true, tone, text, note);
  return { ...PLAIN, text, sortsByValue: true, sort: sortText(value), isNumeric: true, classes, note };
}

/** A share from 0 to 1, shown as a percentage. */
export function shareCell(value: Figure, tone: Tone = 'neutral', note = ''): Cell {
  return { ...numberCell(value, percent, tone, note), isShare: true };
}

/** An SVG of our own, sorted by `value`; `text` is its text alternative. */
export function svgCell(svg: string, text: string, value: Figure = undefined, note = ''): Cell {
  return { ...PLAIN, text, sortsByValue: true, sort: sortText(value), classes: '', svg, note };
}

/** The cell with its text updated when a range is selected; `bound`: what TrackBook.bind() returned. */
export function following(
  cell: Cell,
  bound: Partial<Pick<Cell, 'follows' | 'noteFollows' | 'rangeFollows'>> | string,
): Cell {
  return { ...cell, ...(typeof bound === 'string' ? { follows: bound } : bound) };
}

/** A column of text. */
export function textColumn(label: string): Column {
  return { label, isNumeric: false };
}

/** A column of numbers, right-aligned. */
export function numberColumn(label: string): Column {
  return { label, isNumeric: true };
}

/** Tables with at least this many rows have a filter box. */
const LONG_TABLE = 8;

/** Thousands of rows would make the page megabytes large; result.json has more. */
const MOST_ROWS = 200;

/** The sentence on rows that are not shown; null if all are. `leftOut`: rows that result.json does not list either. */
function furtherText(rows: number, leftOut: number): string | null {
  if (rows <= MOST_ROWS && leftOut === 0) return null;
  const kept = leftOut === 0 ? 'all of them' : `${count(rows)}, archive.ndjson.gz all of them`;
  return `The first ${Math.min(rows, MOST_ROWS)} of ${count(rows + leftOut)} rows; result.json has ${kept}.`;
}

/** A table of at most 200 rows. `id` is its anchor, `emptyText` is shown without rows; `leftOut`: rows that the result does not list. */
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

/** A label and a value of at most `limit` characters, '–' if empty. `follows`: what TrackBook.bind() returned. */
export function fact(label: string, value: string, limit = 300, follows = ''): Fact {
  return { label: oneLine(label, 80), value: oneLine(value, limit) || '–', iso: null, isCode: false, follows };
}

/** A path, a command or a URL, shown in a fixed-width font. */
export function codeFact(label: string, value: string, limit = 2000): Fact {
  return { label, value: visible(value).slice(0, limit) || '–', iso: null, isCode: true, follows: '' };
}

/** A moment, given in ISO 8601 and shown in UTC. */
export function timeFact(label: string, iso: string): Fact {
  return { label, value: utc(iso), iso, isCode: false, follows: '' };
}

/** A tone with the icon and the word that stand for it. */
export function mark(tone: Tone, icon: Icon, word: string): Mark {
  return { tone, icon, word };
}
