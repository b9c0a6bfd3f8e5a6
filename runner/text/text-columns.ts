// Formats text for terminal columns in any script; a wide character takes two columns.

import cliTruncate from 'cli-truncate';
import widthOfAny from 'string-width';
import { oneLine } from './display-text.ts';

const PRINTABLE_ASCII = /^[ -~]*$/;

/** Loading and applying the rules for wide characters and colours takes 50 ms; most texts do not need them. */
function stringWidth(text: string): number {
  return PRINTABLE_ASCII.test(text) ? text.length : widthOfAny(text);
}

/** The text in exactly `width` columns: cut with an ellipsis, or padded with spaces at the end or the start. */
export function cell(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const shown = clipped(text, width);
  const spaces = ' '.repeat(Math.max(0, width - stringWidth(shown)));
  return align === 'left' ? `${shown}${spaces}` : `${spaces}${shown}`;
}

/** The text in at most `width` columns; colours are kept. */
export function clipped(text: string, width: number): string {
  return fitted(text, width, 'end');
}

function fitted(text: string, width: number, position: 'middle' | 'end'): string {
  if (stringWidth(text) <= width) return text;
  // cli-truncate 5.2.0 keeps one column too many if a wide character is at the cut.
  const [cut = ''] = [width, width - 1, width - 2]
    .map((limit) => cliTruncate(text, Math.max(1, limit), { position }))
    .filter((attempt) => stringWidth(attempt) <= width);
  return cut;
}

/** Wraps the text between words into lines of at most `width` columns; a longer word gets its own line. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && stringWidth(`${last} ${word}`) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Characters after which a metric, a path or a list may be broken. */
const BREAK_AFTER = /[_,./:=-]/;

/**
 * Wraps like wrapped(), but also breaks longer words, if possible after a sign such as `_` or `/`. Nothing is cut off.
 * The text must have no colours.
 */
export function folded(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) =>
    wrapped(line, width).flatMap((part) => {
      const pieces: string[] = [];
      let rest = part;
      while (stringWidth(rest) > width && rest !== '') {
        const characters = [...rest];
        let end = 1;
        while (end < characters.length && stringWidth(characters.slice(0, end + 1).join('')) <= width) end++;
        const sign = characters.slice(0, end).findLastIndex((character) => BREAK_AFTER.test(character)) + 1;
        const at = sign * 3 >= end ? sign : end;
        pieces.push(characters.slice(0, at).join(''));
        rest = characters.slice(at).join('');
      }
      return rest === '' ? pieces : [...pieces, rest];
    }),
  );
}

/** If there is less room than this, text is wrapped at this width anyway. */
const LEAST_TEXT = 24;

/**
 * The text after a head, with further lines indented to the head's width; on one line if the output is not interactive.
 */
export function hanging(
  head: string,
  text: string,
  { interactive, columns }: { readonly interactive: boolean; readonly columns: number },
): string {
  if (!interactive) return `${head}${text}`;
  const indent = widest([head]);
  return `${head}${wrapped(text, Math.max(columns - indent, LEAST_TEXT)).join(`\n${' '.repeat(indent)}`)}`;
}

/** Width of the widest text, columns. */
export function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, stringWidth(text)), 0);
}

/** Joiners and variation selectors of emoji: terminals disagree about the width of the result. */
const JOINERS = /\u200c|\u200d|[\ufe00-\ufe0f]/g;

/**
 * A name from outside in at most `width` columns, safe for a terminal. The middle is cut, because the end often
 * distinguishes it.
 */
export function shortName(name: string, width: number): string {
  return fitted(oneLine(name.replace(JOINERS, '')), width, 'middle');
}
