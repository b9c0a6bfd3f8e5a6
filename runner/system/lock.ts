// A lock file, so that one process at a time works on a folder. Locks of dead processes are taken over.

import { readFile, stat, unlink, utimes } from 'node:fs/promises';
import { UserError } from './errors.ts';
import { createExclusively } from './exclusive-file.ts';
import { type ProcessIdentity, processIdentitySchema, stateOf, thisProcess } from './process-identity.ts';

export interface LockOptions {
  /**
   * How long to wait for the holder, milliseconds. Default 120,000: twenty cycles may end at once on a busy machine.
   */
  readonly waitMs?: number;
  /**
   * A lock from another machine counts as abandoned if it was not renewed for this long, milliseconds. Default 60,000.
   */
  readonly elsewhereMs?: number;
  /** What the lock protects, for the error message. Default `the records`. */
  readonly what?: string;
  /** Called once when another process holds the lock. */
  readonly onWait?: () => void;
}

const FIRST_PAUSE_MS = 4;
const LONGEST_PAUSE_MS = 100;
/** A holder renews its lock this many times within `elsewhereMs`. */
const RENEWALS = 10;

/**
 * Runs `work` while this process holds the lock file. Throws a UserError if the holder does not release it in time. The
 * lock is always released afterwards.
 */
export async function withLock<T>(lockFile: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const { waitMs = 120_000, elsewhereMs = 60_000, what = 'the records', onWait } = options;
  const text = JSON.stringify(await thisProcess());
  const deadlineMs = performance.now() + waitMs;
  let hasWaited = false;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    if (await createExclusively(lockFile, text)) break;
    if (await removeIfLeftBehind(lockFile, text, elsewhereMs)) continue;
    if (performance.now() > deadlineMs) throw stillHeld(lockFile, await holderOf(lockFile), waitMs, what);
    if (!hasWaited) onWait?.();
    hasWaited = true;
    // Random, so that many waiting processes do not try at the same moment.
    await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random())));
  }
  const renewal = setInterval(() => {
    const now = new Date();
    utimes(lockFile, now, now).catch(() => undefined);
  }, elsewhereMs / RENEWALS).unref();
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    await unlink(lockFile).catch(() => undefined);
  }
}

function stillHeld(lockFile: string, holder: ProcessIdentity | undefined, waitMs: number, what: string): UserError {
  const holderText = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new UserError(`Expected ${what} to be free within ${waitMs / 1000} s, found a lock of ${holderText}.`, {
    where: lockFile,
    next: 'wait until it ends and try again; if no such process exists, delete the lock file',
  });
}

async function holderOf(lockFile: string): Promise<ProcessIdentity | undefined> {
  try {
    return processIdentitySchema.safeParse(JSON.parse(await readFile(lockFile, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

async function isLeftBehind(lockFile: string, elsewhereMs: number): Promise<boolean> {
  const holder = await holderOf(lockFile);
  if (holder !== undefined) {
    const state = await stateOf(holder);
    if (state !== 'elsewhere') return state === 'gone';
  }
  const age = await stat(lockFile).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
  return age > elsewhereMs;
}

/**
 * Two processes that find the same dead lock must not remove it one after the other: the second would remove the lock
 * that the first has just taken. So removing needs its own lock and checks again while holding it.
 */
async function removeIfLeftBehind(lockFile: string, text: string, elsewhereMs: number): Promise<boolean> {
  if (!(await isLeftBehind(lockFile, elsewhereMs))) return false;
  const removing = `${lockFile}.removing`;
  if (!(await createExclusively(removing, text))) {
    // Held for only a few milliseconds; if it is older, its holder was killed.
    const age = await stat(removing).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > elsewhereMs) await unlink(removing).catch(() => undefined);
    return false;
  }
  try {
    if (!(await isLeftBehind(lockFile, elsewhereMs))) return false;
    return await unlink(lockFile).then(
      () => true,
      // The lock of another user, which only that user may remove: the caller waits, and reports the holder if it times
      // out.
      () => false,
    );
  } finally {
    await unlink(removing).catch(() => undefined);
  }
}
