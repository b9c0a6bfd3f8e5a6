// A run for a fault: a k6 script that needs no server, started through a shell so that a test can change its streams, limits
// and terminal.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quote } from 'shell-quote';
import { type Result, resultSchema } from '../../runner/model/result.ts';
import { packageRoot } from '../../runner/system/package-root.ts';

export const PROGRAM = join(packageRoot, 'dist/novaperf.js');

/** Counts while it runs; its target on `steps` is met. */
export const LOAD = `import { sleep } from 'k6';
import { Counter } from 'k6/metrics';
const steps = new Counter('steps');
export const options = { vus: 2, duration: __ENV.SECONDS + 's', thresholds: { steps: ['count>0'] } };
export default function () { steps.add(1); sleep(0.05); }
`;

export interface Hurt {
  readonly dir: string;
  readonly child: ChildProcess;
  /** stdout and stderr so far. */
  output(): string;
  saw(text: string): Promise<void>;
  readonly ended: Promise<number | null>;
}

export async function project(script = LOAD): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'novaperf-fault-'));
  await writeFile(join(dir, 'load.js'), script);
  return dir;
}

/** The command line of a run of `seconds`. */
export function command(seconds: number, ...flags: string[]): string {
  const words = ['run', 'load.js', '-e', `SECONDS=${seconds}`, '--baseline-time', '0s', '--recovery-time', '0s'];
  return quote([process.execPath, PROGRAM, ...words, ...flags]);
}

/** Runs a line of shell in the project. */
export function start(dir: string, line: string, env: Readonly<Record<string, string>> = {}): Hurt {
  const child = spawn('/bin/bash', ['-c', line], {
    cwd: dir,
    env: { ...process.env, NO_COLOR: '1', GITHUB_ACTIONS: '', GITHUB_STEP_SUMMARY: '', CI: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    dir,
    child,
    output: () => text,
    saw: (wanted) => eventually(`"${wanted}" in: ${text}`, async () => text.includes(wanted)),
    ended,
  };
}

export async function eventually(what: string, isSo: () => Promise<boolean>, withinMs = 30_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Expected ${what} within ${withinMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Folders of the project's runs, the newest last. */
export async function runs(dir: string): Promise<string[]> {
  const out = join(dir, '.nova/reports/qa/performance');
  const names = await readdir(out).catch(() => []);
  return names
    .filter((name) => /_\d{8}T\d{6}Z/.test(name) && !name.includes('.'))
    .sort()
    .map((name) => join(out, name));
}

export async function resultIn(folder: string): Promise<Result> {
  return resultSchema.parse(JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')));
}

/** The result of the project's only run. */
export async function resultOfRun(dir: string): Promise<Result> {
  return resultIn((await runs(dir))[0] ?? dir);
}

/** Processes with a text unique to this project in their command line or environment. */
export async function processesOf(dir: string, program: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found: number[] = [];
  for (const pid of pids) {
    const [commandLine, cwd] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
      readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
    ]);
    if (cwd.includes(`PWD=${dir}\0`) && commandLine.split('\0')[0]?.endsWith(program) === true) found.push(Number(pid));
  }
  return found;
}

export async function discard(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true });
}
