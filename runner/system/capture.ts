// A command becomes its whole output: for the short questions we ask k6 and Go. Bounded in time and in bytes.

import { spawn } from 'node:child_process';

export interface CaptureOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Written to the command's stdin, which is closed after it. Default: nothing, closed at once. */
  readonly stdin?: string;
  readonly timeoutMs: number;
  /** Bytes kept of stdout and of stderr, each; what exceeds them is dropped and `truncated` is true. Default 64 MiB. */
  readonly maxBytes?: number;
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

/** Keeps the first `maxBytes` of a stream, and says whether there was more. */
class BoundedText {
  readonly #chunks: Buffer[] = [];
  readonly #maxBytes: number;
  #bytes = 0;
  truncated = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(chunk: Buffer): void {
    const room = this.#maxBytes - this.#bytes;
    if (chunk.length > room) this.truncated = true;
    if (room <= 0) return;
    const kept = chunk.subarray(0, room);
    this.#chunks.push(kept);
    this.#bytes += kept.length;
  }

  toString(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}

/**
 * Runs a command to its end. A command that outlives `timeoutMs` is killed (SIGKILL) and `timedOut` is true.
 * Rejects only when it cannot be started, with Node's error (`code` ENOENT, EACCES, …).
 */
export function capture(command: string, args: readonly string[], options: CaptureOptions): Promise<Captured> {
  return new Promise((resolve, reject) => {
    const maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
    const stdout = new BoundedText(maxBytes);
    const stderr = new BoundedText(maxBytes);
    let timedOut = false;
    const child = spawn(command, args, {
      stdio: 'pipe',
      windowsHide: true,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
      // A grandchild that inherited the pipes would keep 'close' from coming.
      child.stdout.destroy();
      child.stderr.destroy();
    }, options.timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => stdout.add(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
    // A command that ends without reading its stdin gives EPIPE here; its exit code tells the story.
    child.stdin.on('error', () => {});
    child.stdin.end(options.stdin ?? '');
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (exitCode, signal) => {
      clearTimeout(timer);
      resolve({
        exitCode,
        signal,
        stdout: stdout.toString(),
        stderr: stderr.toString(),
        timedOut,
        truncated: stdout.truncated || stderr.truncated,
      });
    });
  });
}
