// The suites of `npm test`: files that run at the same time, and those that measure the machine and run alone; and of `npm run test:quick`.

import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** They compare CPU seconds or response times, which other tests running at the same time would change. */
const ALONE = [
  'test/bench/counted.slow.test.ts',
  'test/demo/behaviour.slow.test.ts',
  'test/demo/faults.slow.test.ts',
  'test/k6/process-health.test.ts',
  'test/monitor/processes.slow.test.ts',
];

// Most of a test of k6 is waiting for its load to end, so there are more files under way than cores. The slow ones begin first.
const tests = readdirSync('test', { recursive: true })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => `test/${path}`)
  .sort();
const isSlow = (file) => file.endsWith('.slow.test.ts');

// Stacks name lines of the sources. Simulations leave much behind: a larger space for the young takes a tenth of their CPU away.
const BUNDLED = ['--no-config', '--forbid-only', '--node-option', 'enable-source-maps,max-semi-space-size=64'];
const PATIENT = [...BUNDLED, '--timeout', '60000', '--slow', '5000'];

export const SUITES = [
  {
    name: 'together',
    files: [...tests.filter(isSlow), ...tests.filter((file) => !isSlow(file))].filter((file) => !ALONE.includes(file)),
    flags: [...PATIENT, '--parallel', '--jobs', String(availableParallelism() + 1)],
    needsK6: true,
  },
  { name: 'alone', files: ALONE, flags: PATIENT, needsK6: true },
];

/**
 * The tests that need no k6, no browser, no Go and no seconds of waiting. A file with any of these is named x.slow.test.ts
 * (dependency-cruiser checks it); a single slow test in a quick file has @slow in its title. Properties try a tenth of their cases
 * (test/property-runs.ts).
 */
export const QUICK = {
  name: 'quick',
  files: tests.filter((file) => !isSlow(file)),
  flags: [
    ...BUNDLED,
    ...['--grep', '@slow', '--invert', '--timeout', '30000', '--slow', '2000'],
    ...['--parallel', '--jobs', String(availableParallelism())],
  ],
  needsK6: false,
  env: { NOVAPERF_TEST_QUICK: '1' },
};
