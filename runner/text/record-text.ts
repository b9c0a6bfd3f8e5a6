// Text that came from a run (tags, URLs, messages) becomes text that any YAML reader and any ConPort server can store.

/** Longest text in a record, in UTF-16 units: enough for a stack trace, small enough for a server that answers on one line. */
export const LONGEST_TEXT = 20_000;

/** A half of a surrogate pair is no character: it becomes U+FFFD, as String.prototype.toWellFormed does it. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** Well-formed Unicode of at most `longest` units; a longer text says how much was left out. */
export function recordText(text: string, longest = LONGEST_TEXT): string {
  if (text.length <= longest) return wellFormed(text);
  const leftOut = ` … (${text.length - longest} more characters left out)`;
  // After the cut, which may have parted a surrogate pair.
  return wellFormed(`${text.slice(0, longest)}${leftOut}`);
}

/** The same on one line: whitespace and control characters become single spaces. */
export function recordLine(text: string, longest = 300): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is to go.
  return recordText(text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim(), longest);
}

/** A value of JSON's kinds with every text in it, keys too, as recordText makes it; what JSON cannot say becomes null. */
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
