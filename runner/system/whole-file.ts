// Writes files atomically: the file is complete or unchanged. A link is replaced, not followed.

import { randomBytes } from 'node:crypto';
import { chmod, lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { flushFile } from './flush.ts';

/**
 * Writes a temporary file next to `path` and renames it. Rejects with Node's error. Not with write-file-atomic, which
 * calls write once and ignores a short write on a nearly full disk: a cut report would look complete.
 */
export async function writeWholeFile(path: string, content: string | Uint8Array): Promise<void> {
  const draft = join(
    dirname(path),
    `.${basename(path).slice(0, 80)}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`,
  );
  try {
    const file = await open(draft, 'wx');
    try {
      // Writes until everything is written, or fails.
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
