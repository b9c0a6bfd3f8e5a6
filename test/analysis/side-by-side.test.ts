import { expect } from 'chai';
import { judgeRuns } from '../../runner/analysis/runs-difference.ts';
import { estimateSideBySide } from '../../runner/analysis/side-by-side.ts';
import { Histogram } from '../../runner/metrics/histogram.ts';
import type { Aggregate, Interval } from '../../runner/model/metrics.ts';
import { seeded } from '../seeded.ts';

function aggregateOf(values: readonly number[]): Aggregate | undefined {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  if (values.length === 0) return undefined;
  const bins = histogram.toBins();
  const { count, sum, min, max, mean } = histogram;
  return {
    type: 'trend',
    count,
    sum,
    min,
    max,
    last: undefined,
    mean,
    quantile: (q) => histogram.quantile(q),
    bins: () => bins,
  };
}

/** Two builds on one machine whose level wanders by 20 % from second to second. */
function sides(seconds: number, perSecond: number, change: number, seed: number): [Interval[], Interval[]] {
  const random = seeded(seed);
  const normal = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
  const both: [Interval[], Interval[]] = [[], []];
  let level = 0;
  for (let second = 0; second < seconds; second++) {
    level = 0.9 * level + 0.2 * Math.sqrt(1 - 0.81) * normal();
    for (const [index, factor] of [1, change].entries()) {
      const values = Array.from({ length: perSecond }, () => 50 * factor * Math.exp(level + 0.5 * normal()));
      both[index]?.push({ startMs: second * 1000, lengthMs: 1000, aggregate: aggregateOf(values) });
    }
  }
  return both;
}

function verdicts(runs: number, q: number, change: number) {
  const found = { worse: 0, better: 0, same: 0, unknown: 0 };
  for (let run = 0; run < runs; run++) {
    const seen = estimateSideBySide(...sides(180, 20, change, 5000 + run * 7919), q);
    if (seen !== undefined) found[judgeRuns(seen).verdict]++;
  }
  return found;
}

describe('two builds side by side in one run', () => {
  for (const q of [0.5, 0.95]) {
    it(`are called different in at most 5 % of runs where they are equal, p${q * 100} @slow`, () => {
      const { worse, better } = verdicts(100, q, 1);
      expect(worse + better).to.be.at.most(5);
    });
  }

  it('are told apart where p95 differs by 10 %, in a run of 3 minutes at 20 requests a second each @slow', () => {
    const { worse, better } = verdicts(60, 0.95, 1.1);
    expect(worse).to.be.at.least(55);
    expect(better).to.equal(0);
  });

  for (const [what, seconds, perSecond, q] of [
    ['a run of 20 s', 20, 50, 0.95],
    ['too few requests for p99', 180, 2, 0.99],
  ] as const) {
    it(`are not compared over ${what}`, () => {
      expect(estimateSideBySide(...sides(seconds, perSecond, 1, 7), q)).to.equal(undefined);
    });
  }
});
