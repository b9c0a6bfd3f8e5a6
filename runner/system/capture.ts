// A command becomes its whole output: for the short questions we ask k6 and Go. Bounded in time and in size, and it does not
// outlive this process.

import { execa } from 'execa';
import { GROUP_LEADER, signalGroup, tieGroup } from './lifeline.ts';

export interface CaptureOptions {
  readonly cwd?: string;
  /** In place of this process's own environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Written to the command's stdin, which is closed after it. Default: nothing, closed at once. */
  readonly stdin?: string;
  readonly timeoutMs: number;
  /** Characters of stdout and of stderr, each; a command that prints more is ended, and `truncated` is true. Default 64 Mi. */
  readonly maxCharacters?: number;
}

export interface Captured {
  /** null: ended by a signal. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  readonly truncated: boolean;
}

/**
 * Runs a command to its end. A command that outlives `timeoutMs` is killed with all that it started, and `timedOut` is true.
 * Rejects only when it cannot be started, with Node's error (`code` ENOENT, EACCES, …).
 */
export async function capture(command: string, args: readonly string[], options: CaptureOptions): Promise<Captured> {
  const child = execa(command, [...args], {
    ...GROUP_LEADER,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env, extendEnv: false }),
    input: options.stdin ?? '',
    maxBuffer: options.maxCharacters ?? 64 * 1024 * 1024,
    killSignal: 'SIGKILL',
    reject: false,
    stripFinalNewline: false,
    cleanup: false,
  });
  const { pid } = child;
  const letGo = pid === undefined ? () => undefined : tieGroup(pid);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    if (pid !== undefined) signalGroup(pid, 'SIGKILL');
    // A process that has left the group may hold the pipes open.
    child.stdout.destroy();
    child.stderr.destroy();
  }, options.timeoutMs);
  try {
    const { exitCode, signal, stdout, stderr, isMaxBuffer, cause } = await child;
    if (pid === undefined) throw cause;
    return {
      exitCode: exitCode ?? null,
      signal: signal ?? null,
      stdout,
      stderr,
      timedOut,
      truncated: isMaxBuffer,
    };
  } finally {
    clearTimeout(timer);
    letGo();
  }
}
