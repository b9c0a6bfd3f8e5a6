import { expect } from 'chai';
import { noisySeries } from '../../../bench/verdicts/changes.ts';
import { correlatedStep } from '../../../runner/analysis/shape/correlated-step.ts';
import { shapeOf } from '../../../runner/analysis/shape/shape.ts';

const SERIES = 60;

describe('a step in correlated noise', () => {
  const seedsOf = (count: number) => Array.from({ length: count }, (_, i) => (i + 1) * 7919);
  const seeds = seedsOf(SERIES);

  it('has its exact place, its size and the level before if there is little noise', () => {
    const values = noisySeries(120, (i) => (i < 70 ? 100 : 115), 3, 0.8, 0.2);
    const step = correlatedStep(values, []);
    expect(step?.at).to.equal(70);
    expect(step?.from).to.be.closeTo(100, 0.5);
    expect(step?.to).to.be.closeTo(115, 0.5);
  });

  for (const [what, build, isRight, series, least] of [
    ['is found where it is', (i: number) => (i < 70 ? 100 : 115), (at: number) => Math.abs(at - 70) <= 6, 400, 0.9],
    ['is found early', (i: number) => (i < 20 ? 100 : 120), (at: number) => Math.abs(at - 20) <= 6, SERIES, 0.8],
  ] as const) {
    it(what, () => {
      const found = seedsOf(series).filter((seed) => {
        const shape = shapeOf(noisySeries(120, build, seed, 0.8, 5));
        return shape?.kind === 'stepped' && shape.clarity >= 5 && isRight(shape.at ?? -1);
      });
      expect(found.length / series).to.be.at.least(least);
    });
  }

  for (const phi of [0, 0.5, 0.8, 0.9]) {
    it(`is found in at most one of ten series without one (correlation ${phi})`, () => {
      const seen = seeds.filter((seed) => {
        const shape = shapeOf(noisySeries(120, () => 100, seed, phi, 5));
        return shape?.kind === 'stepped' && shape.clarity >= 5;
      });
      expect(seen.length / SERIES).to.be.at.most(0.1);
    });
  }

  it('is not found in a level that comes and goes', () => {
    const values = noisySeries(120, (i) => (i >= 50 && i < 75 ? 130 : 100), 5, 0.8, 5);
    expect(shapeOf(values)).to.include({ kind: 'stepped', at: 50, until: 75 });
  });
});
