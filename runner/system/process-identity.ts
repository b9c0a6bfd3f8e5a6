// Identifies a process so that another process can later check whether it still runs.

import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { errorCode } from './errors.ts';

export const processIdentitySchema = z.looseObject({
  host: z.string(),
  pid: z.number().int().positive(),
  /** Start time as reported by the system, which distinguishes processes that reuse an id. Empty if not available. */
  started: z.string(),
});

export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/** The identity of this process. */
export async function thisProcess(): Promise<ProcessIdentity> {
  return { host: hostname(), pid: process.pid, started: await startOf(process.pid) };
}

/** Whether the process still runs; `elsewhere`: it belongs to another machine, so this is unknown. */
export async function stateOf(identity: ProcessIdentity): Promise<'running' | 'gone' | 'elsewhere'> {
  if (identity.host !== hostname()) return 'elsewhere';
  if (!isAlive(identity.pid)) return 'gone';
  const started = await startOf(identity.pid);
  return started === identity.started ? 'running' : 'gone';
}

/** True if a process with this id exists on this machine. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, but belongs to another user.
    return errorCode(error) === 'EPERM';
  }
}

/** The id of the boot in which the process was started; empty if the system does not report it. */
export function bootOf({ started }: ProcessIdentity): string {
  return started.split(' ')[1] ?? '';
}

/** Start time of a process: on Linux clock ticks and boot id, elsewhere as printed by ps, on Windows empty. */
async function startOf(pid: number): Promise<string> {
  if (process.platform === 'win32') return '';
  if (process.platform !== 'linux') {
    // Loaded on demand: it takes 15 ms, and Linux does not need it.
    const { execa } = await import('execa');
    const { stdout } = await execa('ps', ['-o', 'lstart=', '-p', String(pid)], { reject: false });
    return stdout.trim();
  }
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    ]);
    // proc(5): the name in parentheses may contain spaces and parentheses; `starttime` is field 22, the 20th after it.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    return `${ticks} ${boot.trim()}`;
  } catch {
    return '';
  }
}
