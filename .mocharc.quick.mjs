// The tests that need neither k6 nor a browser nor seconds of waiting: `npm run test:quick`.

import { readFileSync } from 'node:fs';
import { globSync } from 'glob';

/** What a test imports when it needs the real k6, a browser or whole processes. */
const SLOW = /real-k6|browser\.ts'|novaperf\.ts'|findK6|histograms-k6|go-module|exporters|pseudo-terminal|watched-run/;
const SLOW_FILES = /^test\/(cli|demo|verify\/verify-target|monitor\/(sampler|processes)|records\/(processes|commands))/;

const spec = globSync('test/**/*.test.ts')
  .filter((path) => !SLOW_FILES.test(path) && !SLOW.test(readFileSync(path, 'utf8')))
  .sort();

export default {
  'node-option': ['import=tsx'],
  extension: ['ts'],
  spec,
  timeout: 30000,
  slow: 2000,
  parallel: true,
  jobs: 2,
  reporter: 'dot',
  'forbid-only': true,
};
