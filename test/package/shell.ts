// A command line as a user types it, with the environment of no CI system.

import { execFile } from 'node:child_process';
import type { Ended } from './packed.ts';

/** Runs the line to its end, whatever its exit code; after `timeoutMs` it is stopped and its code is -1. */
export function shell(command: string, cwd: string, timeoutMs: number): Promise<Ended> {
  const env = { ...process.env, NO_COLOR: '1', GITHUB_ACTIONS: '', GITHUB_STEP_SUMMARY: '' };
  return new Promise((resolve) => {
    execFile(
      'sh',
      ['-c', command],
      { cwd, env, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        const stopped = error?.killed ? `\nstopped after ${timeoutMs / 1000} s\n` : '';
        resolve({ code, stdout, stderr: `${stderr}${stopped}` });
      },
    );
  });
}
