// Runs `npm test` and prints the sum as its last line: "1490 passed, 0 failed, 2 skipped".
// `node test/all.mjs test/cli test/run` runs only the files below these paths; `--quick` runs those of `npm run test:quick`.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleTests } from './bundle-tests.mjs';
import { ALL, QUICK } from './suites.mjs';

const GLOBAL_SETUP = 'test/global-setup.ts';
const SLOWEST_SHOWN = 10;
const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');

const suite = process.argv.includes('--quick') ? QUICK : ALL;
const below = process.argv.slice(2).filter((argument) => argument !== '--quick');
const files =
  below.length === 0 ? suite.files : suite.files.filter((file) => below.some((path) => file.startsWith(path)));
if (files.length === 0) {
  console.error(`no test file below ${below.join(', ')}`);
  process.exit(1);
}
const [setup, ...bundles] = await bundleTests([GLOBAL_SETUP, ...files]);

const folder = mkdtempSync(join(tmpdir(), 'novaperf-totals-'));
const totals = join(folder, 'totals.json');
const args = [mocha, ...suite.flags, ...(suite.needsK6 ? ['--require', setup] : [])];
const child = spawn(process.execPath, [...args, '--reporter', 'test/totals-reporter.cjs', ...bundles], {
  stdio: 'inherit',
  env: { ...process.env, ...suite.env, NOVAPERF_TEST_TOTALS: totals },
});
const [code] = await once(child, 'exit');
try {
  const { passes, failures, pending, fileMs } = JSON.parse(readFileSync(totals, 'utf8'));
  const slowest = Object.entries(fileMs).sort(([, a], [, b]) => b - a);
  console.log('slowest files:');
  for (const [file, ms] of slowest.slice(0, SLOWEST_SHOWN))
    console.log(`  ${(ms / 1000).toFixed(1).padStart(6)} s  ${file}`);
  // A hook that failed before mocha counted anything still fails the suite.
  const failed = code === 0 ? failures : Math.max(1, failures);
  console.log(`${passes} passed, ${failed} failed${pending > 0 ? `, ${pending} skipped` : ''}`);
  process.exitCode = failed === 0 ? 0 : 1;
} catch {
  console.error(`mocha ended with code ${code} before it could count its tests`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
