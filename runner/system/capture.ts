// Runs a short command, such as `k6 version`, and returns its output. Time and output are limited, and the command ends
// with this process.

import { execa } from 'execa';
import { GROUP_LEADER, signalGroup, tieGroup } from './lifeline.ts';

export interface CaptureOptions {
  readonly cwd?: string;
  /** Replaces the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Written to the command's stdin, which is then closed. Default: nothing. */
  readonly stdin?: string;
  readonly timeoutMs: number;
  /**
   * Limit for stdout and for stderr, characters. A command that prints more is ended, and `truncated` is true. Default
   * 64 Mi.
   */
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
 * Runs a command to its end. After `timeoutMs` it is killed with everything it started, and `timedOut` is true. Rejects
 * only if it cannot be started, with Node's error (`code` ENOENT, EACCES, …).
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
    // A process that has left the group may keep the pipes open.
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
