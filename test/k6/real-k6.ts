// The k6 that tests run: NOVAPERF_TEST_K6 where it is set, otherwise the one that novaperf finds or builds.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { findK6, type K6 } from '../../runner/k6/find.ts';
import type { K6Script } from '../../runner/k6/inspect.ts';
import { packageRoot } from '../../runner/system/package-root.ts';

let found: Promise<K6> | undefined;

/** A real k6; found once per test process. */
export function realK6(): Promise<K6> {
  found ??= findK6({ k6Flag: process.env.NOVAPERF_TEST_K6, env: process.env });
  return found;
}

/** Gets k6 ready before the first test of a suite; on a fresh machine that builds it, which takes minutes. */
export function needsK6(): void {
  before(async function () {
    this.timeout(15 * 60_000);
    await realK6();
  });
}

/** An executable of test/fixtures/k6 that replaces k6. */
export function fixture(name: string, parts: Partial<K6> = {}): K6 {
  return {
    path: join(packageRoot, 'test', 'fixtures', 'k6', name),
    version: '2.2.0',
    hasHistograms: false,
    origin: 'flag',
    notes: [],
    ...parts,
  };
}

/** A script that is one file of plain JavaScript. */
export function script(code: string): K6Script {
  return { code, cwd: tmpdir(), scriptPath: join(tmpdir(), 'script.js') };
}

/** A script as a bundler gives it: JavaScript of TypeScript, with an inline source map. */
export async function bundled(scriptPath: string): Promise<K6Script> {
  const result = await build({
    entryPoints: [scriptPath],
    // The map's sources are relative to sourceRoot, in whatever folder the tests run.
    absWorkingDir: join(scriptPath, '..'),
    bundle: true,
    write: false,
    format: 'esm',
    external: ['k6', 'k6/*'],
    sourcemap: 'inline',
    sourceRoot: `file://${join(scriptPath, '..')}/`,
  });
  return { code: result.outputFiles[0]?.text ?? '', cwd: join(scriptPath, '..'), scriptPath };
}

/** Runs `work` with a temporary folder, which is removed afterwards. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'novaperf-test-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
