// The k6 with our output, run as a plain process, for tests of the stream alone.

import { type ChildProcess, spawn } from 'node:child_process';
import { realK6 } from '../k6/real-k6.ts';

/** Path of the executable; if no cache has it, Go builds it, which takes minutes. */
export async function histogramsK6(): Promise<string> {
  const k6 = await realK6();
  if (!k6.hasHistograms)
    throw new Error(`Expected a k6 with the novaperf output, found ${k6.path}: ${k6.notes.join('; ')}`);
  return k6.path;
}

export interface K6Run {
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs k6 without summary and thresholds. `onOutput` sees its stdout grow. */
export function runK6(k6: string, args: readonly string[], onOutput?: (child: ChildProcess) => void): Promise<K6Run> {
  const child = spawn(
    k6,
    ['run', '--quiet', '--summary-mode=disabled', '--no-thresholds', '--no-usage-report', ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout.push(chunk);
    onOutput?.(child);
  });
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) =>
      resolve({ exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }),
    );
  });
}
