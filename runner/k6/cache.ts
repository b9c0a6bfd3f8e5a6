// What k6 would be built from becomes a folder in the user's cache; at most one process at a time fills it.

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
 * Names what a build of `sourceFolder` would give: 16 hex digits over its Go sources, go.mod, go.sum, the build flags, the
 * system and the architecture. The Go version is not part of it: a cache filled where Go is (an image's build stage) must be
 * found where Go is not, and go.mod names the least Go that will do.
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

/** A build takes minutes; a lock that its holder did not renew for so long has lost it. */
const LEFT_BEHIND_MS = 20_000;

/** Runs `work` while no other process does so for the same folder; the others wait, and `onWait` is called once when they do. */
export async function withCacheFolder<T>(folder: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  await makeFolder(folder);
  const options = { waitMs: Number.POSITIVE_INFINITY, elsewhereMs: LEFT_BEHIND_MS, what: 'the cache of k6', onWait };
  return withLock(join(folder, 'lock'), work, options);
}

/** How a file or folder under work is called before it gets its final name. */
export function leftoverPrefix(): string {
  return `unfinished-${process.pid}-`;
}

/** Removes what processes that were killed left unfinished; the id in the name says whose it is. */
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
