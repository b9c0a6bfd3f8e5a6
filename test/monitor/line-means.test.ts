import { expect } from 'chai';
import { figuresOfMeans } from '../../runner/monitor/line-means.ts';

const means = (values: readonly (number | undefined)[]) =>
  values.map((value, index) => ({ startMs: index * 1000, lengthMs: 1000, value }));

describe('the figures of a line of the system under test', () => {
  it('are null if no interval has a reading', () => {
    expect(figuresOfMeans(means([undefined, undefined]))).to.equal(null);
  });

  it('leave gaps out, and interpolate the p95 as k6 does', () => {
    // k6: rank 0.95 * 9 = 8.55, between the values 9 and 10.
    const figures = figuresOfMeans(means([10, 1, 9, undefined, 2, 8, 3, 7, 4, 6, 5]));
    expect(figures).to.include({ samples: 10, min: 1, max: 10, avg: 5.5, last: 5 });
    expect(figures?.p95).to.be.closeTo(9.55, 1e-9);
  });
});
