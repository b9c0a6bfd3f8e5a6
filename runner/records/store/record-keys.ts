// Names from a run become parts of ConPort keys, and keys become numbered where one day has several.

import { pathName } from '../../text/path-name.ts';

/** `20261123`, in UTC. */
export function dayOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10).replaceAll('-', '');
}

/** A name as one part of a key: parts are joined with underscores, so it has none but those it came with. */
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
