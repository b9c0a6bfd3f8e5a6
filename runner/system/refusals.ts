// Converts errors of the operating system (permissions, disk space, open files, names) into UserErrors.

import { errorCode, messageOf, UserError } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

interface Refusal {
  readonly what: string;
  readonly next: string;
  /** Default 2; 3 if the machine has to be changed rather than the call. */
  readonly exitCode?: ExitCode;
}

const REFUSALS: Readonly<Record<string, Refusal>> = {
  EACCES: { what: 'permission denied', next: 'change its permissions, or use another folder' },
  EPERM: { what: 'not permitted', next: 'change its permissions, or use another folder' },
  ENOSPC: { what: 'no space left on the disk', next: 'free disk space, or use a folder on another disk' },
  EDQUOT: { what: 'the disk quota is used up', next: 'free disk space, or use a folder on another disk' },
  EFBIG: {
    what: 'the file would be larger than allowed',
    next: 'raise the limit (ulimit -f)',
  },
  EROFS: { what: 'the file system is read-only', next: 'use a folder that can be written to' },
  EMFILE: {
    what: 'too many open files in this process',
    next: 'raise the limit (ulimit -n 4096) and try again',
    exitCode: EXIT.environment,
  },
  ENFILE: {
    what: 'too many open files on this machine',
    next: 'close programs, or raise fs.file-max',
    exitCode: EXIT.environment,
  },
  ENAMETOOLONG: { what: 'the name is too long', next: 'use a shorter name' },
  ENOTDIR: { what: 'a part of the path is a file, not a folder', next: 'check the path' },
  ENOMEM: { what: 'out of memory', next: 'free memory and try again', exitCode: EXIT.environment },
  EAGAIN: {
    what: 'no more processes or threads can be started',
    next: 'raise the limit (ulimit -u), or end other programs',
    exitCode: EXIT.environment,
  },
  EIO: { what: 'the device reported an error', next: 'check the disk' },
};

/** For a missing file or folder: the usual causes. */
const MISSING: Refusal = {
  what: 'no such file or folder',
  next: 'check the path; HOME and TMPDIR must name folders that exist',
};

function refusalFor(code: string): Refusal | undefined {
  if (code === 'ENOENT') return MISSING;
  return Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : undefined;
}

/**
 * Converts a system error into a UserError with the failed call and the path. undefined for any other error, and for a
 * UserError.
 */
export function refusalOf(error: unknown): UserError | undefined {
  if (error instanceof UserError) return undefined;
  const code = errorCode(error);
  if (code === undefined || !(error instanceof Error) || !('syscall' in error)) return undefined;
  const refusal = refusalFor(code);
  if (refusal === undefined) return undefined;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : undefined;
  return new UserError(`System call ${String(error.syscall)} failed: ${refusal.what} (${code}).`, {
    ...(path === undefined ? {} : { where: path }),
    next: refusal.next,
    ...(refusal.exitCode === undefined ? {} : { exitCode: refusal.exitCode }),
    cause: error,
  });
}

/** Why the system refused, with the error code, for the end of a sentence; for other errors their message. */
export function reasonOf(error: unknown): string {
  const code = errorCode(error) ?? '';
  const refusal = refusalFor(code);
  return refusal === undefined ? messageOf(error) : `${refusal.what} (${code})`;
}

/** Returns a UserError unchanged and converts a system error into one; throws any other error. */
export function asUserError(error: unknown): UserError {
  if (error instanceof UserError) return error;
  const refusal = refusalOf(error);
  if (refusal === undefined) throw error;
  return refusal;
}
