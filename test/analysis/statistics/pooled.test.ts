import { expect } from 'chai';
import { poolingRates } from '../../../bench/verdicts/pooling.ts';
import { PROCESSES } from '../../../bench/verdicts/streams.ts';
import { figureKey, pooledInterval } from '../../../runner/analysis/statistics/pooled.ts';

const around = (value: number, half: number) => ({ value, low: value * Math.exp(-half), high: value * Math.exp(half) });
const own = (value: number, half: number) => ({ ...around(value, half), grade: 'decided' as const });

describe('the interval over several runs of a build', () => {
  it('is the t interval of the mean, with four observations of the usual spread added', () => {
    const ys = [Math.log(100), Math.log(110), Math.log(95)];
    const mean = ys.reduce((sum, y) => sum + y, 0) / 3;
    const squares = ys.reduce((sum, y) => sum + (y - mean) ** 2, 0);
    const within = (0.05 / 1.96) ** 2;
    const variance = (4 * (within + 0.08 ** 2) + squares) / 6;
    const half = 2.4469118511449692 * Math.sqrt(variance / 3);
    const pooled = pooledInterval(100, own(100, 0.05), [around(110, 0.05), around(95, 0.05)], false);
    expect(pooled?.interval.low).to.be.closeTo(Math.exp(mean - half), 1e-6);
    expect(pooled?.interval.high).to.be.closeTo(Math.exp(mean + half), 1e-6);
    expect(pooled?.runs).to.include({ runs: 3, agrees: true });
    expect(pooled?.runs.mean).to.be.closeTo(Math.exp(mean), 1e-9);
  });

  const rows: ReadonlyArray<[what: string, value: number, earlier: readonly number[], agrees: boolean, holds: number]> =
    [
      ['covers all runs if they agree', 100, [98, 103, 101], true, 100.5],
      ['covers only this run if it is far outside', 160, [98, 103, 101], false, 160],
      ['counts one earlier run', 100, [108], true, 104],
    ];
  for (const [what, value, earlier, agrees, holds] of rows) {
    it(what, () => {
      const pooled = pooledInterval(
        value,
        own(value, 0.02),
        earlier.map((each) => around(each, 0.02)),
        false,
      );
      expect(pooled?.runs.agrees).to.equal(agrees);
      expect(pooled?.interval.low).to.be.below(holds);
      expect(pooled?.interval.high).to.be.above(holds);
      expect(agrees || (pooled?.interval.low ?? 0) > 110, 'earlier runs do not hide a run that differs').to.equal(true);
    });
  }

  it('accepts shares of errors that include zeros', () => {
    const none = { value: 0, low: 0, high: 0.004 };
    const pooled = pooledInterval(
      0,
      { low: 0, high: 0.004, grade: 'decided' },
      [none, { value: 0.02, low: 0.01, high: 0.035 }],
      true,
    );
    expect(pooled?.interval.low).to.be.within(0, 0.02);
    expect(pooled?.interval.high).to.be.within(0.004, 0.05);
  });

  for (const [what, earlier] of [
    ['there is no earlier run', []],
    ['no earlier run has an interval', [{ value: 100, low: null, high: null }]],
    ['a value has no logarithm', [{ value: 0, low: 0, high: 1 }]],
  ] as const) {
    it(`does not exist if ${what}`, () => {
      expect(pooledInterval(100, own(100, 0.05), earlier, false)).to.equal(undefined);
    });
  }

  it('is wrong at most half as often as one run if runs differ by 10 % @slow', () => {
    const rates = poolingRates(300, 3, { processes: PROCESSES.known.slice(0, 1), drawnFrom: 30 }).filter(
      ({ spread }) => spread === 0.1,
    );
    for (const { wrong, wrongAlone, earlier } of rates) expect(wrong, `${earlier} earlier`).to.be.below(wrongAlone / 2);
  });

  it('identifies a target by what it measures, not by its limit or the order of its tags', () => {
    const key = (filter: Record<string, string>, during?: string) =>
      figureKey({ metric: 'http_req_duration', statistic: 'p(95)', filter, during });
    expect(key({ a: '1', b: '2' })).to.equal(key({ b: '2', a: '1' }));
    expect(key({ a: '1' })).to.not.equal(key({ a: '1' }, 'steady'));
  });
});
