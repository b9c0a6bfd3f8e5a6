import { expect } from 'chai';
import { estimateAmongOthers, type FigureRuns } from '../../../runner/analysis/differences/among-others.ts';
import { moderatedVariances } from '../../../runner/analysis/differences/moderated-variance.ts';
import { seeded } from '../../seeded.ts';

function normals(seed: number): () => number {
  const random = seeded(seed);
  return () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
}

describe('the variances of several similar figures', () => {
  /** s² of samples of `df` + 1 values, each with its own true variance. */
  const seen = (truths: readonly number[], df: number, normal: () => number) =>
    truths.map((truth) => (truth * Array.from({ length: df }, () => normal() ** 2).reduce((x, y) => x + y, 0)) / df);

  it('shrink to their mean if they are alike, and gain degrees of freedom up to the limit', () => {
    const { variances, df } = moderatedVariances(seen(Array(40).fill(4), 4, normals(3)), 4, 12);
    expect(df).to.be.closeTo(16, 2);
    for (const variance of variances) expect(variance).to.be.within(2, 7);
  });

  it('do not change if they have nothing in common', () => {
    const found = seen(
      Array.from({ length: 40 }, (_, index) => 1.6 ** (index - 20)),
      10,
      normals(4),
    );
    const { variances, df } = moderatedVariances(found, 10, 30);
    expect(df).to.be.below(11.5);
    variances.forEach((variance, index) => {
      if (index > 15) expect(variance / (found[index] ?? 0)).to.be.within(0.8, 1.6);
    });
  });

  // Σ 1/σ² ~ χ²_d0/(d0 s0²): the model itself, with d0 = 6 and s0² = 2.
  it('recover the prior that they were drawn from', () => {
    const normal = normals(5);
    const [d0, s0] = [6, 2];
    const truths = Array.from(
      { length: 4000 },
      () => (d0 * s0) / Array.from({ length: d0 }, () => normal() ** 2).reduce((x, y) => x + y, 0),
    );
    const { variances, df } = moderatedVariances(seen(truths, 5, normal), 5, 100);
    expect(df - 5).to.be.within(5, 7.2);
    const logError = (values: readonly number[]) =>
      values.reduce((sum, value, index) => sum + Math.log(value / (truths[index] ?? 1)) ** 2, 0);
    expect(logError(variances)).to.be.below(0.7 * logError(seen(truths, 5, normals(6))));
  });
});

describe('an endpoint among the others of its runs', () => {
  /** Runs of ten endpoints with a spread of 10 %, partly shared; in b their times are multiplied by `changes`. */
  function runs(kA: number, kB: number, shared: number, changes: readonly number[], seed: number): FigureRuns[] {
    const normal = normals(seed);
    const side = (count: number, isB: boolean) =>
      Array.from({ length: count }, () => {
        const level = 0.1 * Math.sqrt(shared) * normal();
        const own = () => 0.1 * Math.sqrt(1 - shared) * normal();
        return Array.from(
          { length: 10 },
          (_, index) => 50 * (isB ? (changes[index] ?? 1) : 1) * Math.exp(level + own()),
        );
      });
    const [a, b] = [side(kA, false), side(kB, true)];
    return Array.from({ length: 10 }, (_, index) => ({
      a: a.map((run) => run[index] ?? 0),
      b: b.map((run) => run[index] ?? 0),
    }));
  }

  it('has a much smaller error if the endpoints share most of the spread of runs', () => {
    const found = estimateAmongOthers(runs(8, 8, 0.95, [1.1], 11), false);
    expect(found).to.include({ isShared: true, isShift: false });
    expect(found?.estimates[0]?.se).to.be.below(0.025);
    expect(found?.estimates[0]?.d).to.be.closeTo(Math.log(1.1), 0.05);
  });

  it('is not corrected if the endpoints share nothing', () => {
    const given = runs(8, 8, 0, [1.1], 12);
    const found = estimateAmongOthers(given, false);
    expect(found?.isShared).to.equal(false);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + Math.log(value), 0) / values.length;
    given.forEach(({ a, b }, index) => {
      expect(found?.estimates[index]?.d).to.be.closeTo(mean(b) - mean(a), 1e-12);
    });
  });

  it('is not compared with the others if all changed together', () => {
    expect(estimateAmongOthers(runs(8, 8, 0.8, Array(10).fill(1.5), 13), false)?.isShift).to.equal(true);
  });

  it('is not affected by a few others that changed much', () => {
    const found = estimateAmongOthers(runs(10, 10, 0.9, [1, 4, 4, 4], 14), false);
    expect(found?.estimates[0]?.d).to.be.closeTo(0, 0.06);
    expect(found?.estimates[1]?.d).to.be.closeTo(Math.log(4), 0.06);
  });

  for (const [what, changes, least, most] of [
    ['none of the others changed', [], 0, 0.1],
    ['one changed by half', [1.5], 0, 0.1],
    ['half of them changed, each by another amount', [1.1, 1.085, 1.07, 1.055, 1.04], 0.9, 1],
  ] as const) {
    it(`is marked if the median of all may be a change itself: ${what}`, () => {
      const mixed = Array.from({ length: 50 }, (_, seed) =>
        estimateAmongOthers(runs(10, 10, 0.95, changes, 100 + seed), false),
      ).filter((found) => found?.isMixed === true);
      expect(mixed.length / 50).to.be.within(least, most);
    });
  }

  for (const [what, given] of [
    ['four endpoints', runs(8, 8, 0.5, [], 15).slice(0, 4)],
    ['one run each', runs(1, 1, 0.5, [], 16)],
    ['runs that are all equal', Array.from({ length: 10 }, () => ({ a: [5, 5, 5], b: [5, 5, 5] }))],
  ] as const) {
    it(`has no estimate for ${what}`, () => {
      expect(estimateAmongOthers(given, false)).to.equal(undefined);
    });
  }
});
