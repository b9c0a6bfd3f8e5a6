// One target at a time: two cycles that load the same system measure each other. A lock per target, known to this machine.

import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../system/errors.ts';
import { withLock } from '../system/lock.ts';

/**
 * Does `work` while no other cycle of this machine loads the target at `url` (its host and port). Waits up to `waitMs` for
 * one that does; then throws a UserError. Without a URL, for scripts that know their own target, nothing can be locked.
 */
export async function withTarget<T>(url: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  if (url === '') return work();
  const { host } = new URL(url);
  const folder = join(tmpdir(), 'novaperf-targets');
  // Other users' cycles count as well, so the folder is everybody's; sticky, so that nobody can remove another's lock.
  await mkdir(folder, { recursive: true, mode: 0o1777 });
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
      `Expected ${host} to be free of load${waitMs > 0 ? ` within ${waitMs / 1000} s` : ''}, found another cycle on it.`,
      {
        where: lockFile,
        next: 'let it finish, or wait for it with --wait 30m',
        cause: error,
      },
    );
  }
}
