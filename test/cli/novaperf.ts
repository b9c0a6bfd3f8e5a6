// Runs the built program as a user would, as a process in a project of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Archive } from '../../runner/metrics/archive/archive-content.ts';
import { readArchive } from '../../runner/metrics/archive/archive-reader.ts';
import { type Result, resultSchema } from '../../runner/model/result.ts';
import { ARCHIVE_FILE } from '../../runner/model/run-files.ts';
import { packageRoot } from '../../runner/system/package-root.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stdout or stderr contains `text`. */
  saw(text: string): Promise<void>;
  /** stdout and stderr so far. */
  printed(): string;
}

export interface Options {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Content of stdin; empty by default. */
  readonly stdin?: string;
}

/** Ten idle seconds around every load would double the tests' time; test/monitor tests them. */
export function withoutIdleTime(args: readonly string[]): readonly string[] {
  if (args[0] !== 'run' || args.includes('--baseline-time')) return args;
  return [...args, '--baseline-time', '0s', '--recovery-time', '0s'];
}

/** On GitHub Actions the runs of tests would annotate the test step. */
export const outsideOfCi = { NO_COLOR: '1', GITHUB_ACTIONS: '', GITHUB_STEP_SUMMARY: '' };

const running = new Set<ChildProcess>();

/** Ends what a test that failed did not wait for. */
export function killStarted(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Starts `novaperf <args>`; npm test builds it. */
export function start(args: readonly string[], { cwd, env = {}, stdin = '' }: Options): Started {
  const child = spawn(process.execPath, [join(packageRoot, 'dist/novaperf.js'), ...withoutIdleTime(args)], {
    cwd,
    env: { ...process.env, ...outsideOfCi, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  child.on('close', () => running.delete(child));
  child.stdin.end(stdin);
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  const onData = () => {
    for (const check of waiting) check();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    onData();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    onData();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  const saw = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        if (!`${stdout}${stderr}`.includes(text)) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
      child.on('close', () => reject(new Error(`ended without printing ${text}:\n${stdout}\n${stderr}`)));
    });
  return { child, ended, saw, printed: () => `${stdout}${stderr}` };
}

/** Runs `novaperf <args>` to its end. */
export function novaperf(args: readonly string[], options: Options): Promise<Ended> {
  return start(args, options).ended;
}

export interface ProjectOptions {
  /** With the shipped scenarios. */
  readonly shipped?: boolean;
  /** With a tsconfig.json: every run then checks types, which takes a second of CPU. */
  readonly typed?: boolean;
}

/** A temporary project folder. */
export async function project(options: ProjectOptions = {}): Promise<{ dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'novaperf-test-'));
  if (options.shipped) {
    await cp(join(packageRoot, 'scenarios'), join(dir, 'scenarios'), { recursive: true });
    if (!options.typed) await rm(join(dir, 'scenarios/tsconfig.json'));
    await cp(join(packageRoot, 'conport/custom_data'), join(dir, 'conport/custom_data'), { recursive: true });
    await symlink(join(packageRoot, 'runner'), join(dir, 'runner'));
    await symlink(join(packageRoot, 'node_modules'), join(dir, 'node_modules'));
  }
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

/** The run folders below `<dir>/.nova/reports/qa/performance`, oldest first. */
export async function runFolders(dir: string): Promise<string[]> {
  const out = join(dir, '.nova/reports/qa/performance');
  const entries = await readdir(out, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(out, entry.name))
    .sort();
}

/** Waits until the archive of the current run in `dir` holds enough, so that a kill loses nothing the test needs. */
export async function archived(dir: string, isEnough: (archive: Archive) => boolean): Promise<void> {
  for (;;) {
    const [folder] = await runFolders(dir).catch(() => []);
    const archive = folder && (await readArchive(join(folder, ARCHIVE_FILE)).catch(() => undefined));
    if (archive && isEnough(archive)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** result.json of a run folder, checked against its schema. */
export async function readResult(folder: string): Promise<Result> {
  return resultSchema.parse(JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')));
}
