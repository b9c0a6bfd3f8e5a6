// Makes text from outside (names, URLs, messages) safe to display: no hidden direction marks, no control characters,
// limited length. Templates then escape it for HTML or Markdown.

import { visible } from '../system/printable.ts';

export { visible };

/**
 * One line of at most `limit` characters. The middle of a longer text is cut, because the end often distinguishes it.
 */
export function oneLine(text: string, limit = 160): string {
  const line = visible(text.length > limit * 4 ? cut(text, limit * 4) : text)
    .replace(/\s+/g, ' ')
    .trim();
  return cut(line, limit);
}

/** Adds a capital first letter and a full stop; words with digits or signs, such as k6 or p(95), keep their case. */
export function sentence(text: string): string {
  const capital = /^(?!novaperf\b)[a-z]+(?=[\s,.:;!?]|$)/.test(text)
    ? text.charAt(0).toUpperCase() + text.slice(1)
    : text;
  return /[.!?…]$/.test(capital) || capital === '' ? capital : `${capital}.`;
}

function cut(text: string, limit: number): string {
  // A character is at most two units of a string, so texts without room for doubt need not be divided as a whole.
  if (text.length <= limit || (text.length <= limit * 2 && [...text].length <= limit)) return text;
  const head = Math.ceil((limit - 1) * 0.65);
  const tail = limit - 1 - head;
  return `${[...text.slice(0, head * 2)].slice(0, head).join('')}…${tail === 0 ? '' : [...text.slice(-tail * 2)].slice(-tail).join('')}`;
}

/** Shown if the tag with the name is missing: `systemTags` of a script may turn it off. */
export const NO_NAME = '(no name)';
