// Creates folders and checks that they can be written to.

import { mkdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from './errors.ts';

/**
 * Creates a folder and its parents; rejects with Node's error. Not with mkdir's `recursive`: in Node 20 it never ends
 * if nothing can be created, such as in /proc, and reports ENOENT for a read-only disk.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdir(path);
  }
}

/** Synchronous version, for a process that is exiting. */
export function makeFolderSync(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST' && statSync(path).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    makeFolderSync(dirname(path));
    mkdirSync(path);
  }
}

/** As makeFolder, but also rejects with Node's error if the folder cannot be written to. */
export async function makeWritableFolder(path: string): Promise<void> {
  await makeFolder(path);
  // Tests by writing, because permissions are not reliable for root, a read-only disk or /proc.
  await rmdir(await mkdtemp(join(path, '.novaperf-')));
}
