// Writes texts from outside into TypeScript source, so that they cannot become code.

/** The text as a string literal in single quotes. */
export function typescriptString(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"').replace(/'/g, "\\'");
  return `'${escapedLineBreaks(inner)}'`;
}

/** A template literal from texts and expressions; a string literal if there are no expressions. */
export function typescriptText(parts: readonly (string | { readonly expression: string })[]): string {
  const [only] = parts;
  if (parts.length === 0) return "''";
  if (parts.length === 1) return typeof only === 'string' ? typescriptString(only) : `${only?.expression}`;
  if (parts.every((part) => typeof part === 'string')) return typescriptString(parts.join(''));
  const inner = parts.map((part) =>
    typeof part === 'string'
      ? escapedLineBreaks(
          JSON.stringify(part)
            .slice(1, -1)
            .replace(/\\"/g, '"')
            .replace(/`|\$\{/g, '\\$&'),
        )
      : `\${${part.expression}}`,
  );
  return `\`${inner.join('')}\``;
}

/** The text for use in a comment: one line, without the end of a comment. */
export function commentText(text: string, limit = 200): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/\*\//g, '* /')
    .slice(0, limit)
    .trim();
}

const RESERVED = new Set(
  `break case catch class const continue debugger default delete do else enum export extends false finally for function if import in
  instanceof new null return super switch this throw true try typeof var void while with yield let static await async arguments eval
  options setup teardown handleSummary undefined sleep group http check baseUrl defineScenario htmlAttribute jsonText session data body response`.split(
    /\s+/,
  ),
);

/** The last number used per identifier, because a recording may have thousands with the same words. */
const numbered = new WeakMap<Set<string>, Map<string, number>>();

/** `Log in / POST` → `logInPost`: an identifier that is not in `taken`, to which it is added. */
export function identifier(text: string, taken: Set<string>, fallback = 'step'): string {
  const words = text.normalize('NFKD').match(/[A-Za-z0-9]+/g) ?? [];
  const joined = words
    .slice(0, 6)
    .map((word, index) => (index === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + word.slice(1))
    .join('')
    .slice(0, 50);
  const base = joined === '' ? fallback : /^\d/.test(joined) ? `${fallback}${joined}` : joined;
  const numbers = numbered.get(taken) ?? new Map<string, number>();
  numbered.set(taken, numbers);
  for (let number = numbers.get(base) ?? 1; ; number++) {
    const name = number === 1 ? base : `${base}${number}`;
    if (taken.has(name) || RESERVED.has(name)) continue;
    taken.add(name);
    numbers.set(base, number + 1);
    return name;
  }
}

function escapedLineBreaks(text: string): string {
  return text.replace(/\u2028/g, '\\u2028').replace(/\u2029/g, '\\u2029');
}
