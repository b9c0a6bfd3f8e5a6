// The files of `npm test` and of `npm run test:quick`, in the order in which they begin.

import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const tests = readdirSync('test', { recursive: true })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => `test/${path}`)
  .sort();
const isSlow = (file) => file.endsWith('.slow.test.ts');

/** Half a minute and more each where six run at once; begun last, one of them would keep a core waiting. */
const LONGEST = [
  'test/cli/live-page.slow.test.ts',
  'test/report/live-charts.slow.test.ts',
  'test/cli/mcp.slow.test.ts',
  'test/cli/run.slow.test.ts',
  'test/cli/user-errors.slow.test.ts',
  'test/report/page.slow.test.ts',
  'test/cli/user-folder.slow.test.ts',
  'test/cli/cycle.slow.test.ts',
  'test/cli/compare.slow.test.ts',
  'test/monitor/cycle.slow.test.ts',
  'test/cli/verification.slow.test.ts',
  'test/cli/error-samples.slow.test.ts',
  'test/analysis/parity.slow.test.ts',
  'test/cli/analyze.slow.test.ts',
  'test/cli/cluster.slow.test.ts',
  'test/cli/terminal-view.slow.test.ts',
  'test/monitor/sampler.slow.test.ts',
  'test/records/processes.slow.test.ts',
];
/** Seconds each. */
const LONGEST_QUICK = [
  'test/report/files.test.ts',
  'test/run/merge.test.ts',
  'test/metrics/archive.test.ts',
  'test/records/cycle-records.test.ts',
  'test/scenario/data-bounds.test.ts',
];
const longestFirst = (files, longest) => [...longest, ...files.filter((file) => !longest.includes(file))];
const slow = longestFirst(tests.filter(isSlow), LONGEST);
const quick = longestFirst(
  tests.filter((file) => !isSlow(file)),
  LONGEST_QUICK,
);

// Stacks name lines of the sources.
const BUNDLED = ['--no-config', '--forbid-only', '--node-option', 'enable-source-maps,max-semi-space-size=64'];

/** All tests. Those of k6 wait for its load most of their time, so there are three times as many files under way as cores. */
export const ALL = {
  files: [...slow, ...quick],
  flags: [
    ...BUNDLED,
    ...['--timeout', '60000', '--slow', '5000', '--parallel', '--jobs', String(3 * availableParallelism())],
  ],
  needsK6: true,
};

/**
 * The tests that need no k6, no browser, no Go and no seconds of waiting. A file with any of these is named x.slow.test.ts
 * (dependency-cruiser checks it); a single slow test in a quick file has @slow in its title. Properties try a tenth of their cases
 * (test/property-runs.ts).
 */
export const QUICK = {
  files: quick,
  flags: [
    ...BUNDLED,
    ...['--grep', '@slow', '--invert', '--timeout', '30000', '--slow', '2000'],
    // One more than cores: some wait for a file or a process.
    ...['--parallel', '--jobs', String(availableParallelism() + 1)],
  ],
  needsK6: false,
  env: { NOVAPERF_TEST_QUICK: '1' },
};
