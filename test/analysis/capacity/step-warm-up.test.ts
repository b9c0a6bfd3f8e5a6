import { expect } from 'chai';
import {
  afterWarmUp,
  figuresWithin,
  metWithin,
  startedWithin,
} from '../../../runner/analysis/capacity/step-warm-up.ts';
import { Windower } from '../../../runner/metrics/samples/windower.ts';
import { MetricsStore } from '../../../runner/metrics/store/store.ts';
import type { Metric } from '../../../runner/model/metrics.ts';
import { kpisFromThresholds } from '../../../runner/targets/targets.ts';
import { seeded } from '../../seeded.ts';

const START_MS = Date.parse('2026-11-30T10:00:00.000Z');
const metric = (name: string, type: Metric['type'], contains: Metric['contains'] = 'default'): Metric => ({
  ...{ name, type, contains },
});
const TIME = metric('http_req_duration', 'trend', 'time');
const [FAILED, REQUESTS] = [metric('http_req_failed', 'rate'), metric('http_reqs', 'counter')];
const [ITERATIONS, DROPPED] = [metric('iterations', 'counter'), metric('dropped_iterations', 'counter')];

/** A step of 20 requests a second; `dropped`: iterations not started in a second. */
function step(seconds: number, meanMs: (second: number) => number, dropped = (_: number) => 0): MetricsStore {
  const store = new MetricsStore({ timeline: true });
  const windower = new Windower(store.sink);
  const random = seeded(7);
  for (let second = 0; second < seconds; second++) {
    const add = (of: Metric, value: number, offsetMs: number) => {
      const series = windower.seriesOf(windower.declare(of), windower.tagSetOf({}));
      windower.add(series, START_MS + second * 1000 + offsetMs, 0, value);
    };
    for (let request = 0; request < 20; request++) {
      const offsetMs = request * 49;
      add(TIME, meanMs(second) * (0.8 + 0.4 * random()), offsetMs);
      add(FAILED, second < 3 ? 1 : 0, offsetMs);
      add(REQUESTS, 1, offsetMs);
      if (request >= dropped(second)) add(ITERATIONS, 1, offsetMs);
      else add(DROPPED, 1, offsetMs);
    }
    windower.flush();
  }
  return store;
}

const kpis = kpisFromThresholds(
  ['p(95)<100', 'med<10', 'max<100'].map((expression) => ({
    ...{ metric: 'http_req_duration', expression, abortOnFail: false, delayAbortEvalMs: 0 },
  })),
);

describe('the slow start of a load that is held for half a minute', () => {
  it('is left out of targets and figures', () => {
    const metrics = step(
      30,
      (second) => 50 + (second < 6 ? 300 : 0),
      (second) => (second < 4 ? 10 : 0),
    );
    const range = afterWarmUp(metrics);
    if (range === undefined) throw new Error('no warm-up was found');
    expect(range.fromMs - START_MS).to.be.within(6000, 8000);
    expect([...metWithin(kpis, metrics, range)]).to.deep.equal([
      'http_req_duration p(95)<100',
      'http_req_duration max<100',
    ]);
    const { requestsPerS, p50Ms, p95Ms, errorShare } = figuresWithin(metrics, range);
    expect(requestsPerS).to.be.closeTo(20, 1);
    expect(p50Ms).to.be.closeTo(50, 3);
    expect(p95Ms).to.be.within(50, 61);
    expect(errorShare).to.equal(0);
    expect(startedWithin(metrics, range)).to.equal(1);
  });

  for (const [what, metrics] of [
    ['the same times throughout', step(30, () => 50)],
    ['a start that is slower by a tenth', step(30, (second) => (second < 6 ? 55 : 50))],
    ['a queue that fills and empties: its first seconds are fast', step(30, (s) => (s < 3 ? 50 : s < 12 ? 300 : 50))],
    ['times that fall to the end', step(30, (second) => 500 - 15 * second)],
    ['a few seconds', step(8, (second) => (second < 2 ? 500 : 50))],
    ['no requests', new MetricsStore({ timeline: true })],
  ] as const) {
    it(`is not seen in ${what}`, () => {
      expect(afterWarmUp(metrics)).to.equal(undefined);
    });
  }
});
