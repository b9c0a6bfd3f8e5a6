// Makes text from outside (file names, tags, messages, log lines) safe to print: it must not control a terminal or
// mislead a reader.

/**
 * Control characters, direction overrides and isolates, zero-width and other invisible characters, separators, tags.
 */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

const LONE_SURROGATE = /\p{Surrogate}/gu;

function named(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

/** Writes invisible and direction-changing characters as ⟨U+202E⟩; tabs and newlines are kept. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, named).replace(LONE_SURROGATE, named);
}

/** The styles of Terminal.style() and their end sequences. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const OWN_STYLE = /(\u001b\[(?:1|2|22|3[1236]|39)m)/;

/** The same for text with the terminal's own styles, which are kept; any other escape sequence is escaped. */
export function visibleStyled(text: string): string {
  return text
    .split(OWN_STYLE)
    .map((part, index) => (index % 2 === 1 ? part : visible(part)))
    .join('');
}

/** Escapes invisible characters in JSON as \uXXXX: the same document, safe to print. */
export function visibleJson(json: string): string {
  return json.replace(INVISIBLE, (character) =>
    [...Array(character.length).keys()]
      .map((unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
