// Runs every suite of `npm test` to its end, whatever fails, and prints the sum as its last line: "1490 passed, 0 failed, 2 skipped".
// `node test/all.mjs test/cli test/run` runs only the files below these paths; `--quick` runs the suite of `npm run test:quick`.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleTests } from './bundle-tests.mjs';
import { QUICK, SUITES } from './suites.mjs';

const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
const folder = mkdtempSync(join(tmpdir(), 'novaperf-totals-'));
const sum = { passes: 0, failures: 0, pending: 0, fileMs: {} };

const isQuick = process.argv.includes('--quick');
const below = process.argv.slice(2).filter((argument) => argument !== '--quick');
const suites = (isQuick ? [QUICK] : SUITES)
  .map((suite) => ({
    ...suite,
    files: below.length === 0 ? suite.files : suite.files.filter((file) => below.some((path) => file.startsWith(path))),
  }))
  .filter(({ files }) => files.length > 0);
const GLOBAL_SETUP = 'test/global-setup.ts';
const sources = [...suites.flatMap(({ files }) => files), GLOBAL_SETUP];
const bundles = await bundleTests(sources);
const bundleOf = new Map(sources.map((source, index) => [source, bundles[index]]));

for (const { name, files, flags, needsK6, env } of suites) {
  const totals = join(folder, `${name}.json`);
  const paths = files.map((file) => bundleOf.get(file));
  const setup = needsK6 ? ['--require', bundleOf.get(GLOBAL_SETUP)] : [];
  const args = [mocha, ...flags, ...setup, '--reporter', 'test/totals-reporter.cjs', ...paths];
  const child = spawn(process.execPath, args, {
    stdio: 'inherit',
    env: { ...process.env, ...env, NOVAPERF_TEST_TOTALS: totals },
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
