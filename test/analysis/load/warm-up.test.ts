import { expect } from 'chai';
import { normal, seeded } from '../../../bench/verdicts/streams.ts';
import { warmUpOf } from '../../../runner/analysis/load/warm-up.ts';

/** Means around 100 with neighbours correlated by phi, plus `extra`. */
function means(count: number, phi: number, seed: number, extra: (t: number) => number = () => 0): number[] {
  const random = seeded(seed);
  let level = normal(random);
  return Array.from({ length: count }, (_, t) => {
    level = phi * level + Math.sqrt(1 - phi * phi) * normal(random);
    return 100 + 5 * level + extra(t);
  });
}

/** A plain MSER as reference. */
function naiveCut(values: readonly number[]): number {
  const score = (d: number) => {
    const rest = values.slice(d);
    const mean = rest.reduce((sum, value) => sum + value, 0) / rest.length;
    return rest.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rest.length ** 2;
  };
  return Array.from({ length: Math.floor(values.length / 2) + 1 }, (_, d) => d).reduce((best, d) =>
    score(d) < score(best) ? d : best,
  );
}

/** Two minutes with little noise, the first 20 s slower by this many percent. */
function slowStart(percent: number): number[] {
  return means(120, 0, 1).map((value, t) => 100 + (value - 100) / 10 + (t < 20 ? percent : 0));
}

describe('warmUpOf', () => {
  it('ends at the cut of MSER', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const series = means(120, 0.3, seed, (t) => 100 * Math.exp(-t / 5));
      expect(warmUpOf(series)?.windows).to.equal(naiveCut(series));
    }
  });

  it('finds a start that is twice as slow, to within a few seconds', () => {
    for (const seed of [11, 12, 13]) {
      const found = warmUpOf(means(180, 0.5, seed, (t) => (t < 20 ? 100 : 0)));
      expect(found?.windows).to.be.within(18, 26);
      expect(found?.isOver).to.equal(true);
      expect(found?.before).to.be.within(180, 205);
      expect(found?.after).to.be.within(97, 103);
    }
  });

  it('finds a start that is slower by 6 %', () => {
    expect(warmUpOf(slowStart(6))?.windows).to.equal(20);
  });

  it('cuts at most 5 of 100 runs without a warm-up', () => {
    for (const phi of [0, 0.5, 0.8]) {
      const cut = Array.from({ length: 100 }, (_, seed) => warmUpOf(means(120, phi, seed))).filter(Boolean).length;
      expect(cut, `phi ${phi}`).to.be.at.most(5);
    }
  });

  const none: ReadonlyArray<[what: string, series: Array<number | undefined>]> = [
    ['a series of less than a minute', means(59, 0, 1, (t) => (t < 10 ? 100 : 0))],
    ['times that rise from the start', means(120, 0.3, 1, (t) => (t < 20 ? -50 : 0))],
    ['a drift upwards', means(180, 0.3, 1, (t) => t)],
    ['a start that is slower by 4 %', slowStart(4)],
    ['nothing', []],
    ['a constant', new Array<number>(120).fill(5)],
  ];
  for (const [what, series] of none) {
    it(`finds none in ${what}`, () => {
      expect(warmUpOf(series)).to.equal(undefined);
    });
  }

  it('reports that it may not be over if times fall to the end', () => {
    expect(warmUpOf(means(180, 0.3, 3, (t) => 200 - t))?.isOver).to.equal(false);
  });

  it('skips gaps, and counts them as time', () => {
    const series = means(180, 0.3, 7, (t) => (t < 30 ? 100 : 0)).map((value, t) => (t % 3 === 1 ? undefined : value));
    expect(warmUpOf(series)?.windows).to.be.within(27, 36);
  });
});
