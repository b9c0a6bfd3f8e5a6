import { expect } from 'chai';
import {
  confidenceOf,
  intervalOf,
  quantileInterval,
  shareInterval,
  shareLimits,
} from '../../runner/analysis/interval.ts';
import { Histogram } from '../../runner/metrics/histogram.ts';
import type { Aggregate } from '../../runner/model/metrics.ts';
import { seeded } from '../seeded.ts';
import { exactQuantile, metricsOf } from './samples.ts';

function windowOf(values: readonly number[]): Aggregate | undefined {
  if (values.length === 0) return undefined;
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return {
    type: 'trend',
    count: histogram.count,
    sum: histogram.sum,
    min: histogram.min,
    max: histogram.max,
    last: undefined,
    mean: histogram.mean,
    quantile: (q) => histogram.quantile(q),
    bins: () => histogram.toBins(),
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

describe('shareLimits', () => {
  // From mpmath 1.3, regularized betainc inverted by bisection at 30 digits.
  const rows: ReadonlyArray<[events: number, n: number, low: number, high: number]> = [
    [10, 100, 0.04900468922148596, 0.1762225977400227],
    [0, 100, 0, 0.03621669264517642],
    [100, 100, 0.9637833073548235, 1],
    [3.7, 250.5, 0.0037692464731822403, 0.03866705047761155],
  ];
  for (const [events, n, low, high] of rows) {
    it(`gives Clopper-Pearson's limits for ${events} of ${n}`, () => {
      const limits = shareLimits(events / n, n);
      expect(limits.low).to.be.closeTo(low, 1e-7);
      expect(limits.high).to.be.closeTo(high, 1e-7);
    });
  }
});

describe('quantileInterval', () => {
  /** A level that wanders from second to second, and spread about it; no random numbers, so that others can repeat it. */
  function wandering(seconds: number, perSecond: number): number[][] {
    let level = 0;
    return Array.from({ length: seconds }, (_, t) => {
      level = 0.5 * level + 0.2 * Math.sin(t * t * 0.37);
      return Array.from(
        { length: perSecond },
        (_, i) => 100 * Math.exp(level + 0.4 * Math.sin((t * perSecond + i) ** 2 * 0.61)),
      );
    });
  }

  // Worked out apart from this code: Python on the raw values, Beta quantiles by mpmath.
  const golden: ReadonlyArray<[number, number, number, [number, number] | undefined]> = [
    [150, 20, 0.5, [95.375, 111.25]],
    [600, 20, 0.95, [161.25, 173.5]],
    [600, 20, 0.99, [182.5, 198]],
    [150, 20, 0.95, undefined],
    [600, 2, 0.99, undefined],
    [119, 20, 0.5, undefined],
  ];
  for (const [seconds, perSecond, q, expected] of golden) {
    it(`gives ${expected?.join(' to ') ?? 'nothing'} for p${q * 100} of ${seconds} s at ${perSecond} a second`, () => {
      const interval = quantileInterval(wandering(seconds, perSecond).map(windowOf), q);
      expect(interval && [interval.low, interval.high]).to.deep.equal(expected);
    });
  }

  it('is undecided where all values share a bucket, where there is none, and at the ends', () => {
    const same = Array.from({ length: 200 }, () => windowOf([5, 5, 5]));
    expect(quantileInterval(same, 0.5)).to.equal(undefined);
    expect(quantileInterval(new Array<undefined>(200).fill(undefined), 0.5)).to.equal(undefined);
    expect(quantileInterval(wandering(200, 20).map(windowOf), 1)).to.equal(undefined);
    expect(quantileInterval(wandering(200, 20).map(windowOf), 0)).to.equal(undefined);
  });

  // Named processes by simulation: how often the interval of a run holds the true quantile, and how often there is one.
  const processes: ReadonlyArray<[name: string, rho: number, seconds: number, minDecided: number]> = [
    ['independent requests', 0, 130, 0.8],
    ['AR(1) 0.5 a second', 0.5, 200, 0.8],
    ['AR(1) 0.8 a second', 0.8, 600, 0.8],
  ];
  for (const [name, rho, seconds, minDecided] of processes) {
    it(`holds the true p90 in 9 of 10 runs or more of ${name}`, () => {
      const runs = 60;
      const random = seeded(20_261_123);
      const sd = rho === 0 ? 0 : 0.2;
      // Level and spread are normal in logs, so the mixture is: sd² = 0.2² + 0.5², and z(0.9) = 1.2815515655.
      const truth = 100 * Math.exp(1.2815515655 * Math.hypot(sd, 0.5));
      let decided = 0;
      let covered = 0;
      for (let run = 0; run < runs; run++) {
        let level = sd * normal(random);
        const windows = Array.from({ length: seconds }, () => {
          level = rho * level + sd * Math.sqrt(1 - rho * rho) * normal(random);
          return windowOf(Array.from({ length: 20 }, () => 100 * Math.exp(level + 0.5 * normal(random))));
        });
        const interval = quantileInterval(windows, 0.9);
        if (interval === undefined) continue;
        decided++;
        if (interval.low <= truth && truth <= interval.high) covered++;
      }
      expect(decided / runs, 'runs with an interval').to.be.at.least(minDecided);
      expect(covered / decided, 'runs whose interval holds the truth').to.be.at.least(0.9);
    });
  }

  it('is wider for correlated seconds than for independent ones', () => {
    const width = (rho: number) => {
      const random = seeded(7);
      let level = 0;
      const windows = Array.from({ length: 600 }, () => {
        level = rho * level + 0.2 * Math.sqrt(1 - rho * rho) * normal(random);
        return windowOf(Array.from({ length: 20 }, () => 100 * Math.exp(level + 0.5 * normal(random))));
      });
      const interval = quantileInterval(windows, 0.9);
      return interval === undefined ? Number.NaN : interval.high - interval.low;
    };
    expect(width(0.9)).to.be.greaterThan(1.5 * width(0));
  });
});

describe('shareInterval', () => {
  const windows = (events: (t: number) => number, seconds = 600, samples = 20) =>
    Array.from({ length: seconds }, (_, t) => ({ events: events(t), samples }));

  it('gives 0 to 1 - 0.025^(1/N) for no errors at all', () => {
    const interval = shareInterval(windows(() => 0));
    expect(interval?.low).to.equal(0);
    expect(interval?.high).to.be.closeTo(1 - 0.025 ** (1 / 12_000), 1e-9);
  });

  it('holds the true share of independent errors', () => {
    const random = seeded(3);
    const interval = shareInterval(
      windows(() => Array.from({ length: 20 }, () => Number(random() < 0.02)).reduce((a, b) => a + b, 0)),
    );
    expect(interval?.low).to.be.within(0.01, 0.02);
    expect(interval?.high).to.be.within(0.02, 0.03);
  });

  it('is undecided for a handful of errors, and for one burst', () => {
    expect(shareInterval(windows((t) => Number(t % 150 === 0)))).to.equal(undefined);
    expect(shareInterval(windows((t) => (t >= 300 && t < 330 ? 20 : 0)))).to.equal(undefined);
  });

  it('is undecided without samples', () => {
    expect(shareInterval([])).to.equal(undefined);
  });
});

describe('intervalOf', () => {
  it('reads the windows of a run, and contains the actual value', () => {
    const random = seeded(11);
    const samples = Array.from({ length: 4000 }, (_, i) => ({
      metric: 'http_req_duration',
      value: 100 * Math.exp(0.5 * normal(random)),
      timeMs: 1_000_000 + i * 50,
    }));
    const kpi = { metric: 'http_req_duration', filter: {}, statistic: 'p(90)' };
    const interval = intervalOf(kpi, metricsOf(samples));
    const actual = exactQuantile(
      samples.map(({ value }) => value).toSorted((a, b) => a - b),
      0.9,
    );
    expect(interval?.low).to.be.lessThan(actual);
    expect(interval?.high).to.be.greaterThan(actual);
    expect(interval?.firm).to.equal(false);
    expect(intervalOf({ ...kpi, statistic: 'avg' }, metricsOf(samples))).to.equal(undefined);
    expect(intervalOf({ ...kpi, statistic: 'max' }, metricsOf(samples))).to.equal(undefined);
  });
});

describe('confidenceOf', () => {
  const rows = [
    [{ low: 90, high: 95, firm: true }, '<', 'firm'],
    [{ low: 90, high: 95, firm: false }, '<', 'provisional'],
    [{ low: 90, high: 105, firm: true }, '<', 'open'],
    [{ low: 101, high: 105, firm: true }, '<', 'firm'],
    [{ low: 101, high: 105, firm: true }, '==', 'unknown'],
    [undefined, '<', 'unknown'],
  ] as const;
  for (const [interval, comparison, expected] of rows) {
    it(`is ${expected} for ${interval === undefined ? 'no interval' : `${interval.low} to ${interval.high}`} ${comparison} 100`, () => {
      expect(confidenceOf({ comparison, target: 100 }, interval)).to.equal(expected);
    });
  }
});
