import { expect } from 'chai';
import { loadWords } from '../../runner/report/view/load-words.ts';

const stages = (...list: ReadonlyArray<readonly [duration: string, target: number]>) =>
  list.map(([duration, target]) => ({ duration, target }));

describe('the load of a scenario', () => {
  for (const [scenario, words] of [
    [{ executor: 'constant-vus', vus: 1, duration: '1m0s' }, '1 VU for 1 min'],
    [{ executor: 'shared-iterations', vus: 10, iterations: 100 }, '100 iterations, shared by 10 VUs'],
    [{ executor: 'per-vu-iterations', vus: 5, iterations: 1 }, '1 iteration by each of 5 VUs'],
    [
      { executor: 'constant-arrival-rate', rate: 30, timeUnit: '1s', duration: '30s', preAllocatedVUs: 10, maxVUs: 20 },
      '30 iterations/s for 30 s, with up to 20 VUs',
    ],
    [
      { executor: 'constant-arrival-rate', rate: 90, timeUnit: '1m0s', duration: '2h0m0s', startTime: '5s' },
      '90 iterations per 1 min for 2 h, starting at 5 s',
    ],
    [
      { executor: 'ramping-vus', startVUs: 1, stages: stages(['10s', 6], ['15s', 6], ['0s', 2], ['5s', 0]) },
      '1 to 6 VUs in 10 s, 6 VUs for 15 s, jump to 2 VUs, 2 to 0 VUs in 5 s',
    ],
    [
      { executor: 'ramping-arrival-rate', startRate: 2, timeUnit: '1s', stages: stages(['15s', 20]) },
      '2 to 20 iterations/s in 15 s',
    ],
    [
      { executor: 'ramping-vus', stages: stages(...Array.from({ length: 8 }, (_, at) => ['1s', at + 2] as const)) },
      /^1 to 2 VUs in 1 s, .*, 6 to 7 VUs in 1 s, and 2 more stages$/,
    ],
    [{ executor: 'ramping-vus', stages: [{ duration: 'soon', target: 3 }] }, undefined],
    [{ executor: 'constant-vus', vus: 2 }, undefined],
    [{ executor: 'someones-own', rate: 3 }, undefined],
  ] as const) {
    it(`is ${words ?? 'undefined'} for ${JSON.stringify(scenario).slice(0, 90)}`, () => {
      if (words instanceof RegExp) expect(loadWords(scenario)).to.match(words);
      else expect(loadWords(scenario)).to.equal(words);
    });
  }
});
