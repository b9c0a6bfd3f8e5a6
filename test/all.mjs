// Runs every suite of `npm test` to its end, whatever fails, and prints the sum as its last line: "1490 passed, 0 failed, 2 skipped".
// `node test/all.mjs test/cli test/run` runs only the files below these folders.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SUITES } from './suites.mjs';

const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
const folder = mkdtempSync(join(tmpdir(), 'novaperf-totals-'));
const sum = { passes: 0, failures: 0, pending: 0, fileMs: {} };

const below = process.argv.slice(2);

for (const { name, files: all, flags } of SUITES) {
  const files = below.length === 0 ? all : all.filter((file) => below.some((path) => file.startsWith(path)));
  if (files.length === 0) continue;
  const totals = join(folder, `${name}.json`);
  const child = spawn(process.execPath, [mocha, ...flags, '--reporter', 'test/totals-reporter.cjs', ...files], {
    stdio: 'inherit',
    env: { ...process.env, NOVAPERF_TEST_TOTALS: totals },
  });
  const [code] = await once(child, 'exit');
  try {
    const { passes, failures, pending, fileMs } = JSON.parse(readFileSync(totals, 'utf8'));
    sum.passes += passes;
    // A hook that failed before mocha counted anything still fails the suite.
    sum.failures += code === 0 ? failures : Math.max(1, failures);
    sum.pending += pending;
    Object.assign(sum.fileMs, fileMs);
  } catch {
    console.error(`the suite "${name}" ended with code ${code} before it could count its tests`);
    sum.failures += 1;
  }
}
rmSync(folder, { recursive: true });

const slowest = Object.entries(sum.fileMs)
  .sort(([, a], [, b]) => b - a)
  .slice(0, 10);
console.log('slowest files:');
for (const [file, ms] of slowest) console.log(`  ${(ms / 1000).toFixed(1).padStart(6)} s  ${file}`);
console.log(`${sum.passes} passed, ${sum.failures} failed${sum.pending > 0 ? `, ${sum.pending} skipped` : ''}`);
process.exitCode = sum.failures === 0 ? 0 : 1;
