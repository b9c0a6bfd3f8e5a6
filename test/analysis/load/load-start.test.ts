import { expect } from 'chai';
import { firstIterationMs, loadStartOf } from '../../../runner/analysis/load/load-start.ts';
import type { ScenarioPlan } from '../../../runner/model/plan.ts';

type Scenarios = ScenarioPlan['k6Scenarios'];

describe('the start of load', () => {
  const ROWS: ReadonlyArray<readonly [title: string, scenarios: Scenarios, waitMs: number]> = [
    ['no scenario is known', {}, 0],
    ['VUs begin at once', { a: { executor: 'constant-vus', vus: 2, duration: '4s' } }, 0],
    [
      'the only scenario begins later',
      { a: { executor: 'constant-vus', vus: 2, duration: '4s', startTime: '10s' } },
      10_000,
    ],
    [
      'the first of two counts',
      { a: { executor: 'constant-vus', startTime: '10s' }, b: { executor: 'per-vu-iterations', startTime: '3s' } },
      3000,
    ],
    [
      'a ramp of VUs begins with some',
      { a: { executor: 'ramping-vus', startVUs: 1, stages: [{ duration: '4s', target: 20 }] } },
      0,
    ],
    [
      'a ramp of VUs begins at none',
      { a: { executor: 'ramping-vus', startVUs: 0, stages: [{ duration: '4s', target: 20 }] } },
      200,
    ],
    [
      'a ramp of VUs rests first',
      {
        a: {
          executor: 'ramping-vus',
          startVUs: 0,
          stages: [
            { duration: '5s', target: 0 },
            { duration: '0s', target: 3 },
          ],
        },
      },
      5000,
    ],
    [
      'a rate ramps from none: half of 2/s in 2 s is 1 iteration after sqrt(2) s',
      {
        a: { executor: 'ramping-arrival-rate', startRate: 0, timeUnit: '1s', stages: [{ duration: '2s', target: 2 }] },
      },
      Math.sqrt(2) * 1000,
    ],
    [
      'a rate stays',
      {
        a: {
          executor: 'ramping-arrival-rate',
          startRate: 30,
          timeUnit: '1m',
          stages: [{ duration: '9s', target: 30 }],
        },
      },
      2000,
    ],
    [
      'no iteration is ever due',
      { a: { executor: 'ramping-vus', startVUs: 0, stages: [{ duration: '5s', target: 0 }] } },
      0,
    ],
  ];
  for (const [title, scenarios, waitMs] of ROWS) {
    it(`is ${Math.round(waitMs)} ms before the first iteration if ${title}`, () => {
      expect(firstIterationMs(scenarios)).to.be.closeTo(waitMs, 1e-6);
      expect(loadStartOf({ load: { fromMs: 50_000, toMs: 60_000 } }, scenarios, 1)).to.be.closeTo(
        50_000 - waitMs,
        1e-6,
      );
    });
  }

  it('is the first sample if the archive lacks the first iteration', () => {
    expect(loadStartOf({}, {}, 7)).to.equal(7);
    expect(loadStartOf({}, {}, undefined)).to.equal(undefined);
  });
});
