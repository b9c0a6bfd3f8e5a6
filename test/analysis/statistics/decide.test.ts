import { expect } from 'chai';
import { aggregateOf, PROCESSES, type Process, seeded, truthOf } from '../../../bench/verdicts/streams.ts';
import { combine } from '../../../runner/analysis/statistics/combine.ts';
import { decide, type Evidence } from '../../../runner/analysis/statistics/decide.ts';
import { quantileInterval } from '../../../runner/analysis/statistics/interval.ts';
import type { Comparison } from '../../../runner/model/kpi.ts';

const MINUTE = 60_000;

describe('decide', () => {
  const decided = (low: number, high: number | undefined) => ({ low, high, grade: 'decided' }) as const;
  const indicative = (low: number, high: number | undefined) => ({ low, high, grade: 'indicative' }) as const;
  const rows: ReadonlyArray<
    [what: string, statistic: string, comparison: Comparison, evidence: Partial<Evidence>, expected: object]
  > = [
    [
      'a decided interval on the good side',
      'p(95)',
      '<',
      { value: 90, interval: decided(85, 95) },
      { verdict: 'pass', method: 'decided', reason: 'clear' },
    ],
    [
      'a decided interval on the wrong side',
      'p(95)',
      '<',
      { value: 110, interval: decided(105, 120) },
      { verdict: 'fail', method: 'decided', reason: 'clear' },
    ],
    [
      'a lower bound that was reached',
      'rate',
      '>=',
      { value: 110, interval: decided(105, 120) },
      { verdict: 'pass', method: 'decided', reason: 'clear' },
    ],
    [
      'an interval that spans the target',
      'p(95)',
      '<',
      { value: 110, interval: decided(95, 120) },
      { verdict: 'inconclusive', reason: 'too_close' },
    ],
    [
      'an indicative interval on one side',
      'p(95)',
      '<',
      { value: 60, interval: indicative(50, 80) },
      { verdict: 'pass', method: 'indicative', reason: 'clear' },
    ],
    [
      'an interval without an upper end below the target',
      'p(99)',
      '<',
      { value: 60, interval: indicative(50, undefined) },
      { verdict: 'inconclusive', reason: 'too_close' },
    ],
    [
      'an interval without an upper end above the target',
      'p(99)',
      '<',
      { value: 160, interval: indicative(120, undefined) },
      { verdict: 'fail', method: 'indicative' },
    ],
    [
      'no interval and twice the target',
      'p(95)',
      '<',
      { value: 200, interval: undefined },
      { verdict: 'fail', method: 'indicative', reason: 'far_off' },
    ],
    [
      'no interval and half the target',
      'p(95)',
      '<',
      { value: 50, interval: undefined },
      { verdict: 'pass', method: 'indicative', reason: 'far_off' },
    ],
    [
      'no interval and less than twice the target',
      'p(95)',
      '<',
      { value: 199, interval: undefined },
      { verdict: 'inconclusive', reason: 'too_short' },
    ],
    [
      'a p99 of twice the target without an interval',
      'p(99)',
      '<',
      { value: 200, interval: undefined },
      { verdict: 'inconclusive', reason: 'too_short' },
    ],
    [
      'a p99 of three times the target without an interval',
      'p(99)',
      '<',
      { value: 300, interval: undefined },
      { verdict: 'fail', reason: 'far_off' },
    ],
    [
      'no sample in the tail, however far off',
      'p(95)',
      '<',
      { value: 900, samples: 19, interval: undefined },
      { verdict: 'inconclusive', reason: 'too_short' },
    ],
    [
      'equality, which no interval can show',
      'p(95)',
      '==',
      { value: 100, interval: decided(95, 105) },
      { verdict: 'pass', method: 'point', reason: 'exact' },
    ],
  ];
  for (const [what, statistic, comparison, evidence, expected] of rows) {
    it(`judges ${what}`, () => {
      const whole = { samples: 1000, windows: 300, lengthMs: 5 * MINUTE, ...evidence };
      expect(decide({ statistic, comparison, target: 100 }, { value: 0, interval: undefined, ...whole })).to.include(
        expected,
      );
    });
  }

  it('gives the run length at which the interval would end at the target', () => {
    const evidence = { value: 100, samples: 1000, windows: 300, lengthMs: 5 * MINUTE, interval: decided(80, 121) };
    const { decidesAfterMs } = decide({ statistic: 'p(95)', comparison: '<', target: 110 }, evidence);
    // The upper end is two distances away in logs, so it takes four times the length.
    expect(decidesAfterMs).to.be.within(19.9 * MINUTE, 20.1 * MINUTE);
  });

  it('gives no length for a value on the target', () => {
    const evidence = { value: 100, samples: 1000, windows: 300, lengthMs: 5 * MINUTE, interval: decided(80, 121) };
    expect(decide({ statistic: 'p(95)', comparison: '<', target: 100 }, evidence).decidesAfterMs).to.equal(undefined);
  });

  // Runs of known processes against targets 5 % and 20 % off the truth; bench:verdicts measures the same at length.
  function answers(process: Process, seconds: number, q: number, runs: number) {
    const random = seeded(20_261_129);
    const truth = truthOf(process, 10, q, random);
    const found = { wrongNear: 0, rightFar: 0, wrongFar: 0 };
    for (let run = 0; run < runs; run++) {
      const windows = process.seconds(seconds, 10, random).map(aggregateOf);
      const all = combine(windows.filter((window) => window !== undefined));
      const evidence = {
        value: all?.quantile(q) ?? 0,
        samples: all?.count ?? 0,
        interval: quantileInterval(windows, q),
        windows: seconds,
        lengthMs: seconds * 1000,
      };
      for (const off of [-0.2, -0.05, 0.05, 0.2]) {
        const target = truth * (1 + off);
        const { verdict } = decide({ statistic: `p(${q * 100})`, comparison: '<', target }, evidence);
        const isWrong = verdict === (off > 0 ? 'fail' : 'pass');
        if (Math.abs(off) === 0.05) found.wrongNear += Number(isWrong);
        else {
          found.wrongFar += Number(isWrong);
          found.rightFar += Number(!isWrong && verdict !== 'inconclusive');
        }
      }
    }
    return {
      wrongNear: found.wrongNear / (2 * runs),
      wrongFar: found.wrongFar / (2 * runs),
      rightFar: found.rightFar / (2 * runs),
    };
  }
  const mild = PROCESSES.known.slice(0, 3);
  for (const process of mild) {
    it(`is wrong in at most 3 of 100 runs of 120 s within 5 % of the target, and finds 20 % in half of them: ${process.name} @slow`, () => {
      const { wrongNear, wrongFar, rightFar } = answers(process, 120, 0.95, 40);
      expect(wrongNear).to.be.at.most(0.03);
      expect(wrongFar).to.be.at.most(0.03);
      expect(rightFar).to.be.at.least(0.4);
    });
  }
});
