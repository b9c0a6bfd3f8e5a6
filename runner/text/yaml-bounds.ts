// What keeps a YAML file of a few megabytes from taking minutes: the library compares every key with every other (60,000 keys take over
// 100 s), so it is read with `uniqueKeys: false`, and each alias is looked up among all anchors.

import { type Document, isScalar, type Scalar, visit } from 'yaml';

export const MOST_ALIASES = 1000;

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
