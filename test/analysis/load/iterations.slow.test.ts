// Counts of iterations against those in the progress of real k6.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { countIterations } from '../../../runner/analysis/load/iterations.ts';
import { SamplesReader } from '../../../runner/metrics/samples/samples-reader.ts';
import { MetricsStore } from '../../../runner/metrics/store/store.ts';
import { needsK6, realK6, withFolder } from '../../k6/real-k6.ts';

describe('the iterations of a run of k6', function () {
  this.timeout(120_000);
  needsK6();

  it('equal those of its progress for completed and interrupted; dropped and left-out ones are separate', () =>
    withFolder(async (folder) => {
      const points = join(folder, 'points.json');
      const { path } = await realK6();
      const script = new URL('../../fixtures/analysis/cut-at-the-end.js', import.meta.url).pathname;
      const { stdout } = await promisify(execFile)(path, [
        'run',
        '--no-usage-report',
        '--out',
        `json=${points}`,
        script,
      ]);
      const [, completed, interrupted] = [...stdout.matchAll(/(\d+) complete and (\d+) interrupted/g)].at(-1) ?? [];
      const store = new MetricsStore({ timeline: true });
      const reader = new SamplesReader(store.sink);
      reader.push(await readFile(points));
      store.end(reader.end());
      const scenarios = {
        cut: { executor: 'constant-arrival-rate', rate: 10, duration: '2s', preAllocatedVUs: 40 },
        short: {
          executor: 'ramping-arrival-rate',
          startRate: 20,
          stages: [{ duration: '2s', target: 20 }],
          preAllocatedVUs: 1,
        },
        shared: { executor: 'shared-iterations' },
        closed: { executor: 'constant-vus' },
      };
      const counts = countIterations(store, { scenarios, options: {}, elapsedMs: 2000 });
      expect(counts.completed).to.equal(Number(completed));
      // k6 may begin one as a scenario ends, which has no sample.
      expect(counts.interrupted).to.be.within(Number(interrupted) - 2, Number(interrupted));
      const left = store.total('dropped_iterations', { scenario: 'shared' })?.sum;
      expect(counts.notBegun).to.equal(left).and.to.be.above(0);
      expect(counts.dropped)
        .to.equal(store.total('dropped_iterations', { scenario: 'short' })?.sum)
        .and.to.be.above(0);
      expect(counts.open?.asked).to.equal(60);
      expect((counts.open?.begun ?? 0) + counts.dropped).to.be.within(58, 62);
    }));
});
