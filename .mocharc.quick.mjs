// `npm run test:quick`: the tests that need no k6, no browser, no Go and no seconds of waiting. Every landing runs them.
// A file with any of these is named x.slow.test.ts (dependency-cruiser checks it); a single slow test in a quick file has @slow
// in its title. Properties try a tenth of their cases (test/property-runs.ts).

process.env.NOVAPERF_TEST_QUICK = '1';

export default {
  'node-option': ['import=tsx'],
  extension: ['ts'],
  spec: ['test/**/*.test.ts'],
  ignore: ['test/**/*.slow.test.ts'],
  grep: '@slow',
  invert: true,
  timeout: 30000,
  slow: 2000,
  parallel: true,
  jobs: 2,
  reporter: 'dot',
  'forbid-only': true,
};
