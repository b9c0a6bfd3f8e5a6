// The folder in the user's cache for one build of k6; only one process at a time writes to it.

import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { UserError } from '../system/errors.ts';
import { makeWritableFolder } from '../system/folder.ts';
import { withLock } from '../system/lock.ts';
import { isAlive } from '../system/process-identity.ts';
import { reasonOf } from '../system/refusals.ts';

/** `k6`, or `k6.exe` on Windows. */
export const K6_FILE = process.platform === 'win32' ? 'k6.exe' : 'k6';

/**
 * The cache key of a build: 16 hex digits of a hash over the Go sources, go.mod, go.sum, the build flags, the system
 * and the architecture. The Go version is excluded: a cache filled where Go is installed (a build stage of an image)
 * must be found where it is not, and go.mod sets the minimum Go version.
 */
export async function buildKey(sourceFolder: string, flags: readonly string[]): Promise<string> {
  const entries = await readdir(sourceFolder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /\.go$|^go\.(mod|sum)$/.test(entry.name) && !entry.name.endsWith('_test.go'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n${flags.join(' ')}\n`);
  for (const file of files) {
    hash.update(`${relative(sourceFolder, file).replaceAll('\\', '/')}\n`).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}

/** A lock that was not renewed for this long was left behind. Builds take minutes, and renew it. */
const LEFT_BEHIND_MS = 20_000;

/**
 * Runs `work` while no other process does so for this folder. If it has to wait, calls `onWait` once. Throws a
 * UserError if the folder cannot be written to.
 */
export async function withCacheFolder<T>(folder: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  await makeFolder(folder);
  const options = { waitMs: Number.POSITIVE_INFINITY, elsewhereMs: LEFT_BEHIND_MS, what: 'the cache of k6', onWait };
  return withLock(join(folder, 'lock'), work, options);
}

/** Prefix of unfinished files and folders, with the id of the process that writes them. */
export function leftoverPrefix(): string {
  return `unfinished-${process.pid}-`;
}

/** Removes unfinished files of processes that have died. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = /^unfinished-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await makeWritableFolder(folder);
  } catch (error) {
    throw new UserError(`Expected a cache folder that can be written to, found ${folder}: ${reasonOf(error)}`, {
      where: folder,
      next: 'set NOVAPERF_CACHE to another folder',
      cause: error,
    });
  }
}
