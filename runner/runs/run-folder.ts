// The folder of one run: its name, and files that appear under their final names only when whole.

import { randomUUID } from 'node:crypto';
import { link, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, UserError } from '../system/errors.ts';
import { makeFolder, makeWritableFolder } from '../system/folder.ts';
import { reasonOf } from '../system/refusals.ts';
import { writeWholeFile } from '../system/whole-file.ts';
import { pathName } from '../text/path-name.ts';

/** `20261123T143304Z`: sorts by time, legal on every file system. */
export function stamp(epochMs: number): string {
  return new Date(epochMs)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:]/g, '');
}

/** Makes the folder of all runs, with its parents. A UserError when it cannot be made or written to: ask before any load. */
export async function makeOutFolder(out: string): Promise<void> {
  try {
    await makeWritableFolder(out);
  } catch (error) {
    throw new UserError(`--out: expected a folder that can be written to, found: ${reasonOf(error)}`, {
      where: out,
      next: 'use another folder with --out',
      cause: error,
    });
  }
}

/**
 * Makes `<out>/<Scenario>_<stamp>/`, with `_2`, `_3`, … behind it when two runs begin in the same second. Returns the
 * folder's absolute path and its name. A UserError when the folder cannot be made.
 */
export async function createRunFolder(
  out: string,
  scenario: string,
  startedAtMs: number,
): Promise<{ path: string; run: string }> {
  const base = `${pathName(scenario)}_${stamp(startedAtMs)}`;
  try {
    await makeFolder(out);
    for (let attempt = 1; ; attempt++) {
      const run = attempt === 1 ? base : `${base}_${attempt}`;
      try {
        // Not recursive: an existing folder is an error, which makes the name ours alone.
        await mkdir(join(out, run));
        return { path: join(out, run), run };
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
    }
  } catch (error) {
    throw new UserError(`Expected to create the folder of the run, found: ${reasonOf(error)}`, {
      where: join(out, base),
      next: 'use another folder with --out',
      cause: error,
    });
  }
}

/**
 * Writes a whole file under a name that no other cycle has: `_2`, `_3`, … before the extension when two end up with the same one.
 * Returns its path. A UserError when it cannot be written.
 */
export async function writeNewFile(folder: string, base: string, extension: string, text: string): Promise<string> {
  const partial = `.${base}.${randomUUID()}`;
  await writeFiles(folder, new Map([[partial, text]]));
  try {
    for (let attempt = 1; ; attempt++) {
      const path = join(folder, `${base}${attempt === 1 ? '' : `_${attempt}`}${extension}`);
      try {
        // Unlike a rename, a link never takes the place of another file.
        await link(join(folder, partial), path);
        return path;
      } catch (error) {
        const code = errorCode(error);
        if (code === 'EEXIST') continue;
        // A file system without links.
        await rename(join(folder, partial), path);
        return path;
      }
    }
  } finally {
    await rm(join(folder, partial), { force: true });
  }
}

/**
 * Writes every file of `files` (name → content) into `folder`, each whole or not at all, all at the same time: most of it is waiting
 * for the disk. A UserError for the first that cannot be written, once the others are.
 */
export async function writeFiles(folder: string, files: ReadonlyMap<string, string | Uint8Array>): Promise<void> {
  const writing = [...files].map(([name, content]) =>
    writeWholeFile(join(folder, name), content).catch((error: unknown) => {
      throw new UserError(`Expected to write ${name}, found: ${reasonOf(error)}`, {
        where: folder,
        next: 'free disk space; then novaperf report <run folder> writes the reports from the archive',
        cause: error,
      });
    }),
  );
  for (const result of await Promise.allSettled(writing)) if (result.status === 'rejected') throw result.reason;
}
