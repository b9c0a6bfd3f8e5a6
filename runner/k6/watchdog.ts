// A running k6 is tied to this process: when we are killed without a chance to act (SIGKILL, out of memory), it ends as well.

import { spawn } from 'node:child_process';

// k6 notices a vanished reader only by a failing write, and in a quiet setup() it may write nothing for a minute. So a shell
// waits on a pipe that only this process holds open: a line means all is well, the end of the pipe means we are gone.
// $1 is the process group of k6. First as Ctrl-C would, so that teardown() runs; what is left after 10 s is killed.
const SCRIPT = `read -r released && exit 0
kill -INT -"$1" 2>/dev/null || exit 0
n=0
while [ $n -lt 10 ] && kill -0 -"$1" 2>/dev/null; do sleep 1; n=$((n+1)); done
kill -KILL -"$1" 2>/dev/null`;

/**
 * Watches over a process group until release() is called. Costs one sleeping shell. On Windows, which has no process groups, it
 * does nothing: there k6 ends at its next write after we are gone.
 */
export function watchOver(processGroup: number): { release(): void } {
  if (process.platform === 'win32') return { release() {} };
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'novaperf-watchdog', String(processGroup)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // a Ctrl-C in the terminal must not end it before us
  });
  // Without a shell the run goes on unwatched; without a reader release() has nobody to tell.
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  let isReleased = false;
  return {
    release() {
      if (isReleased) return;
      isReleased = true;
      shell.stdin.end('released\n');
    },
  };
}
