// Makes text from a run (tags, URLs, messages) safe to store for any YAML reader and any ConPort server.

/**
 * Limit of a text in a record, UTF-16 units: enough for a stack trace, small enough for a server that answers on one
 * line.
 */
export const LONGEST_TEXT = 20_000;

/** Replaces lone surrogates with U+FFFD, as String.prototype.toWellFormed does. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** Well-formed Unicode of at most `longest` UTF-16 units; a longer text ends with how much was cut. */
export function recordText(text: string, longest = LONGEST_TEXT): string {
  if (text.length <= longest) return wellFormed(text);
  const leftOut = ` … (${text.length - longest} more characters left out)`;
  // Last, because the cut may have split a surrogate pair.
  return wellFormed(`${text.slice(0, longest)}${leftOut}`);
}

/** The same on one line: white space and control characters become single spaces. */
export function recordLine(text: string, longest = 300): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is to go.
  return recordText(text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim(), longest);
}

/** Applies recordText to every string and key of a JSON value; values that JSON cannot represent become null. */
export function recordValue(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return recordText(value);
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'boolean':
      return value;
    case 'object':
      if (value === null) return null;
      if (Array.isArray(value)) return value.map(recordValue);
      return Object.fromEntries(
        Object.entries(value).flatMap(([key, below]) =>
          below === undefined ? [] : [[recordText(key, 500), recordValue(below)]],
        ),
      );
    default:
      return null;
  }
}
