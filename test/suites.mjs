// The files of `npm test` and of `npm run test:quick`, in the order in which they begin.

import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { longestFirst } from './costs.mjs';

const tests = readdirSync('test', { recursive: true })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => `test/${path}`)
  .sort();
const isSlow = (file) => file.endsWith('.slow.test.ts');

const slow = longestFirst(tests.filter(isSlow));
const quick = longestFirst(tests.filter((file) => !isSlow(file)));

// Stacks name lines of the sources. All cores have tests to run, so collecting garbage on several threads only costs more.
const BUNDLED = [
  '--no-config',
  '--forbid-only',
  '--node-option',
  'enable-source-maps,max-semi-space-size=64,single-threaded-gc',
];

/**
 * All tests. Those of k6 wait for its load most of their time, so there are more files under way than cores. Every worker compiles and warms up
 * what its files share: eight used a tenth more CPU than five.
 */
export const ALL = {
  files: [...slow, ...quick],
  flags: [...BUNDLED, '--timeout', '120000', '--slow', '5000'],
  parallel: ['--parallel', '--jobs', String(2 * availableParallelism() + 1)],
  needsK6: true,
};

/**
 * The tests that need no k6, no browser, no Go and no seconds of waiting. A file with any of these is named x.slow.test.ts
 * (dependency-cruiser checks it); a single slow test in a quick file has @slow in its title. Properties try a tenth of their cases
 * (test/property-runs.ts).
 */
export const QUICK = {
  files: quick,
  flags: [...BUNDLED, '--grep', '@slow', '--invert', '--timeout', '30000', '--slow', '2000'],
  // One more than cores: some wait for a file or a process.
  parallel: ['--parallel', '--jobs', String(availableParallelism() + 1)],
  needsK6: false,
  env: { NOVAPERF_TEST_QUICK: '1' },
};
