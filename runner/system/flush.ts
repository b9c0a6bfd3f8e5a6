// Flushes files to disk. By descriptor, because FileHandle has no sync() and datasync() in the file system of yarn's
// Plug'n'Play.

import { fdatasync, fsync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';

const syncDescriptor = promisify(fsync);
const syncDataOfDescriptor = promisify(fdatasync);

/** Waits until content and size are on disk. Rejects with Node's error. */
export function flushFile({ fd }: FileHandle): Promise<void> {
  return syncDescriptor(fd);
}

/** As flushFile, but does not wait for metadata such as times. */
export function flushData({ fd }: FileHandle): Promise<void> {
  return syncDataOfDescriptor(fd);
}
