import { expect } from 'chai';
import {
  bothTails,
  estimateDifference,
  estimatePairs,
  estimateRuns,
  FALSE_ALARMS,
  holmLevels,
  judgeAmong,
  judgeRuns,
  smallestChange,
} from '../../../runner/analysis/differences/runs-difference.ts';
import { seeded } from '../../seeded.ts';

const PAIRS = 1000;

function runsDifference(a: readonly number[], b: readonly number[]) {
  const found = estimateRuns(a, b);
  return found && judgeRuns(found);
}

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
    it(`calls at most 7 % of equal builds different with ${kA} and ${kB} runs, at any spread @slow`, () => {
      for (const spread of [0.01, 0.05, 0.2]) expect(shares(kA, kB, spread, 1).different).to.be.at.most(0.07);
    });
  }

  // The powers of shared statistics: +10 % with a spread of 3 % and 5 runs a side .99, of 5 % and 10 runs a side .97.
  for (const [kA, kB, spread, least] of [
    [5, 5, 0.03, 0.96],
    [10, 10, 0.05, 0.94],
    [20, 1, 0.02, 0.95],
  ] as const) {
    it(`finds +10 % nearly always with ${kA} and ${kB} runs with a spread of ${spread * 100} %`, () => {
      const { worse, better } = shares(kA, kB, spread, 1.1);
      expect(worse).to.be.at.least(least);
      expect(better).to.equal(0);
    });
  }

  it('calls equal builds the same if runs hardly spread', () => {
    expect(shares(10, 10, 0.02, 1).same).to.be.above(0.95);
  });

  // The true spread is unknown: every experiment has its own estimate.
  for (const [kA, kB, spread] of [
    [3, 3, 0.03],
    [3, 3, 0.1],
    [5, 5, 0.01],
    [6, 1, 0.05],
    [8, 8, 0.05],
  ] as const) {
    it(`finds the change that it promises in 93 to 97 of 100 experiments with ${kA} and ${kB} runs with a spread of ${spread * 100} % @slow`, () => {
      const random = seeded(kA * 100 + kB);
      const normal = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
      const runs = (count: number, level: number) =>
        Array.from({ length: count }, () => level * Math.exp(spread * normal()));
      let found = 0;
      const experiments = 400;
      for (let experiment = 0; experiment < experiments; experiment++) {
        const seen = estimateRuns(runs(kA, 100), runs(kB, 100));
        if (seen === undefined) throw new Error('too few runs');
        const change = smallestChange(seen);
        const next = runsDifference(runs(kA, 100), runs(kB, 100 * (1 + change)));
        if (next?.verdict === 'worse') found++;
      }
      expect(found / experiments).to.be.within(0.92, 0.985);
    });
  }

  for (const [what, a, b] of [
    ['one run each', [100], [120]],
    ['two and three runs', [100, 101], [120, 121, 119]],
    ['no run of a', [], [100, 101, 102, 103, 104, 105]],
    ['a time of 0', [100, 0, 101], [100, 101, 102]],
  ] as const) {
    it(`does not exist for ${what}`, () => {
      expect(runsDifference(a, b)).to.equal(undefined);
    });
  }

  it('has no interval if all runs are equal', () => {
    const difference = runsDifference([100, 100, 100], [120, 120, 120]);
    expect(difference?.verdict).to.equal('worse');
    expect(Object.values(difference?.interval ?? {}).every(Number.isFinite)).to.equal(true);
  });

  it('of alternating pairs is not affected by drift between them', () => {
    const drift = [1, 1.3, 0.8, 1.6, 1.1];
    const pairs = estimatePairs(
      drift.map((level) => 100 * level),
      drift.map((level, index) => 110 * level * (1 + index / 1000)),
    );
    expect(pairs && judgeRuns(pairs)).to.deep.include({ verdict: 'worse' });
    expect(estimatePairs([1, 2], [1, 2])).to.equal(undefined);
    expect(estimatePairs([1, 2, 3], [1, 2])).to.equal(undefined);
  });
});

describe('Holm levels', () => {
  for (const [what, pValues, rejected] of [
    ['a single figure keeps 5 %', [0.04], [true]],
    [
      'of ten figures one at 4 % is chance',
      [0.04, 0.5, 0.6, 0.7, 0.8, 0.9, 0.3, 0.2, 0.4, 0.55],
      Array(10).fill(false),
    ],
    ['the smallest must pass before the next is looked at', [0.03, 0.026], [false, false]],
    ['each further one has an easier level', [0.001, 0.02, 0.04], [true, true, true]],
  ] as const) {
    it(`${what}`, () => {
      const levels = holmLevels(pValues.map((pValue) => ({ pValue, weight: 1 })));
      expect(pValues.map((pValue, index) => pValue <= (levels[index] ?? 0))).to.deep.equal([...rejected]);
    });
  }

  it('give a false alarm in at most 5 % of comparisons of ten endpoints', () => {
    const random = seeded(18);
    const normal = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
    const runs = (count: number) => Array.from({ length: count }, () => 100 * Math.exp(0.05 * normal()));
    let alarms = 0;
    const comparisons = 1000;
    for (let comparison = 0; comparison < comparisons; comparison++) {
      const estimates = Array.from({ length: 10 }, () => estimateRuns(runs(5), runs(5))).flatMap((each) => each ?? []);
      const levels = holmLevels(estimates.map(({ pValue }) => ({ pValue, weight: 1 })));
      const words = estimates.map(
        (each, index) => judgeRuns(each, { tails: bothTails(levels[index] ?? FALSE_ALARMS) }).verdict,
      );
      if (words.some((word) => word === 'worse' || word === 'better')) alarms++;
    }
    expect(alarms / comparisons).to.be.at.most(0.06);
  });
});

describe('one figure of many', () => {
  const tails = { low: 0.0005, high: 0.0005 };
  const estimate = (d: number, se: number) => estimateDifference(d, se, 18);

  it('is the same if its own 95 % interval shows it, for any number of figures', () => {
    expect(judgeAmong(estimate(0.005, 0.015), { tails })).to.deep.equal(judgeRuns(estimate(0.005, 0.015)));
    expect(judgeAmong(estimate(0.005, 0.015), { tails }).verdict).to.equal('same');
    expect(judgeRuns(estimate(0.005, 0.015), { tails }).verdict).to.equal('unknown');
  });

  it('is called different only at its own level, and otherwise has an interval that contains 0', () => {
    for (const [d, verdict] of [
      [0.03, 'unknown'],
      [0.07, 'unknown'],
      [0.12, 'worse'],
      [-0.12, 'better'],
    ] as const) {
      const { verdict: found, interval } = judgeAmong(estimate(d, 0.025), { tails });
      expect(found, String(d)).to.equal(verdict);
      expect((interval?.low ?? 0) < 0 && (interval?.high ?? 0) > 0, String(d)).to.equal(verdict === 'unknown');
    }
  });
});
