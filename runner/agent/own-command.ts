// A command of novaperf runs as a process of its own: its JSON document comes back, a cancelled one stops gracefully.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { UserError } from '../system/errors.ts';

export interface OwnCommand {
  readonly cwd: string;
  /** A line for people, as they come. */
  readonly onLine?: (line: string) => void;
  /** Aborted: one SIGINT, so that a run ends gracefully and is reported. */
  readonly signal?: AbortSignal;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** More than any document that we print. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Runs `novaperf <args>` to its end. It has no stdin, so it never waits for an answer. */
export async function ownCommand(args: readonly string[], { cwd, onLine, signal }: OwnCommand): Promise<Ended> {
  const program = process.argv[1];
  if (program === undefined) throw new Error('the program has no path');
  const child = spawn(process.execPath, [...process.execArgv, program, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', CI: '1' },
  });
  const stop = () => child.kill('SIGINT');
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (stdout.length < MOST_BYTES) stdout += text;
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (stderr.length < MOST_BYTES) stderr += `${line}\n`;
    if (line.trim() !== '') onLine?.(line.trim());
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    return { code, stdout, stderr };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** The document that `novaperf <args> --json` prints, whatever its exit code. Throws a UserError where it printed none. */
export async function ownDocument(args: readonly string[], options: OwnCommand): Promise<Record<string, unknown>> {
  const { stdout, stderr, code } = await ownCommand([...args, '--json'], options);
  try {
    const document: unknown = JSON.parse(stdout);
    return Array.isArray(document) ? { items: document } : Object(document);
  } catch {
    throw new UserError(
      stderr.trim() || `novaperf ${args[0] ?? ''} ended with exit code ${code} and printed no document`,
    );
  }
}
