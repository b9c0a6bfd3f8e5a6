// A path and a text become a file that appears whole and that exactly one process made, however many try at once.

import { randomBytes } from 'node:crypto';
import { link, open, readdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode, UserError } from './errors.ts';
import { flushFile } from './flush.ts';
import { reasonOf } from './refusals.ts';

/** File systems without hard links (FAT, some network mounts) answer link() with one of these. */
const NO_HARD_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * Makes `path` with `text`. True: this process made it, and it was whole from its first moment. False: it was there.
 * Other errors of the file system are thrown as they are.
 */
export async function createExclusively(path: string, text: string): Promise<boolean> {
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`);
  await writeNew(draft, text);
  try {
    // link() fails when the name is taken, and gives it to the whole file otherwise; rename() would overwrite.
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
    // The name must not outlive a power cut that its content did not survive.
    await flushFile(file);
  } finally {
    await file.close();
  }
}

/** Makes the first of `names` that is free; returns it. `text` is asked for with the name that is tried. */
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

/** Names of the files in `folder`; none where there is no such folder. */
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
