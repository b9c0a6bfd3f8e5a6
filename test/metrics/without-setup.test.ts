// Figures without setup() and teardown(), which a project can choose.

import { expect } from 'chai';
import { Windower } from '../../runner/metrics/samples/windower.ts';
import { withoutSetup } from '../../runner/metrics/sinks/without-setup.ts';
import { MetricsStore } from '../../runner/metrics/store/store.ts';

const AT_MS = 1_700_000_000_000;

describe('a stream without setup and teardown', () => {
  for (const [leavesOut, count] of [
    [true, 2],
    [false, 4],
  ] as const) {
    it(`counts ${count} of 4 requests if they are ${leavesOut ? 'left out' : 'kept'}`, () => {
      const store = new MetricsStore({ timeline: true });
      const windower = new Windower(leavesOut ? withoutSetup(store.sink) : store.sink);
      const metric = windower.declare({ name: 'http_reqs', type: 'counter', contains: 'default' });
      for (const group of ['::setup', '', '::cart', '::teardown']) {
        windower.add(windower.seriesOf(metric, windower.tagSetOf({ group })), AT_MS, 0, 1);
      }
      windower.flush();
      expect(store.total('http_reqs')?.sum).to.equal(count);
    });
  }
});
