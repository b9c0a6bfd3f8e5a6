// Text from outside (names, URLs, messages) becomes text that cannot mislead a reader: no hidden direction marks, no
// control characters, no length that breaks a page. Escaping for HTML or Markdown comes after, at the template.

import { visible } from '../system/printable.ts';

export { visible };

/** One line of at most `limit` characters; the middle of a longer one is left out, as its end often distinguishes it. */
export function oneLine(text: string, limit = 160): string {
  const line = visible(text.length > limit * 4 ? cut(text, limit * 4) : text)
    .replace(/\s+/g, ' ')
    .trim();
  return cut(line, limit);
}

/** With a capital first letter and a full stop; names with digits or signs in them, such as k6 or p(95), stay so. */
export function sentence(text: string): string {
  const capital = /^(?!novaperf\b)[a-z]+(?=[\s,.:;!?]|$)/.test(text)
    ? text.charAt(0).toUpperCase() + text.slice(1)
    : text;
  return /[.!?…]$/.test(capital) || capital === '' ? capital : `${capital}.`;
}

function cut(text: string, limit: number): string {
  const characters = [...text];
  if (characters.length <= limit) return text;
  const head = Math.ceil((limit - 1) * 0.65);
  return `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (limit - 1 - head)).join('')}`;
}

/** What has no tag that names it: `systemTags` of a script may leave it out. */
export const NO_NAME = '(no name)';
