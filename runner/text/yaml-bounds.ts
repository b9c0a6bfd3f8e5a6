// What keeps a YAML file of a few megabytes from taking minutes: the library compares every key with every other (60,000 keys take over
// 100 s), so it is read with `uniqueKeys: false`, and each alias is looked up among all anchors.

import { type Document, isScalar, Lexer, Parser, type Scalar, visit } from 'yaml';

export const MOST_ALIASES = 1000;
export const MOST_YAML_LEVELS = 200;

/**
 * Whether the text nests deeper than `MOST_YAML_LEVELS`; asked before it is read. The library descends into each level: with a thousand of
 * them the stack ends, and where V8 compiles a regular expression at that moment the process dies without a word.
 */
export function isTooDeep(text: string): boolean {
  if (!mayBeDeep(text)) return false;
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    // What it yields is drained; its stack holds the levels that are open.
    Array.from(parser.next(lexeme));
    if (parser.stack.length > MOST_YAML_LEVELS) return true;
  }
  return false;
}

/** Each level takes a bracket, or a column at the beginning of a line; the files of people have neither so often. */
function mayBeDeep(text: string): boolean {
  return (text.match(/[[{]/g)?.length ?? 0) > MOST_YAML_LEVELS || /^[ \t?:-]{200}/m.test(text);
}

/** The first key that its map has already; undefined where each is there once. */
export function keyTwice(document: Document): Scalar | undefined {
  let found: Scalar | undefined;
  visit(document, {
    Map(_, { items }) {
      const known = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key) || key.value === '<<' || typeof key.value === 'symbol') continue;
        if (known.has(key.value)) {
          found = key;
          return visit.BREAK;
        }
        known.add(key.value);
      }
      return undefined;
    },
  });
  return found;
}

export function aliasesIn(document: Document): number {
  let count = 0;
  visit(document, {
    Alias() {
      count++;
    },
  });
  return count;
}
