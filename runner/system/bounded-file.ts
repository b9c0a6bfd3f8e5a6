// Reads a file with a size limit.

import { open } from 'node:fs/promises';
import { messageOf, UserError } from './errors.ts';

const MB = 1024 * 1024;

/**
 * Reads a whole file. Throws a UserError that says `what` was expected and `where`, if it cannot be read, is not a
 * file, or is larger than `largestBytes`.
 */
export async function readBoundedFile(
  path: string,
  { what, largestBytes, where }: { readonly what: string; readonly largestBytes: number; readonly where: string },
): Promise<Buffer> {
  const refused = (found: string, cause?: unknown) =>
    new UserError(`Expected ${what} of at most ${largestBytes / MB} MB, found ${found}.`, { where, cause });
  const file = await open(path).catch((error: unknown) => {
    throw refused(messageOf(error), error);
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw refused('no file');
    if (stats.size > largestBytes) throw refused(`${Math.ceil(stats.size / MB)} MB`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
