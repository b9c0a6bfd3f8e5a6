// A path becomes the bytes of a file, unless it is no file or too large.

import { open } from 'node:fs/promises';
import { messageOf, UserError } from './errors.ts';

const MB = 1024 * 1024;

/** Reads a whole file. Throws a UserError with `where`, which names `what` was expected, for one that cannot be read or is larger. */
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
