// Only one cycle at a time loads a system, because two would measure each other's load. One lock per system on this machine.

import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, mkdir } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { errorCode, UserError } from '../../system/errors.ts';
import { withLock } from '../../system/lock.ts';

/**
 * Shared by all users, because their cycles count too. Not sticky, so that other users can remove the lock of a process that
 * has ended. A user who cannot write there gets a folder of their own.
 */
async function lockFolder(): Promise<string> {
  const shared = join(tmpdir(), 'novaperf-target-locks');
  await mkdir(shared).then(
    // The umask reduces the mode of mkdir.
    () => chmod(shared, 0o777),
    () => undefined,
  );
  const isOurs = await access(shared, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (isOurs) return shared;
  const own = join(tmpdir(), `novaperf-target-locks-${userInfo().uid}`);
  await mkdir(own).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error;
  });
  return own;
}

/**
 * Does `work` while no other cycle of this machine loads the system at `url` (its host and port). Waits up to `waitMs` for
 * another cycle, and then throws a UserError. Without a URL, for scripts with their own, nothing is locked.
 */
export async function withTarget<T>(url: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  if (url === '') return work();
  const { host } = new URL(url);
  const folder = await lockFolder();
  const lockFile = join(folder, `${createHash('sha256').update(host).digest('hex').slice(0, 16)}.lock`);
  let isOurs = false;
  try {
    return await withLock(
      lockFile,
      () => {
        isOurs = true;
        return work();
      },
      { waitMs },
    );
  } catch (error) {
    if (isOurs || !(error instanceof UserError)) throw error;
    throw new UserError(
      `Another novaperf run is already loading ${host}${waitMs > 0 ? `, and did not end within ${waitMs / 1000} s` : ''}.`,
      {
        where: lockFile,
        next: 'wait for it with --wait 30m',
        cause: error,
      },
    );
  }
}
