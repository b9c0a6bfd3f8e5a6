// Whole numbers divided by weights: the sum, the proportion, and the smallest part.

import { expect } from 'chai';
import fc from 'fast-check';
import { apportion } from '../../runner/scenario/apportion.ts';

describe('a whole number divided by weights', () => {
  const rows: [total: number, weights: number[], least: 0 | 1, parts: number[]][] = [
    [10, [7, 3], 0, [7, 3]],
    [20, [1, 1, 1], 0, [7, 7, 6]],
    [2, [7, 3], 1, [1, 1]],
    [1, [7, 3], 1, [1, 1]],
    [0, [7, 3], 1, [0, 0]],
    [3, [100, 1, 1], 1, [1, 1, 1]],
    [10, [100, 1, 1], 1, [8, 1, 1]],
    [1, [7, 3], 0, [1, 0]],
  ];
  for (const [total, weights, least, parts] of rows) {
    it(`gives ${parts.join(' + ')} of ${total} for ${weights.join(':')}, at least ${least}`, () => {
      expect(apportion(total, weights, least)).to.deep.equal(parts);
    });
  }

  it('adds up, with every part less than one away from its share', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 12 }),
        (total, weights) => {
          const parts = apportion(total, weights);
          const whole = weights.reduce((sum, weight) => sum + weight, 0);
          expect(parts.reduce((sum, part) => sum + part, 0)).to.equal(total);
          parts.forEach((part, index) => {
            expect(Math.abs(part - (total * (weights[index] ?? 0)) / whole)).to.be.below(1);
          });
          const atLeastOne = apportion(total, weights, 1);
          expect(atLeastOne.reduce((sum, part) => sum + part, 0)).to.equal(Math.max(total, weights.length));
          expect(Math.min(...atLeastOne)).to.be.at.least(1);
        },
      ),
    );
  });
});
