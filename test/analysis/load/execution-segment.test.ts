// The share of an execution segment against k6's own numbers, recorded from lib.NewExecutionTuple, GetNewExecutionTupleFromValue
// and ScaleInt64 of k6 2.2.0.

import { expect } from 'chai';
import { requestedIterations, requestedRate } from '../../../runner/analysis/load/arrival-rate.ts';
import { shareOf } from '../../../runner/analysis/load/execution-segment.ts';

describe('the iterations of an execution segment', () => {
  for (const [executionSegment, executionSegmentSequence, maxVUs, all, own] of [
    ['0:1/2', null, 5, 80, 48],
    ['1/2:1', null, 5, 80, 32],
    ['0:1/2', null, 4, 80, 40],
    ['0:1/3', '0,1/3,2/3,1', 7, 100, 43],
    ['1/3:2/3', '0,1/3,2/3,1', 7, 100, 29],
    ['2/3:1', '0,1/3,2/3,1', 7, 100, 28],
    ['1/6:1/2', null, 10, 1001, 400],
    ['0:1/4', null, 1, 100, 0],
    ['0.1:0.35', '0,0.1,0.35,1', 13, 777, 239],
    ['2/5:4/5', null, 3, 50, 17],
    ['0:1', null, 5, 80, 80],
    [null, null, 5, 80, 80],
    ['no segment', null, 5, 80, 80],
  ] as const) {
    it(`are ${own} of ${all} for ${executionSegment} of ${executionSegmentSequence ?? 'itself'} with ${maxVUs} VUs`, () => {
      expect(shareOf({ executionSegment, executionSegmentSequence }, maxVUs).scale(all)).to.equal(own);
    });
  }

  it('are the requested ones of the instance, and so is its part of the rate', () => {
    const half = { executor: 'constant-arrival-rate', rate: 20, duration: '4s', preAllocatedVUs: 5 };
    const options = { executionSegment: '0:1/2' };
    expect(requestedIterations({ half }, 4000, options)).to.equal(48);
    expect(requestedRate({ half }, options)?.(1000)).to.be.closeTo(12, 1e-9);
  });
});
