// Runs a command of novaperf as a process and returns its JSON document. A cancelled one stops gracefully, also if the server ends.

import { execa } from 'execa';
import { UserError } from '../system/errors.ts';
import { GROUP_LEADER, tieGroup } from '../system/lifeline.ts';

/** How to run the command. */
export interface OwnCommand {
  readonly cwd: string;
  /** Called with each line for people. */
  readonly onLine?: (line: string) => void;
  /** Aborting it sends one SIGINT, so that a run ends gracefully and is reported. */
  readonly signal?: AbortSignal;
}

/** A command that has ended. */
export interface Ended {
  /** Exit code; undefined after a signal. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Larger than any document of novaperf. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Runs `novaperf <args>` to its end, without stdin, so that it never waits for input. */
export async function ownCommand(args: readonly string[], { cwd, onLine, signal }: OwnCommand): Promise<Ended> {
  const program = process.argv[1];
  if (program === undefined) throw new Error('the program has no path');
  const child = execa(process.execPath, [...process.execArgv, program, ...args], {
    ...GROUP_LEADER,
    cwd,
    stdin: 'ignore',
    env: { NO_COLOR: '1', CI: '1' },
    maxBuffer: MOST_BYTES,
    stripFinalNewline: false,
    reject: false,
    cleanup: false,
  });
  const { pid } = child;
  const letGo = pid === undefined ? () => undefined : tieGroup(pid);
  const stop = () => child.kill('SIGINT');
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  try {
    for await (const line of child.iterable({ from: 'stderr' })) if (line.trim() !== '') onLine?.(line.trim());
    const { exitCode: code, stdout, stderr } = await child;
    return { code, stdout, stderr };
  } finally {
    letGo();
    signal?.removeEventListener('abort', stop);
  }
}

/** The document that `novaperf <args> --json` prints, for any exit code. Throws a UserError if it printed none. */
export async function ownDocument(args: readonly string[], options: OwnCommand): Promise<Record<string, unknown>> {
  const { stdout, stderr, code } = await ownCommand([...args, '--json'], options);
  try {
    const document: unknown = JSON.parse(stdout);
    return Array.isArray(document) ? { items: document } : Object(document);
  } catch {
    throw new UserError(
      stderr.trim() || `novaperf ${args[0] ?? ''} ended with exit code ${code ?? 'unknown'} and printed no document`,
    );
  }
}
