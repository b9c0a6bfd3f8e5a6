// Parts of ConPort keys from names of a run, and numbered keys if one day has several.

import { pathName } from '../../text/path-name.ts';

/** A day in UTC from milliseconds since 1970: `20261123`. */
export function dayOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10).replaceAll('-', '');
}

/** A name as one part of a key, at most `longestBytes` long. Parts are joined with underscores, so none is added. */
export function keyPart(name: string, longestBytes = 60): string {
  return pathName(name, longestBytes);
}

/** `key`, `key_2`, `key_3`, … */
export function* keyAndNumbered(key: string): Generator<string> {
  yield key;
  for (let number = 2; ; number++) yield `${key}_${number}`;
}

/** `key_1`, `key_2`, … */
export function* numbered(key: string): Generator<string> {
  for (let number = 1; ; number++) yield `${key}_${number}`;
}
