// The folder of a run: its name, and files that get their final names only when they are complete.

import { randomUUID } from 'node:crypto';
import { link, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, UserError } from '../system/errors.ts';
import { makeFolder, makeWritableFolder } from '../system/folder.ts';
import { reasonOf } from '../system/refusals.ts';
import { writeWholeFile } from '../system/whole-file.ts';
import { pathName } from '../text/path-name.ts';

/** `20261123T143304Z`: sorts by time and is valid on every file system. */
export function stamp(epochMs: number): string {
  return new Date(epochMs)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:]/g, '');
}

/** Creates the folder of all runs, with its parents. Throws a UserError if it cannot be created or written to; call it before load. */
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
 * Creates `<out>/<Scenario>_<stamp>/`, with the suffix `_2`, `_3`, … for runs that start in the same second. Returns the path and the
 * name of the folder. Throws a UserError if the folder cannot be created.
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
        // Not recursive, because only then an existing folder is an error and no two runs share a folder.
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
 * Writes a complete file under a new name, with `_2`, `_3`, … before the extension if the name exists. Returns its path. Throws a
 * UserError if the file cannot be written.
 */
export async function writeNewFile(folder: string, base: string, extension: string, text: string): Promise<string> {
  const partial = `.${base}.${randomUUID()}`;
  await writeFiles(folder, new Map([[partial, text]]));
  try {
    for (let attempt = 1; ; attempt++) {
      const path = join(folder, `${base}${attempt === 1 ? '' : `_${attempt}`}${extension}`);
      try {
        // A link never replaces another file, unlike a rename.
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
 * Writes all files of `files` (name → content) into `folder` in parallel, each complete or not at all. Throws a UserError for the first
 * file that cannot be written, after all others are written.
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
