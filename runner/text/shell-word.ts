// A text becomes a word that a POSIX shell takes as it is.

const PLAIN = /^[A-Za-z0-9_./:@%+=,-]+$/;

/**
 * The text as one word of a shell, whatever it holds: in single quotes where it needs any. shell-quote's quote() puts a backslash
 * before every `:`, `?` and `&`, which makes a URL unreadable for the people who get these lines.
 */
export function shellWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
