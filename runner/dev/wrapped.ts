// Text of any length becomes lines of a terminal's width.

import { clipped, widest } from '../text/text-columns.ts';

/** The text on as many lines as it needs, broken anywhere; further lines keep the indent. */
export function wrapped(text: string, columns: number): string[] {
  const indent = /^ */.exec(text)?.[0] ?? '';
  const lines: string[] = [];
  let rest = text;
  while (rest.trim() !== '') {
    const length = fitting(rest, columns);
    lines.push(rest.slice(0, length));
    rest = length < rest.length ? `${indent}${rest.slice(length)}` : '';
  }
  return lines;
}

/** How many characters from the beginning take at most `columns` columns; no pair of surrogates is parted. */
function fitting(text: string, columns: number): number {
  let length = Math.min(text.length, columns);
  while (length > 1 && widest([text.slice(0, length)]) > columns) length--;
  return /[\ud800-\udbff]$/.test(text.slice(0, length)) ? length - 1 : length;
}

/** A line of source and the line with the ^ below it, cut so that the ^ is to be seen. */
export function shownSource([source = '', caret = '']: readonly string[], columns: number): string[] {
  const from = Math.max(0, caret.length + 10 - columns);
  return source === '' ? [] : [source, caret].map((line) => clipped(line.slice(from), columns));
}
