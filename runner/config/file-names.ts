// Safe file names of ConPort categories and keys, and the names of files if they contain them.

import { createHash } from 'node:crypto';
import { pathName } from '../text/path-name.ts';
import { wellFormed } from '../text/record-text.ts';

/** Names that Windows reserves for devices, with any extension. */
const DEVICES = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
const PLAIN = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_. ()+@-]*$/u;
const LONGEST_BYTES = 150;
const HASHED = /~[0-9a-f]{12}$/;

function isPlain(name: string): boolean {
  if (!PLAIN.test(name) || DEVICES.test(name) || /[. ]$/.test(name) || HASHED.test(name)) return false;
  return name === name.normalize('NFC') && Buffer.byteLength(name) <= LONGEST_BYTES;
}

/**
 * The file name (without extension) of a category or a key: itself if every file system allows it, else its letters and
 * digits with a hash of the whole, so that two keys never share a file. Never empty, never with a slash, never `..`.
 */
export function fileNameOf(name: string): string {
  if (isPlain(name)) return name;
  const hash = createHash('sha256').update(wellFormed(name)).digest('hex').slice(0, 12);
  return `${pathName(name, 60)}~${hash}`;
}

/** The category or key of a file name; undefined if only the file itself has it. */
export function nameOfFile(fileName: string): string | undefined {
  return HASHED.test(fileName) ? undefined : fileName.normalize('NFC');
}
