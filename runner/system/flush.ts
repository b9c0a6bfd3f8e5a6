// What was written reaches the disk. The file system that yarn's Plug'n'Play uses instead of Node's has no sync() and datasync() of
// a FileHandle; the calls by descriptor are Node's own there.

import { fdatasync, fsync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';

const syncDescriptor = promisify(fsync);
const syncDataOfDescriptor = promisify(fdatasync);

/** Waits until content and size of the file are on the disk. Rejects with Node's error. */
export function flushFile({ fd }: FileHandle): Promise<void> {
  return syncDescriptor(fd);
}

/** As flushFile, without waiting for times and the like. */
export function flushData({ fd }: FileHandle): Promise<void> {
  return syncDataOfDescriptor(fd);
}
