import { expect } from 'chai';
import {
  amountInterval,
  averageInterval,
  quantileInterval,
  shareInterval,
  shareLimits,
} from '../../../runner/analysis/statistics/interval.ts';
import {
  confidenceOf,
  decidedInterval,
  intervalOf,
  windowsOf,
} from '../../../runner/analysis/statistics/kpi-interval.ts';
import { Histogram } from '../../../runner/metrics/buckets/histogram.ts';
import type { Aggregate } from '../../../runner/model/metrics.ts';
import { seeded } from '../../seeded.ts';
import { exactQuantile, metricsOf } from '../samples.ts';

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
  /** A level that varies from second to second with spread; deterministic, so that others can repeat it. */
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

  // Calculated independently: Python on the raw values, Beta quantiles by mpmath.
  const golden: ReadonlyArray<[number, number, number, [number, number] | undefined]> = [
    [150, 20, 0.5, [95.375, 111.25]],
    [600, 20, 0.95, [161.25, 173.5]],
    [600, 20, 0.99, [182.5, 198]],
    [150, 20, 0.95, undefined],
    [600, 2, 0.99, undefined],
    [117, 20, 0.5, undefined],
  ];
  for (const [seconds, perSecond, q, expected] of golden) {
    it(`gives ${expected?.join(' to ') ?? 'nothing'} for p${q * 100} of ${seconds} s at ${perSecond} a second`, () => {
      const interval = decidedInterval(quantileInterval(wandering(seconds, perSecond).map(windowOf), q));
      expect(interval && [interval.low, interval.high]).to.deep.equal(expected);
    });
  }

  it('is a single value if all values are in one bucket and there are enough of them', () => {
    const same = (seconds: number) => Array.from({ length: seconds }, () => windowOf([5, 5, 5]));
    expect(quantileInterval(same(200), 0.95)).to.deep.equal({ low: 5, high: 5, grade: 'indicative' });
    expect(quantileInterval(same(30), 0.95)).to.equal(undefined);
  });

  it('is wider and indicative in a short run, and does not exist below 20 windows', () => {
    const short = quantileInterval(wandering(60, 20).map(windowOf), 0.5);
    expect(short?.grade).to.equal('indicative');
    const long = quantileInterval(wandering(600, 20).map(windowOf), 0.5);
    expect((short?.high ?? 0) / (short?.low ?? 1)).to.be.greaterThan((long?.high ?? 0) / (long?.low ?? 1));
    expect(quantileInterval(wandering(19, 20).map(windowOf), 0.5)).to.equal(undefined);
  });

  it('does not exist without values, or for minimum and maximum', () => {
    expect(quantileInterval(new Array<undefined>(200).fill(undefined), 0.5)).to.equal(undefined);
    expect(quantileInterval(wandering(200, 20).map(windowOf), 1)).to.equal(undefined);
    expect(quantileInterval(wandering(200, 20).map(windowOf), 0)).to.equal(undefined);
  });

  // Named processes by simulation: how often the interval of a run contains the true quantile, and how often there is one.
  const processes: ReadonlyArray<[name: string, rho: number, seconds: number, minDecided: number]> = [
    ['independent requests', 0, 130, 0.8],
    ['AR(1) 0.5 a second', 0.5, 200, 0.8],
    ['AR(1) 0.8 a second @slow', 0.8, 600, 0.8],
  ];
  for (const [name, rho, seconds, minDecided] of processes) {
    it(`contains the true p90 in at least 9 of 10 runs of ${name} @slow`, () => {
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
        const interval = decidedInterval(quantileInterval(windows, 0.9));
        if (interval === undefined) continue;
        decided++;
        if (interval.low <= truth && truth <= interval.high) covered++;
      }
      expect(decided / runs, 'runs with an interval').to.be.at.least(minDecided);
      expect(covered / decided, 'runs with an interval that contains the truth').to.be.at.least(0.9);
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
      const interval = decidedInterval(quantileInterval(windows, 0.9));
      return interval === undefined ? Number.NaN : interval.high - interval.low;
    };
    expect(width(0.9)).to.be.greaterThan(1.5 * width(0));
  });
});

describe('shareInterval', () => {
  const windows = (events: (t: number) => number, seconds = 600, samples = 20) =>
    Array.from({ length: seconds }, (_, t) => ({ events: events(t), samples }));

  it('gives 0 to 1 - 0.025^(1/N) for no errors at all', () => {
    const interval = shareInterval(
      windows(() => 0),
      true,
    );
    expect(interval).to.include({ low: 0, grade: 'decided' });
    expect(interval?.high).to.be.closeTo(1 - 0.025 ** (1 / 12_000), 1e-9);
  });

  it('contains the true share of independent errors', () => {
    const random = seeded(3);
    const errors = () => Array.from({ length: 20 }, () => Number(random() < 0.02)).reduce((a, b) => a + b, 0);
    const interval = shareInterval(windows(errors), true);
    expect(interval?.low).to.be.within(0.01, 0.02);
    expect(interval?.high).to.be.within(0.02, 0.03);
  });

  it('counts three requests without an error as one if the run is too short to show error bursts', () => {
    const interval = shareInterval(
      windows(() => 0, 120),
      false,
    );
    expect(interval).to.include({ low: 0, grade: 'indicative' });
    expect(interval?.high).to.be.closeTo(1 - 0.025 ** (3 / 2400), 1e-9);
  });

  it('is indicative and wide for a few errors, and for one burst', () => {
    for (const events of [(t: number) => Number(t % 150 === 0), (t: number) => (t >= 300 && t < 330 ? 20 : 0)]) {
      const all = windows(events);
      const share = all.reduce((sum, window) => sum + window.events, 0) / (600 * 20);
      const interval = shareInterval(all, true);
      expect(interval?.grade).to.equal('indicative');
      expect(interval?.low).to.be.below(share / 2);
      expect(interval?.high).to.be.above(share * 2);
    }
  });

  it('mirrors the interval of the complementary share', () => {
    const errors = (t: number) => Number(t % 7 === 0) + Number(t % 11 === 0);
    const failed = shareInterval(windows(errors, 60), false);
    const passed = shareInterval(
      windows((t) => 20 - errors(t), 60),
      false,
    );
    expect(passed?.low).to.be.closeTo(1 - (failed?.high ?? 0), 1e-9);
    expect(passed?.high).to.be.closeTo(1 - (failed?.low ?? 0), 1e-9);
  });

  it('does not exist without samples', () => {
    expect(shareInterval([], true)).to.equal(undefined);
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
    const windows = windowsOf({ metric: 'http_req_duration', filter: {} }, metricsOf(samples));
    const interval = intervalOf('p(90)', windows);
    const actual = exactQuantile(
      samples.map(({ value }) => value).toSorted((a, b) => a - b),
      0.9,
    );
    expect(interval?.low).to.be.lessThan(actual);
    expect(interval?.high).to.be.greaterThan(actual);
    expect(interval?.firm).to.equal(false);
    expect(intervalOf('max', windows)).to.equal(undefined);
    const mean = samples.reduce((sum, { value }) => sum + value, 0) / samples.length;
    expect(intervalOf('avg', windows)?.low).to.be.within(mean * 0.9, mean);
    expect(intervalOf('avg', windows)?.high).to.be.within(mean, mean * 1.1);
  });
});

describe('averageInterval', () => {
  it('contains the true mean of varying seconds in at least 9 of 10 runs @slow', () => {
    const random = seeded(99);
    // Level and spread are normal in logs: the mean of the mixture is exp(sd²/2).
    const truth = 100 * Math.exp((0.2 ** 2 + 0.5 ** 2) / 2);
    const runs = 60;
    let covered = 0;
    for (let run = 0; run < runs; run++) {
      let level = 0.2 * normal(random);
      const windows = Array.from({ length: 300 }, () => {
        level = 0.7 * level + 0.2 * Math.sqrt(1 - 0.49) * normal(random);
        return windowOf(Array.from({ length: 10 }, () => 100 * Math.exp(level + 0.5 * normal(random))));
      });
      const interval = decidedInterval(averageInterval(windows));
      if (interval !== undefined && interval.low <= truth && truth <= interval.high) covered++;
    }
    expect(covered / runs).to.be.at.least(0.9);
  });
});

describe('amountInterval', () => {
  it('is decided from 118 windows, indicative from 20, and does not exist below', () => {
    const amounts = (count: number) => Array.from({ length: count }, (_, t) => 10 + (t % 3));
    const grades = [118, 117, 20, 19].map((count) => amountInterval(amounts(count))?.grade);
    expect(grades).to.deep.equal(['decided', 'indicative', 'indicative', undefined]);
  });
});

describe('confidenceOf', () => {
  const rows = [
    [90, 95, true, '<', 'firm'],
    [90, 95, false, '<', 'provisional'],
    [90, 105, true, '<', 'open'],
    [90, undefined, false, '<', 'open'],
    [101, undefined, false, '<', 'provisional'],
    [101, 105, true, '<', 'firm'],
    [101, 105, true, '==', 'unknown'],
  ] as const;
  for (const [low, high, firm, comparison, expected] of rows) {
    it(`is ${expected} for ${low} to ${high} ${comparison} 100`, () => {
      const interval = { low, high, firm, grade: high === undefined ? 'indicative' : 'decided' } as const;
      expect(confidenceOf({ comparison, target: 100 }, interval)).to.equal(expected);
    });
  }

  it('is unknown without an interval', () => {
    expect(confidenceOf({ comparison: '<', target: 100 }, undefined)).to.equal('unknown');
  });
});
