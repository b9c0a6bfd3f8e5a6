// Mocha's own reporter (spec; dots for the quick suite), which also leaves its counts and the time of each file for test/all.mjs.

const { writeFileSync } = require('node:fs');
const { relative } = require('node:path');
const { reporters } = require('mocha');

/** Of a bundle (test/bundle-tests.mjs) its source. */
function sourceOf(file) {
  return relative('.', file)
    .replace(/^node_modules\/\.cache\/tests\/\d+\//, '')
    .replace(/\.mjs$/, '.ts');
}

module.exports = class TotalsReporter extends (process.env.NOVAPERF_TEST_QUICK ? reporters.Dot : reporters.Spec) {
  constructor(runner, options) {
    super(runner, options);
    const fileMs = {};
    const count = ({ file = '', duration = 0 }) => {
      const name = sourceOf(file);
      fileMs[name] = (fileMs[name] ?? 0) + duration;
    };
    runner.on('pass', count);
    runner.on('fail', count);
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      writeFileSync(process.env.NOVAPERF_TEST_TOTALS, JSON.stringify({ passes, failures, pending, fileMs }));
    });
  }
};
