// The bytes of a data file become its text, whatever program wrote it.

import { open } from 'node:fs/promises';
import { messageOf, UserError } from '../system/errors.ts';
import { nearPath } from '../system/near-path.ts';

/** Every VU's script carries the rows; k6 streams what is larger with k6/experimental/fs. */
const LARGEST_BYTES = 64 * 1024 * 1024;

/** The text without a byte order mark. Throws a UserError for a file that cannot be read or is larger than 64 MB. */
export async function readDataText(path: string): Promise<string> {
  return decoded(await readBounded(path));
}

async function readBounded(path: string): Promise<Uint8Array> {
  const refused = (found: string, cause?: unknown) =>
    new UserError(`Expected a data file of at most 64 MB, found ${found}.`, { where: nearPath(path), cause });
  const file = await open(path).catch((error: unknown) => {
    throw refused(messageOf(error), error);
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw refused('no file');
    if (stats.size > LARGEST_BYTES) throw refused(`${Math.ceil(stats.size / 1024 / 1024)} MB`);
    return await file.readFile();
  } finally {
    await file.close();
  }
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
