import { expect } from 'chai';
import { type Estimate, relativeDifference, shareDifference } from '../../../runner/analysis/differences/difference.ts';
import { amountInterval } from '../../../runner/analysis/statistics/interval.ts';
import { decidedInterval, intervalOf, windowsOf } from '../../../runner/analysis/statistics/kpi-interval.ts';
import type { Change } from '../../../runner/model/comparison.ts';
import type { Metric } from '../../../runner/model/metrics.ts';
import { Samples } from '../../report/sample-run.ts';
import { seeded } from '../../seeded.ts';

const estimate = (value: number, low?: number, high?: number): Estimate => ({
  value,
  interval: low === undefined || high === undefined ? undefined : { low, high },
});

describe('the difference of two runs', () => {
  for (const [what, a, b, verdict] of [
    ['twice as slow, clearly', estimate(100, 95, 105), estimate(200, 190, 210), 'worse'],
    ['twice as fast, clearly', estimate(200, 190, 210), estimate(100, 95, 105), 'better'],
    ['equal and narrow', estimate(100, 99, 101), estimate(100, 99, 101), 'same'],
    ['4 % slower and certain of it', estimate(100, 99.9, 100.1), estimate(104, 103.9, 104.1), 'same'],
    ['10 % slower with wide intervals', estimate(100, 90, 110), estimate(110, 100, 120), 'unknown'],
    ['twice as slow without an interval of a', estimate(100), estimate(200, 190, 210), 'unknown'],
    ['twice as slow without an interval of b', estimate(100, 95, 105), estimate(200), 'unknown'],
    ['0 ms before', estimate(0, 0, 0), estimate(200, 190, 210), 'unknown'],
    ['both 0 ms', estimate(0, 0, 0), estimate(0, 0, 0), 'unknown'],
    ['an interval that begins at 0', estimate(1, 0, 2), estimate(200, 190, 210), 'unknown'],
  ] as ReadonlyArray<readonly [string, Estimate, Estimate, Change]>) {
    it(`is ${verdict} if b is ${what}`, () => {
      expect(relativeDifference(a, b).verdict).to.equal(verdict);
    });
  }

  it('has the interval of Zou and Donner on the log scale', () => {
    const { change, interval } = relativeDifference(estimate(100, 90, 112), estimate(120, 110, 130));
    const [d, l, u] = [
      Math.log(1.2),
      Math.hypot(Math.log(120 / 110), Math.log(112 / 100)),
      Math.hypot(Math.log(130 / 120), Math.log(100 / 90)),
    ];
    expect(change).to.be.closeTo(0.2, 1e-12);
    expect(interval?.low).to.be.closeTo(Math.exp(d - l) - 1, 1e-12);
    expect(interval?.high).to.be.closeTo(Math.exp(d + u) - 1, 1e-12);
  });

  it('calls more throughput better', () => {
    expect(relativeDifference(estimate(100, 99, 101), estimate(120, 119, 121), 'larger').verdict).to.equal('better');
  });

  for (const [what, a, b, verdict] of [
    ['2 points more, clearly', estimate(0.01, 0.008, 0.012), estimate(0.03, 0.027, 0.033), 'worse'],
    ['2 points fewer, clearly', estimate(0.03, 0.027, 0.033), estimate(0.01, 0.008, 0.012), 'better'],
    ['no errors in many requests of both', estimate(0, 0, 0.001), estimate(0, 0, 0.002), 'same'],
    ['no errors in few requests of both', estimate(0, 0, 0.07), estimate(0, 0, 0.08), 'unknown'],
    ['errors in bursts', estimate(0, 0, 0.001), estimate(0.05), 'unknown'],
  ] as ReadonlyArray<readonly [string, Estimate, Estimate, Change]>) {
    it(`of shares is ${verdict} with ${what}`, () => {
      expect(shareDifference(a, b).verdict).to.equal(verdict);
    });
  }
});

const TIME = { name: 'http_req_duration', type: 'trend', contains: 'time' } as const satisfies Metric;

/** 150 s at 20 requests a second: lognormal times with a level that wanders from second to second by an AR(1) process. */
function simulatedRun(seed: number, { phi, levelSd, factor = 1 }: { phi: number; levelSd: number; factor?: number }) {
  const random = seeded(seed);
  const normal = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
  const samples = new Samples();
  let level = levelSd * normal();
  for (let second = 0; second < 150; second++) {
    level = phi * level + Math.sqrt(1 - phi * phi) * levelSd * normal();
    for (let index = 0; index < 20; index++) {
      samples.add(TIME, {}, second * 1000 + index * 50, 50 * factor * Math.exp(level + 0.4 * normal()));
    }
  }
  return samples.done();
}

/** How often pairs of simulated runs are called worse, better, the same or unknown, over p50, p95 and p99. */
function verdictsOf(pairs: number, process: { phi: number; levelSd: number }, factor: number): Record<Change, number> {
  const found = { worse: 0, better: 0, same: 0, unknown: 0 };
  for (let pair = 0; pair < pairs; pair++) {
    const [a, b] = [simulatedRun(2 * pair + 1, process), simulatedRun(2 * pair + 2, { ...process, factor })];
    for (const [statistic, q] of [
      ['med', 0.5],
      ['p(95)', 0.95],
      ['p(99)', 0.99],
    ] as const) {
      const [from, to] = [a, b].map(
        (metrics): Estimate => ({
          value: metrics.total(TIME.name)?.quantile(q) ?? 0,
          interval: decidedInterval(intervalOf(statistic, windowsOf({ metric: TIME.name, filter: {} }, metrics))),
        }),
      );
      if (from !== undefined && to !== undefined) found[relativeDifference(from, to).verdict]++;
    }
  }
  return found;
}

describe('pairs of simulated runs', function () {
  this.timeout(120_000);
  const PAIRS = 40;
  for (const [what, process] of [
    ['independent requests', { phi: 0, levelSd: 0 }],
    ['a level that wanders, AR(0.5) @slow', { phi: 0.5, levelSd: 0.1 }],
    ['a level that wanders, AR(0.8) @slow', { phi: 0.8, levelSd: 0.1 }],
  ] as const) {
    it(`of the same build differ in at most 5 % of figures with ${what} @slow`, () => {
      const { worse, better } = verdictsOf(PAIRS, process, 1);
      expect((worse + better) / (PAIRS * 3)).to.be.at.most(0.05);
    });
  }

  it('are slower, and never faster, if the times of b are 50 % longer @slow', () => {
    const { worse, better } = verdictsOf(30, { phi: 0.5, levelSd: 0.1 }, 1.5);
    expect(better).to.equal(0);
    expect(worse / 90).to.be.above(0.6);
  });
});

describe('the interval of a mean rate', () => {
  it('contains the true mean in at least 93 of 100 runs, also if neighbours are correlated', () => {
    for (const phi of [0, 0.5, 0.8]) {
      let held = 0;
      for (let seed = 1; seed <= 200; seed++) {
        const random = seeded(seed);
        const normal = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
        let level = normal();
        const interval = decidedInterval(
          amountInterval(
            Array.from({ length: 300 }, () => {
              level = phi * level + Math.sqrt(1 - phi * phi) * normal();
              return 100 + 10 * level;
            }),
          ),
        );
        if (interval !== undefined && interval.low <= 100 && interval.high >= 100) held++;
      }
      expect(held / 200, `phi ${phi}`).to.be.at.least(0.93);
    }
  });

  it('does not exist for less than two minutes', () => {
    expect(amountInterval(Array.from({ length: 19 }, () => 5))).to.equal(undefined);
  });
});
