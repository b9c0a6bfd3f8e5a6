// Creates a file completely and by exactly one process, even if several try at once.

import { randomBytes } from 'node:crypto';
import { link, open, readdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode, UserError } from './errors.ts';
import { flushFile } from './flush.ts';
import { reasonOf } from './refusals.ts';

/** Error codes of link() on file systems without hard links (FAT, some network mounts). */
const NO_HARD_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * Creates `path` with `text`. Returns true if this process created it; the file is complete from the start. Returns
 * false if it already exists. Rejects with Node's error otherwise.
 */
export async function createExclusively(path: string, text: string): Promise<boolean> {
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`);
  await writeNew(draft, text);
  try {
    // link() fails if the name exists; rename() would overwrite.
    await link(draft, path);
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') return false;
    if (code === undefined || !NO_HARD_LINKS.includes(code)) throw error;
    return await createInPlace(path, text);
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

async function createInPlace(path: string, text: string): Promise<boolean> {
  try {
    await writeNew(path, text);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text);
    // Flushed before it gets its name: otherwise a power failure could leave the name without its content.
    await flushFile(file);
  } finally {
    await file.close();
  }
}

/**
 * Creates a file for the first name that is free and returns that name. `path` and `text` are called with each name
 * tried. Throws an Error if all exist.
 */
export async function createFirstFree<Name>(
  names: Iterable<Name>,
  path: (name: Name) => string,
  text: (name: Name) => string,
): Promise<Name> {
  for (const name of names) {
    if (await createExclusively(path(name), text(name))) return name;
  }
  throw new Error('every name was taken');
}

/** Names of the files in `folder`; empty if it does not exist. Throws a UserError if it cannot be read. */
export async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw new UserError(`Expected a folder of records that can be read, found: ${reasonOf(error)}`, {
      where: folder,
      cause: error,
    });
  }
}
