// Wraps text to the width of a terminal.

import { clipped, widest } from '../text/text-columns.ts';

/** The text in lines, broken anywhere; further lines keep the indentation. */
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

/** The number of leading characters that fit into `columns` columns, without splitting surrogate pairs. */
function fitting(text: string, columns: number): number {
  let length = Math.min(text.length, columns);
  while (length > 1 && widest([text.slice(0, length)]) > columns) length--;
  return /[\ud800-\udbff]$/.test(text.slice(0, length)) ? length - 1 : length;
}

/** A line of source and the line with the ^ below it, cut so that the ^ is visible. */
export function shownSource([source = '', caret = '']: readonly string[], columns: number): string[] {
  const from = Math.max(0, caret.length + 10 - columns);
  return source === '' ? [] : [source, caret].map((line) => clipped(line.slice(from), columns));
}
