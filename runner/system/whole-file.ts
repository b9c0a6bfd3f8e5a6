// A file appears under its name whole, or not at all; what was there before stays until then. A link is replaced, not followed.

import { randomBytes } from 'node:crypto';
import { chmod, lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { flushFile } from './flush.ts';

/**
 * Writes next to the file and renames. write-file-atomic writes once and takes a short write, which a disk that fills up gives, for
 * the whole: a report would be cut and named as if it were not. Rejects with Node's error.
 */
export async function writeWholeFile(path: string, content: string | Uint8Array): Promise<void> {
  const draft = join(
    dirname(path),
    `.${basename(path).slice(0, 80)}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`,
  );
  try {
    const file = await open(draft, 'wx');
    try {
      // Writes until all is written, or fails.
      await file.writeFile(content);
      await flushFile(file);
    } finally {
      await file.close();
    }
    const before = await lstat(path).catch(() => undefined);
    if (before?.isFile() === true) await chmod(draft, before.mode).catch(() => undefined);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}
