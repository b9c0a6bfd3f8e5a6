// The bytes of a data file become its text, whatever program wrote it.

import { readBoundedFile } from '../system/bounded-file.ts';
import { nearPath } from '../system/near-path.ts';

/** Every VU's script carries the rows; k6 streams what is larger with k6/experimental/fs. */
const LARGEST_BYTES = 64 * 1024 * 1024;

/** The text without a byte order mark. Throws a UserError for a file that cannot be read or is larger than 64 MB. */
export async function readDataText(path: string): Promise<string> {
  return decoded(
    await readBoundedFile(path, { what: 'a data file', largestBytes: LARGEST_BYTES, where: nearPath(path) }),
  );
}

/** By its byte order mark; else UTF-8 where it is that, else Windows-1252, in which every byte is a character. */
export function decoded(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  // Excel's "Unicode text" has the mark; a first character without its high byte shows the same.
  if (bytes.length > 1 && bytes[1] === 0) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes.length > 1 && bytes[0] === 0) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
