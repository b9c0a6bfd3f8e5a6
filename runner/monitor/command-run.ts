// Runs a command line in its own process group, with limited output, so that it can be ended with everything it
// started.

import { type ChildProcess, spawn } from 'node:child_process';
import { GROUP_LEADER, signalGroup, tieGroup } from '../system/lifeline.ts';
import { oneLine } from '../text/display-text.ts';
import { redactText } from '../text/secrets.ts';

const MOST_BYTES = 4 * 1024 * 1024;
const STDERR_KEPT = 2000;

/**
 * The command comes from the environment, because the process list shows arguments; the command itself does not inherit
 * it.
 */
const SHELL = 'command=$NOVAPERF_COMMAND; unset NOVAPERF_COMMAND; eval "$command"';

/**
 * Starts a command line in a shell, in its own process group, so that a whole pipeline can be ended. It ends with this
 * process.
 */
export function startCommand(command: string): ChildProcess {
  const child = spawn('/bin/sh', ['-c', SHELL], {
    ...GROUP_LEADER,
    env: { ...process.env, NOVAPERF_COMMAND: command },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) child.once('close', tieGroup(child.pid));
  return child;
}

/** Kills a command and everything it started. */
export function endCommand({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  signalGroup(pid, 'SIGKILL');
}

/** The last line of a command's stderr, with secrets redacted. */
export function lastLine(stderr: string): string {
  return oneLine(redactText(stderr.trim().split('\n').at(-1) ?? ''), 200);
}

/**
 * Returns what a command prints. Rejects and kills the command if it fails, prints more than 4 MiB or `signal` is
 * aborted.
 */
export function outputOf(command: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = startCommand(command);
    const chunks: Buffer[] = [];
    let bytes = 0;
    let stderr = '';
    const giveUp = (error: Error) => {
      endCommand(child);
      reject(error);
    };
    const onAbort = () => giveUp(new Error('it took too long'));
    signal.addEventListener('abort', onAbort, { once: true });
    child.once('error', (error) => giveUp(error));
    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) giveUp(new Error(`it printed more than ${MOST_BYTES / 1024 / 1024} MiB`));
      else chunks.push(chunk);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-STDERR_KEPT);
    });
    child.once('close', (code, killed) => {
      signal.removeEventListener('abort', onAbort);
      if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'));
      else
        reject(
          new Error(`it ended with ${killed ?? `code ${code}`}${stderr.trim() === '' ? '' : `: ${lastLine(stderr)}`}`),
        );
    });
  });
}
