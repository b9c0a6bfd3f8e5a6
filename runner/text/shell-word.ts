// Quotes text for a POSIX shell.

const PLAIN = /^[A-Za-z0-9_./:@%+=,-]+$/;

/**
 * The text as one shell word, in single quotes if needed. Not with shell-quote's quote(), which escapes every `:`, `?`
 * and `&` and makes URLs unreadable.
 */
export function shellWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
