// Mocha's own spec reporter, which also leaves its counts and the time of each file where test/all.mjs reads them.

const { writeFileSync } = require('node:fs');
const { relative } = require('node:path');
const { reporters } = require('mocha');

module.exports = class TotalsReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const fileMs = {};
    const count = ({ file = '', duration = 0 }) => {
      const name = relative('.', file);
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
