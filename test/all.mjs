// Runs `npm test` and prints the sum as its last line: "1490 passed, 0 failed, 2 skipped".
// `node test/all.mjs test/cli test/run` runs only the files below these paths; `--quick` runs those of `npm run test:quick`.
// `--costs` runs the files one at a time, prints the time and CPU of each, and keeps them in test/costs.json, by which files are begun.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleTests } from './bundle-tests.mjs';
import { measureCosts } from './costs.mjs';
import { mochaRun } from './mocha-run.mjs';
import { ALL, QUICK } from './suites.mjs';

const GLOBAL_SETUP = 'test/global-setup.ts';
const SLOWEST_SHOWN = 10;
const OPTIONS = ['--quick', '--costs'];

const suite = process.argv.includes('--quick') ? QUICK : ALL;
const below = process.argv.slice(2).filter((argument) => !OPTIONS.includes(argument));
const files =
  below.length === 0 ? suite.files : suite.files.filter((file) => below.some((path) => file.startsWith(path)));
if (files.length === 0) {
  console.error(`no test file below ${below.join(', ')}`);
  process.exit(1);
}
const [setup, ...bundles] = await bundleTests([GLOBAL_SETUP, ...files]);
const flags = [...suite.flags, ...(suite.needsK6 ? ['--require', setup] : [])];

const folder = mkdtempSync(join(tmpdir(), 'novaperf-totals-'));
try {
  if (process.argv.includes('--costs')) await measureCosts({ files, bundles, flags, env: suite.env, folder });
  else await runAll();
} finally {
  rmSync(folder, { recursive: true });
}

async function runAll() {
  const { code, totals } = await mochaRun({ flags: [...flags, ...suite.parallel], env: suite.env, folder }, bundles);
  if (totals === undefined) {
    console.error(`mocha ended with code ${code} before it could count its tests`);
    process.exitCode = 1;
    return;
  }
  const { passes, failures, pending, fileMs } = totals;
  const slowest = Object.entries(fileMs).sort(([, a], [, b]) => b - a);
  console.log('slowest files:');
  for (const [file, ms] of slowest.slice(0, SLOWEST_SHOWN))
    console.log(`  ${(ms / 1000).toFixed(1).padStart(6)} s  ${file}`);
  // A hook that failed before mocha counted anything still fails the suite.
  const failed = code === 0 ? failures : Math.max(1, failures);
  console.log(`${passes} passed, ${failed} failed${pending > 0 ? `, ${pending} skipped` : ''}`);
  process.exitCode = failed === 0 ? 0 : 1;
}
