// Scales of charts for any value that a metric can have.

import { expect } from 'chai';
import { scaleFor } from '../../runner/report/charts/axes.ts';
import { ticksOf } from '../../runner/report/charts/frame.ts';

describe('the scale of a chart', () => {
  for (const highest of [
    0,
    5e-324,
    1e-300,
    0.3,
    1,
    97,
    1e15,
    1e300,
    1e308,
    1.7e308,
    Number.MAX_VALUE,
    Infinity,
    Number.NaN,
  ])
    it(`has a few finite steps up to ${highest}`, () => {
      const ticks = ticksOf(scaleFor(highest));
      expect(ticks.length).to.be.within(4, 8);
      expect(ticks.every(Number.isFinite)).to.equal(true);
      expect(ticks).to.deep.equal([...new Set(ticks)].sort((a, b) => a - b));
    });
});
