// Limits that keep a YAML file of a few megabytes from taking minutes. The library compares each key with every other
// (60,000 keys take over 100 s), so files are parsed with `uniqueKeys: false`, and it looks up each alias among all
// anchors.

import { type Document, isScalar, Lexer, Parser, type Scalar, visit } from 'yaml';

export const MOST_ALIASES = 1000;
export const MOST_YAML_LEVELS = 200;

/**
 * True if the text nests deeper than MOST_YAML_LEVELS; call it before parsing. The library recurses into each level: a
 * thousand levels overflow the stack, and if V8 is compiling a regular expression at that moment, the process dies
 * without a message.
 */
export function isTooDeep(text: string): boolean {
  if (!mayBeDeep(text)) return false;
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    // The parser's results are dropped; its stack holds the open levels.
    Array.from(parser.next(lexeme));
    if (parser.stack.length > MOST_YAML_LEVELS) return true;
  }
  return false;
}

/** Each level needs a bracket, or a column at the start of a line; ordinary files have fewer of both. */
function mayBeDeep(text: string): boolean {
  return (text.match(/[[{]/g)?.length ?? 0) > MOST_YAML_LEVELS || /^[ \t?:-]{200}/m.test(text);
}

/** The first key that its map already has; undefined if all keys are unique. */
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

/** Number of aliases in the document. */
export function aliasesIn(document: Document): number {
  let count = 0;
  visit(document, {
    Alias() {
      count++;
    },
  });
  return count;
}
