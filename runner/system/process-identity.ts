// A process becomes an identity that outlives it, so that another process can tell later whether it still runs.

import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { errorCode } from './errors.ts';

export const processIdentitySchema = z.looseObject({
  host: z.string(),
  pid: z.number().int().positive(),
  /** What the system calls the moment it started: a number that is reused gets another one. Empty where none is known. */
  started: z.string(),
});

export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/** This process. */
export async function thisProcess(): Promise<ProcessIdentity> {
  return { host: hostname(), pid: process.pid, started: await startOf(process.pid) };
}

/** Whether it still runs; `elsewhere`: another machine's, this machine cannot know. */
export async function stateOf(identity: ProcessIdentity): Promise<'running' | 'gone' | 'elsewhere'> {
  if (identity.host !== hostname()) return 'elsewhere';
  if (!isAlive(identity.pid)) return 'gone';
  const started = await startOf(identity.pid);
  return started === identity.started ? 'running' : 'gone';
}

/** Whether a process of this id exists on this machine. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, and belongs to another user.
    return errorCode(error) === 'EPERM';
  }
}

/** Which start of its machine the process belongs to; empty if the system does not report it. */
export function bootOf({ started }: ProcessIdentity): string {
  return started.split(' ')[1] ?? '';
}

/** The start of a process: on Linux clock ticks since that boot, elsewhere as ps prints it, on Windows nothing. */
async function startOf(pid: number): Promise<string> {
  if (process.platform === 'win32') return '';
  if (process.platform !== 'linux') {
    // Loading it takes 15 ms, and Linux asks the kernel.
    const { execa } = await import('execa');
    const { stdout } = await execa('ps', ['-o', 'lstart=', '-p', String(pid)], { reject: false });
    return stdout.trim();
  }
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    ]);
    // proc(5): the name in parentheses may hold spaces and parentheses; `starttime` is field 22, the 20th after it.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    return `${ticks} ${boot.trim()}`;
  } catch {
    return '';
  }
}
