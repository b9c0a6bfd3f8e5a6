// Texts of any script become cells and lines of a given width on a terminal, counted in its columns: a wide character takes two.

import cliTruncate from 'cli-truncate';
import widthOfAny from 'string-width';
import { oneLine } from './display-text.ts';

const PRINTABLE_ASCII = /^[ -~]*$/;

/** The rules of wide characters and of colours take 50 ms to load and apply; most texts need none of them. */
function stringWidth(text: string): number {
  return PRINTABLE_ASCII.test(text) ? text.length : widthOfAny(text);
}

/** The text in exactly `width` columns: cut with an ellipsis, or filled up with spaces at the end or the beginning. */
export function cell(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const shown = clipped(text, width);
  const spaces = ' '.repeat(Math.max(0, width - stringWidth(shown)));
  return align === 'left' ? `${shown}${spaces}` : `${spaces}${shown}`;
}

/** The text in at most `width` columns; colours in it stay. */
export function clipped(text: string, width: number): string {
  return fitted(text, width, 'end');
}

function fitted(text: string, width: number, position: 'middle' | 'end'): string {
  if (stringWidth(text) <= width) return text;
  // cli-truncate 5.2.0 leaves one column too many where a wide character stands at the cut.
  const [cut = ''] = [width, width - 1, width - 2]
    .map((limit) => cliTruncate(text, Math.max(1, limit), { position }))
    .filter((attempt) => stringWidth(attempt) <= width);
  return cut;
}

/** The text in lines of at most `width` columns, broken between words; a longer word stands in a line of its own. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && stringWidth(`${last} ${word}`) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Where a metric, a path or a list may go on in the next line. */
const BREAK_AFTER = /[_,./:=-]/;

/** The same, with longer words broken, where they can be after a sign such as `_` or `/`: nothing is cut off. The text has no colours. */
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

/** Narrower than this, wrapped text is a column of words. */
const LEAST_TEXT = 24;

/** The text after its head, its further lines below its beginning; in one line where nobody looks at a window. */
export function hanging(
  head: string,
  text: string,
  { interactive, columns }: { readonly interactive: boolean; readonly columns: number },
): string {
  if (!interactive) return `${head}${text}`;
  const indent = widest([head]);
  return `${head}${wrapped(text, Math.max(columns - indent, LEAST_TEXT)).join(`\n${' '.repeat(indent)}`)}`;
}

/** Columns that the widest of the texts takes. */
export function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, stringWidth(text)), 0);
}

/** Joiners and selectors of emoji: terminals do not agree on how wide what they join is. */
const JOINERS = /\u200c|\u200d|[\ufe00-\ufe0f]/g;

/** A name from outside in at most `width` columns, harmless on a terminal; the middle is left out, as its end often distinguishes it. */
export function shortName(name: string, width: number): string {
  return fitted(oneLine(name.replace(JOINERS, '')), width, 'middle');
}
