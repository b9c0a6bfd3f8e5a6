// Iterations that arrival-rate scenarios request, against sums by hand.

import { expect } from 'chai';
import { requestedIterations, requestedRate } from '../../../runner/analysis/load/arrival-rate.ts';

const constant = { executor: 'constant-arrival-rate', rate: 600, timeUnit: '1m', duration: '30s', startTime: '10s' };
const ramp = {
  executor: 'ramping-arrival-rate',
  startRate: 0,
  timeUnit: '1s',
  stages: [
    { duration: '20s', target: 40 },
    { duration: '0s', target: 10 },
    { duration: '10s', target: 10 },
  ],
};
const closed = { executor: 'constant-vus', vus: 4, duration: '1m' };

describe('the requested arrival rate', () => {
  for (const [atMs, rate] of [
    [0, 0],
    [5_000, 10],
    [10_000, 20 + 10],
    [19_000, 38 + 10],
    [25_000, 10 + 10],
    [50_000, 0],
  ] as const) {
    it(`is ${rate} a second after ${atMs / 1000} s, ramps in a straight line, steps at once`, () => {
      expect(requestedRate({ constant, ramp, closed })?.(atMs)).to.equal(rate);
    });
  }

  it('does not exist without an arrival-rate scenario', () => {
    expect(requestedRate({ closed })).to.equal(undefined);
  });
});

describe('the requested iterations', () => {
  for (const [elapsedMs, asked] of [
    [0, 0],
    [10_000, 100],
    [20_000, 400 + 100],
    [25_000, 400 + 50 + 150],
    [1_000_000, 400 + 100 + 300],
  ] as const) {
    it(`are ${asked} after ${elapsedMs / 1000} s`, () => {
      expect(requestedIterations({ constant, ramp, closed }, elapsedMs, {})).to.equal(asked);
    });
  }

  it('do not exist without an arrival-rate scenario', () => {
    expect(requestedIterations({ closed }, 10_000, {})).to.equal(undefined);
    expect(requestedIterations({}, 10_000, {})).to.equal(undefined);
  });
});
