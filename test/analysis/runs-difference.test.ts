import { expect } from 'chai';
import { runsDifference } from '../../runner/analysis/runs-difference.ts';
import { seeded } from '../seeded.ts';

const PAIRS = 2000;

/** How often seeded runs with this spread (sd of ln) are called worse, better or the same. */
function shares(kA: number, kB: number, spread: number, factor: number) {
  const found = { worse: 0, better: 0, same: 0, unknown: 0, none: 0 };
  const random = seeded(kA * 1000 + kB * 10 + Math.round(spread * 1000) + Math.round(factor * 7));
  const run = (level: number) =>
    level * Math.exp(spread * Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random()));
  for (let pair = 0; pair < PAIRS; pair++) {
    const a = Array.from({ length: kA }, () => run(100));
    const b = Array.from({ length: kB }, () => run(100 * factor));
    found[runsDifference(a, b)?.verdict ?? 'none']++;
  }
  return {
    different: (found.worse + found.better) / PAIRS,
    worse: found.worse / PAIRS,
    better: found.better / PAIRS,
    same: found.same / PAIRS,
  };
}

describe('the difference over several runs', () => {
  for (const [kA, kB] of [
    [3, 3],
    [5, 5],
    [10, 10],
    [5, 1],
    [20, 1],
    [6, 2],
  ] as const) {
    it(`calls at most 7 % of like builds different with ${kA} and ${kB} runs, whatever they spread by`, () => {
      for (const spread of [0.01, 0.05, 0.2]) expect(shares(kA, kB, spread, 1).different).to.be.at.most(0.07);
    });
  }

  // The powers of shared statistics: +10 % with a spread of 3 % and 5 runs a side .99, of 5 % and 10 runs a side .97.
  for (const [kA, kB, spread, least] of [
    [5, 5, 0.03, 0.96],
    [10, 10, 0.05, 0.94],
    [20, 1, 0.02, 0.95],
  ] as const) {
    it(`finds +10 % nearly always with ${kA} and ${kB} runs that spread by ${spread * 100} %`, () => {
      const { worse, better } = shares(kA, kB, spread, 1.1);
      expect(worse).to.be.at.least(least);
      expect(better).to.equal(0);
    });
  }

  it('calls builds that are alike the same where runs hardly spread', () => {
    expect(shares(10, 10, 0.02, 1).same).to.be.above(0.95);
  });

  it('finds the change that it says it finds in 90 to 100 of 100 pairs', () => {
    const spread = 0.05;
    const { smallestChange = 0 } =
      runsDifference([100, 105, 95, 102, 99, 101, 96, 104], [100, 105, 95, 102, 99, 101, 96, 104]) ?? {};
    expect(smallestChange).to.be.within(0.04, 0.12);
    expect(shares(8, 8, spread, Math.exp(spread * 0.5 * 3.9)).worse).to.be.within(0.9, 1);
  });

  for (const [what, a, b] of [
    ['one run each', [100], [120]],
    ['two and three runs', [100, 101], [120, 121, 119]],
    ['no run of a', [], [100, 101, 102, 103, 104, 105]],
    ['a time of 0', [100, 0, 101], [100, 101, 102]],
  ] as const) {
    it(`is none for ${what}`, () => {
      expect(runsDifference(a, b)).to.equal(undefined);
    });
  }

  it('has no interval of nothing where all runs are equal', () => {
    const difference = runsDifference([100, 100, 100], [120, 120, 120]);
    expect(difference?.verdict).to.equal('worse');
    expect(Object.values(difference?.interval ?? {}).every(Number.isFinite)).to.equal(true);
  });
});
