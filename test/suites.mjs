// The suites of `npm test`: files that run at the same time, and those that measure the machine and run alone.

import { availableParallelism } from 'node:os';
import { globSync } from 'glob';

/** They compare CPU seconds or response times, which other tests running at the same time would change. */
const ALONE = [
  'test/bench/counted.slow.test.ts',
  'test/demo/behaviour.slow.test.ts',
  'test/demo/faults.slow.test.ts',
  'test/k6/process-health.test.ts',
  'test/monitor/processes.slow.test.ts',
];

// Most of a test of k6 is waiting for its load to end, so there are more files under way than cores. The slow ones begin first.
const slow = globSync('test/**/*.slow.test.ts').sort();
const quick = globSync('test/**/*.test.ts', { ignore: slow }).sort();

export const SUITES = [
  {
    name: 'together',
    files: [...slow, ...quick].filter((file) => !ALONE.includes(file)),
    flags: ['--parallel', '--jobs', String(availableParallelism() + 1)],
  },
  { name: 'alone', files: ALONE, flags: [] },
];
