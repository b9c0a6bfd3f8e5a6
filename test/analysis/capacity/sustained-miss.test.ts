import { expect } from 'chai';
import { SustainedMiss } from '../../../runner/analysis/capacity/sustained-miss.ts';
import { Windower } from '../../../runner/metrics/samples/windower.ts';
import { MetricsStore } from '../../../runner/metrics/store/store.ts';
import type { Kpi } from '../../../runner/model/kpi.ts';
import type { Metric } from '../../../runner/model/metrics.ts';
import { kpisFromThresholds } from '../../../runner/targets/targets.ts';

const START_MS = Date.parse('2026-11-30T10:00:00.000Z');
const METRICS: Readonly<Record<string, Metric>> = {
  time: { name: 'http_req_duration', type: 'trend', contains: 'time' },
  failed: { name: 'http_req_failed', type: 'rate', contains: 'default' },
  iterations: { name: 'iterations', type: 'counter', contains: 'default' },
  dropped: { name: 'dropped_iterations', type: 'counter', contains: 'default' },
};

const targets = (metric: string, expression: string): Kpi[] =>
  kpisFromThresholds([{ metric, expression, abortOnFail: false, delayAbortEvalMs: 0 }]);

interface Second {
  readonly ms?: number;
  readonly failed?: number;
  readonly dropped?: number;
}

/** The second at which a load of 20 requests a second is ended; undefined if it is not. */
function endedAfter(kpis: readonly Kpi[], seconds: number, at: (second: number) => Second): number | undefined {
  const store = new MetricsStore({ timeline: true });
  const windower = new Windower(store.sink);
  const watch = new SustainedMiss(kpis, store);
  for (let second = 0; second < seconds; second++) {
    const { ms = 50, failed = 0, dropped = 0 } = at(second);
    const add = (metric: Metric | undefined, value: number, offsetMs: number) => {
      if (metric === undefined) return;
      const open = windower.declare(metric);
      windower.add(windower.seriesOf(open, windower.tagSetOf({})), START_MS + second * 1000 + offsetMs, 0, value);
    };
    for (let request = 0; request < 20; request++) {
      const offsetMs = request * 49;
      add(METRICS.time, ms, offsetMs);
      add(METRICS.failed, request < failed ? 1 : 0, offsetMs);
      if (request >= dropped) add(METRICS.iterations, 1, offsetMs);
      else add(METRICS.dropped, 1, offsetMs);
    }
    windower.flush();
    if (watch.check() !== undefined) return second;
  }
  return undefined;
}

const P95 = targets('http_req_duration', 'p(95)<100');

describe('a load that misses a target by far', () => {
  for (const [what, kpis, at] of [
    ['p95 of twice the limit from the start', P95, () => ({ ms: 200 })],
    ['half of the requests failed', targets('http_req_failed', 'rate<0.01'), () => ({ failed: 10 })],
    ['a fifth of the iterations not started', P95, () => ({ dropped: 4 })],
  ] as const) {
    it(`is ended after 10 to 13 s: ${what}`, () => {
      expect(endedAfter(kpis, 60, at)).to.be.within(10, 13);
    });
  }

  it('is ended some seconds after it began to miss', () => {
    expect(endedAfter(P95, 60, (second) => ({ ms: second < 20 ? 50 : 300 }))).to.be.within(24, 28);
  });

  for (const [what, kpis, at] of [
    ['a miss by a tenth', P95, () => ({ ms: 110 })],
    ['a pause of 3 s', P95, (second: number) => ({ ms: second >= 20 && second < 23 ? 900 : 50 })],
    ['a slow start', P95, (second: number) => ({ ms: second < 3 ? 900 : 50 })],
    ['a slow start of half a minute', P95, (second: number) => ({ ms: 50 + 900 * Math.exp(-second / 10) })],
    ['a target for a count', targets('iterations', 'count>100000'), () => ({})],
    ['one iteration of twenty not started', P95, () => ({ dropped: 1 })],
  ] as const) {
    it(`is held to the end for ${what}`, () => {
      expect(endedAfter(kpis, 60, at)).to.equal(undefined);
    });
  }
});
