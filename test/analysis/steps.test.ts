// Steps of a series against ruptures' and an exhaustive search, and against the truth of simulated series.

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { pelt, segmentsOf } from '../../runner/analysis/steps.ts';
import { noisy } from './series-noise.ts';

interface Oracle {
  readonly series: ReadonlyArray<{
    readonly name: string;
    readonly values: number[];
    readonly penalty: number;
    readonly changes: number[];
  }>;
}

const oracle: Oracle = JSON.parse(readFileSync(new URL('../fixtures/drift-and-steps.json', import.meta.url), 'utf8'));

/** The cheapest segmentation, without pruning and without prefix sums. */
function exhaustive(values: readonly number[], penalty: number): number[] {
  const cost = (from: number, to: number) => {
    const part = values.slice(from, to);
    const mean = part.reduce((sum, value) => sum + value, 0) / part.length;
    return part.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  };
  const best: Array<{ cost: number; changes: number[] } | undefined> = [{ cost: -penalty, changes: [] }];
  for (let end = 1; end <= values.length; end++) {
    for (let from = 0; from <= end - 5; from++) {
      const before = best[from];
      if (before === undefined) continue;
      const total = before.cost + cost(from, end) + penalty;
      if (total < (best[end]?.cost ?? Infinity)) {
        best[end] = { cost: total, changes: from === 0 ? [] : [...before.changes, from] };
      }
    }
  }
  return best[values.length]?.changes ?? [];
}

const starts = (series: ReadonlyArray<number | undefined>) =>
  segmentsOf(series)
    .slice(1)
    .map(({ from }) => from);

describe('the steps of a series', () => {
  for (const { name, values, penalty, changes } of oracle.series) {
    it(`are those that ruptures finds with the same penalty (${name})`, () => {
      expect(pelt(values, penalty)).to.deep.equal(changes);
      expect(exhaustive(values, penalty)).to.deep.equal(changes);
    });
  }

  it('are those of an exhaustive search for other penalties as well', () => {
    for (const seed of [1, 2, 3]) {
      const values = noisy(70, (i) => (i < 30 ? 0 : i < 50 ? 3 : 1), { seed, phi: 0.4 });
      for (const penalty of [2, 6, 20, 80]) expect(pelt(values, penalty)).to.deep.equal(exhaustive(values, penalty));
    }
  });

  it('are found where they are, with the levels on both sides', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const found = segmentsOf(noisy(120, (i) => (i < 70 ? 100 : 115), { seed, phi: 0.5, sd: 5 }));
      expect(found.length).to.equal(2);
      expect(found[1]?.from).to.be.within(66, 74);
      expect(found[0]?.mean).to.be.closeTo(100, 4);
      expect(found[1]?.mean).to.be.closeTo(115, 4);
    }
  });

  it('are seldom seen in noise that follows itself', () => {
    for (const [phi, most] of [
      [0, 2],
      [0.5, 2],
      [0.8, 6],
    ] as const) {
      let seen = 0;
      for (let seed = 1; seed <= 40; seed++) {
        if (starts(noisy(120, () => 100, { seed: seed * 3, phi, sd: 5 })).length > 0) seen++;
      }
      expect(seen, `at ${phi}`).to.be.at.most(most);
    }
  });

  it('are placed exactly in a long series, and across gaps', () => {
    const long = noisy(800, (i) => (i < 533 ? 10 : 14), { sd: 0.5 });
    expect(starts(long)).to.deep.equal([533]);
    const gappy = long.map((value, i) => (i < 20 || (i > 500 && i < 540) ? undefined : value));
    expect(starts(gappy)).to.deep.equal([540]);
  });

  it('of a constant, or of next to nothing, are none', () => {
    expect(segmentsOf(new Array(60).fill(3))).to.deep.equal([{ from: 0, to: 59, mean: 3 }]);
    expect(segmentsOf([1, 2, 3])).to.deep.equal([]);
    expect(segmentsOf([])).to.deep.equal([]);
  });
});
