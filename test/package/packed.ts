// The npm package as published: packed once for all tests, and installed into fresh projects.

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../runner/system/package-root.ts';

const run = promisify(execFile);

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever its exit code. */
export async function execute(program: string, args: readonly string[], cwd: string): Promise<Ended> {
  const env = { ...process.env, NO_COLOR: '1', GITHUB_ACTIONS: '', GITHUB_STEP_SUMMARY: '' };
  try {
    const { stdout, stderr } = await run(program, [...args], { cwd, env, maxBuffer: 64 * 1024 * 1024 });
    return { code: 0, stdout, stderr };
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') throw error;
    return { code: error.code, stdout: textOf(error, 'stdout'), stderr: textOf(error, 'stderr') };
  }
}

function textOf(error: object, stream: string): string {
  return String(Reflect.get(error, stream) ?? '');
}

export interface Packed {
  readonly tarball: string;
  /** Paths in the tarball, and its sizes in bytes. */
  readonly files: readonly string[];
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  remove(): Promise<void>;
}

/** `npm pack` of the build. */
export async function pack(): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), 'novaperf-packed-'));
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout, stderr, code } = await execute('npm', args, packageRoot);
  if (code !== 0) throw new Error(`npm pack failed:\n${stderr}`);
  const [packed] = JSON.parse(stdout);
  return {
    tarball: join(folder, packed.filename),
    files: packed.files.map(({ path }: { path: string }) => path),
    packedBytes: packed.size,
    unpackedBytes: packed.unpackedSize,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A fresh npm project with the tarball and this repository's TypeScript. */
export async function freshProject(tarball: string, files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'novaperf-user-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const args = ['install', '--save-dev', '--prefer-offline', '--no-audit', '--no-fund', tarball];
  const { code, stderr } = await execute('npm', args, root);
  if (code !== 0) throw new Error(`npm install failed:\n${stderr}`);
  for (const name of ['typescript', '@typescript']) {
    await symlink(join(packageRoot, 'node_modules', name), join(root, 'node_modules', name));
  }
  return root;
}
