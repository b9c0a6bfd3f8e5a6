// A path becomes a folder that exists, and can be written to where that is asked.

import { mkdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from './errors.ts';

/**
 * Makes the folder with its parents; rejects with Node's error. Not mkdir's own `recursive`: Node 20 never ends for a folder in one where
 * nothing can be made, such as /proc, and calls a read-only disk ENOENT.
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

/** The same at once, for a process that is ending. */
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

/** The same as makeFolder, and rejects with Node's error where nothing can be written to it. */
export async function makeWritableFolder(path: string): Promise<void> {
  await makeFolder(path);
  // A real attempt: permissions say little to root, on a read-only disk or in /proc.
  await rmdir(await mkdtemp(join(path, '.novaperf-')));
}
