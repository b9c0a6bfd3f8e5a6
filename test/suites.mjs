// The suites of `npm test`: files that run at the same time, and those that measure the machine and run alone.

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

export const SUITES = [
  {
    name: 'together',
    files: [...tests.filter(isSlow), ...tests.filter((file) => !isSlow(file))].filter((file) => !ALONE.includes(file)),
    flags: ['--parallel', '--jobs', String(availableParallelism() + 1)],
  },
  { name: 'alone', files: ALONE, flags: [] },
];
