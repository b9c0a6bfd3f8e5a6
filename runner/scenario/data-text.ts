// Decodes the text of a data file.

import { readBoundedFile } from '../system/bounded-file.ts';
import { nearPath } from '../system/near-path.ts';

/** Every VU's script contains the rows; for larger files there is k6/experimental/fs. */
const LARGEST_BYTES = 64 * 1024 * 1024;

/** The text without a byte order mark. Throws a UserError for a file that cannot be read or is larger than 64 MB. */
export async function readDataText(path: string): Promise<string> {
  return decoded(
    await readBoundedFile(path, { what: 'a data file', largestBytes: LARGEST_BYTES, where: nearPath(path) }),
  );
}

/** Text by its byte order mark; else UTF-8 if valid, else Windows-1252, in which every byte is a character. */
export function decoded(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  // UTF-16 without a mark is recognised by a first character without a high byte.
  if (bytes.length > 1 && bytes[1] === 0) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes.length > 1 && bytes[0] === 0) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
