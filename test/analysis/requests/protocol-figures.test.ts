import { expect } from 'chai';
import { figuresWithin } from '../../../runner/analysis/capacity/step-warm-up.ts';
import { amountOf, failedOf, failedOverTime, requestsOf } from '../../../runner/analysis/requests/protocol-figures.ts';
import { Windower } from '../../../runner/metrics/samples/windower.ts';
import { MetricsStore } from '../../../runner/metrics/store/store.ts';
import { undeclaredMetric } from '../../../runner/model/builtin-metrics.ts';
import { EVERY_PROTOCOL, type Protocol, reportsSuccess } from '../../../runner/model/protocols.ts';

const START_MS = Date.parse('2026-11-30T10:00:00.000Z');

/** Ten requests a second over four seconds as in k6; in the third second three of them fail. */
function runOf({ counted, latency, failed, expected }: Protocol): MetricsStore {
  const store = new MetricsStore({ timeline: true });
  const windower = new Windower(store.sink);
  const add = (metric: string, value: number, tags: Record<string, string>, timeMs: number) => {
    const series = windower.seriesOf(windower.declare(undeclaredMetric(metric)), windower.tagSetOf(tags));
    windower.add(series, timeMs, 0, value);
  };
  for (let second = 0; second < 4; second++) {
    for (let request = 0; request < 10; request++) {
      const timeMs = START_MS + second * 1000 + request * 100;
      const fails = second === 2 && request < 3;
      const tags = fails ? { status: '13', expected_response: 'false' } : expected;
      for (const metric of new Set([counted, latency])) add(metric, 1, tags, timeMs);
      if (failed !== undefined) add(failed, Number(fails), tags, timeMs);
    }
    windower.flush();
  }
  return store;
}

describe('requests of a protocol', () => {
  const SECOND = { fromMs: START_MS + 2000, toMs: START_MS + 3000 };
  for (const protocol of EVERY_PROTOCOL) {
    const hasFailures = reportsSuccess(protocol);
    it(`are counted for ${protocol.plural}, ${hasFailures ? 'with failed ones' : 'without failed ones'}`, () => {
      const metrics = runOf(protocol);
      expect(requestsOf(protocol, metrics)).to.equal(40);
      expect(requestsOf(protocol, metrics, {}, SECOND)).to.equal(10);
      expect(failedOf(protocol, metrics)).to.deep.equal(hasFailures ? { failed: 3, of: 40 } : undefined);
      expect(failedOf(protocol, metrics, {}, SECOND)).to.deep.equal(hasFailures ? { failed: 3, of: 10 } : undefined);
      expect(failedOverTime(protocol, metrics)).to.deep.equal(hasFailures ? [0, 0, 3, 0] : []);
    });

    it(`of ${protocol.plural} are the requests and errors of a step of a search`, () => {
      const { requestsPerS, errorShare } = figuresWithin(runOf(protocol), SECOND);
      expect({ requestsPerS, errorShare }).to.deep.equal(
        hasFailures ? { requestsPerS: 10, errorShare: 0.3 } : { requestsPerS: null, errorShare: null },
      );
    });

    it(`do not exist without ${protocol.plural}`, () => {
      const metrics = new MetricsStore({ timeline: true });
      expect(requestsOf(protocol, metrics)).to.equal(0);
      expect(failedOf(protocol, metrics)).to.equal(undefined);
    });
  }

  it('are the sum of a counter and the samples of a trend', () => {
    const total = { sum: 7, count: 3 };
    expect(amountOf({ type: 'counter', ...total })).to.equal(7);
    expect(amountOf({ type: 'trend', ...total })).to.equal(3);
  });
});
