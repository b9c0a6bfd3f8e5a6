// Runs a pipeline of commands and returns the CPU time of all its processes, its wall time and its exit code.
//
// The kernel does the counting: /bin/sh runs the pipeline and then prints `times` (POSIX), the user and system time of its
// children that have ended and of their children, if each was waited for. A process that was not waited for is missing (for
// novaperf: the shell that watches k6, a millisecond). Resolution: 10 ms with dash, 1 ms with bash.

import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Commands joined by pipes. */
export interface Pipeline {
  /** Commands with their arguments; the output of each is the input of the next. */
  readonly stages: readonly (readonly string[])[];
  /** Variables in addition to those of the process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What a pipeline used. */
export interface Counted {
  /** User and system time of the whole tree. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** Exit code of the last stage. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a pipeline to its end. stdout and stderr pass through files in `folder`, so that this process uses no CPU for reading them. */
export async function runCounted(pipeline: Pipeline, folder: string): Promise<Counted> {
  const [stdout = '', stderr = '', times = ''] = ['stdout', 'stderr', 'times'].map((name) => join(folder, name));
  const files = await Promise.all([stdout, stderr, times].map((path) => open(path, 'w')));
  try {
    const startedAt = performance.now();
    const shell = spawn('/bin/sh', ['-c', shellScript(pipeline.stages)], {
      stdio: ['ignore', ...files.map(({ fd }) => fd)],
      env: { ...process.env, ...pipeline.env },
    });
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      shell.on('error', reject);
      shell.on('exit', resolve);
    });
    const wallSeconds = (performance.now() - startedAt) / 1000;
    return {
      cpuSeconds: cpuSecondsOfChildren(await readFile(times, 'utf8')),
      wallSeconds,
      exitCode,
      stdout: await readFile(stdout, 'utf8'),
      stderr: await readFile(stderr, 'utf8'),
    };
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}

/** Runs the stages with descriptor 3 closed, then writes `times` there; exits with the code of the last stage. */
export function shellScript(stages: Pipeline['stages']): string {
  const pipeline = stages.map((stage) => stage.map(quoted).join(' ')).join(' | ');
  return `{ ${pipeline}; } 3>&-; code=$?; times >&3; exit $code`;
}

function quoted(argument: string): string {
  return `'${argument.replaceAll("'", "'\\''")}'`;
}

/**
 * Seconds from the output of `times`: two lines, user and system time of the shell and of its children, as `1m2.345s`. Throws
 * for anything else.
 */
export function cpuSecondsOfChildren(times: string): number {
  const [, , user, system] = [...times.matchAll(/(\d+)m(\d+(?:\.\d+)?)s/g)].map(
    ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
  );
  if (user === undefined || system === undefined) {
    throw new Error(
      `Expected two lines with two times each from the shell's \`times\`, found ${JSON.stringify(times)}`,
    );
  }
  return user + system;
}
