import { expect } from 'chai';
import {
  comparedValue,
  marginPercent,
  meets,
  statisticValue,
  worstOf,
} from '../../../runner/analysis/statistics/statistic.ts';
import type { Comparison } from '../../../runner/model/kpi.ts';
import { inK6Unit, unitOf } from '../../../runner/targets/unit.ts';
import { metricsOf } from '../samples.ts';

function total(metric: string, values: readonly number[]) {
  const aggregate = metricsOf(values.map((value, i) => ({ metric, value, timeMs: i }))).total(metric);
  if (aggregate === undefined) throw new Error('no samples');
  return aggregate;
}

describe('statisticValue', () => {
  const rows: ReadonlyArray<[string, number[], string, number | undefined]> = [
    ['http_reqs', [1, 2, 3], 'count', 6],
    ['http_reqs', [1, 2, 3], 'rate', 3],
    ['http_reqs', [1, 2, 3], 'avg', undefined],
    ['vus', [5, 9, 2], 'value', 2],
    ['vus', [5, 9, 2], 'max', 9],
    ['checks', [1, 0, 7, 1], 'rate', 0.75],
    ['http_req_duration', [10, 20, 30, 40], 'avg', 25],
    ['http_req_duration', [10, 20, 30, 40], 'med', 25],
    ['http_req_duration', [10, 20, 30, 40], 'p(95)', 38.5],
    ['http_req_duration', [10, 20, 30, 40], 'p(0)', 10],
    ['http_req_duration', [10, 20, 30, 40], 'max', 40],
    ['http_req_duration', [10, 20, 30, 40], 'count', undefined],
  ];
  for (const [metric, values, statistic, expected] of rows) {
    it(`gives ${expected} for ${statistic} of ${metric} over 2 s`, () => {
      expect(statisticValue(total(metric, values), statistic, 2000)).to.equal(expected);
    });
  }

  it('gives no rate of a counter for a run without duration', () => {
    expect(statisticValue(total('http_reqs', [1]), 'rate', 0)).to.equal(undefined);
    expect(statisticValue(total('http_reqs', [1]), 'rate', undefined)).to.equal(undefined);
  });
});

describe('comparedValue', () => {
  // 95 of 100 values are the second one.
  const mostly = (low: number, middle: number, high: number) => [
    low,
    ...Array<number>(95).fill(middle),
    ...Array<number>(4).fill(high),
  ];
  const rows: ReadonlyArray<[title: string, number[], statistic: string, target: number, equal: boolean]> = [
    ['whole numbers', mostly(1, 10, 100), 'p(95)', 10, true],
    ['whole numbers, by med', mostly(1, 37, 1195), 'med', 37, true],
    ['negative whole numbers', mostly(-100, -3, 7), 'p(50)', -3, true],
    ['another whole number', mostly(1, 10, 100), 'p(95)', 11, false],
    ['a target inside the bucket', mostly(1, 10, 100), 'p(95)', 10.004, false],
    ['zero', mostly(-1, 0, 1), 'p(50)', 0, true],
  ];
  for (const [title, values, statistic, target, equal] of rows) {
    it(`${equal ? 'is' : 'is not'} the target for ${title}`, () => {
      const value = comparedValue(total('http_req_duration', values), { statistic, target }, 2000);
      if (equal) expect(value).to.equal(target);
      else expect(value).to.not.equal(target);
    });
  }
});

describe('meets', () => {
  const rows: ReadonlyArray<[Comparison, boolean, boolean, boolean]> = [
    ['<', true, false, false],
    ['<=', true, true, false],
    ['>', false, false, true],
    ['>=', false, true, true],
    ['==', false, true, false],
    ['!=', true, false, true],
  ];
  for (const [comparison, ...expected] of rows) {
    it(`compares 1, 2 and 3 ${comparison} 2`, () => {
      expect([1, 2, 3].map((value) => meets(value, comparison, 2))).to.deep.equal(expected);
    });
  }
});

describe('marginPercent', () => {
  const rows: ReadonlyArray<[Comparison, number, number | undefined, number | undefined]> = [
    ['<', 200, 150, 25],
    ['<=', 200, 250, -25],
    ['>', 200, 250, 25],
    ['>=', 200, 150, -25],
    ['==', 200, 150, -25],
    ['==', 200, 200, 0],
    ['<', -200, -250, 25],
    ['!=', 200, 150, undefined],
    ['<', 0, 1, undefined],
    ['<', 200, undefined, undefined],
    ['<', 200, 200, 0],
  ];
  for (const [comparison, target, actual, expected] of rows) {
    it(`gives ${expected} for ${actual} ${comparison} ${target}`, () => {
      expect(marginPercent({ comparison, target }, actual)).to.equal(expected);
    });
  }
});

describe('worstOf', () => {
  const rows: ReadonlyArray<[Comparison, number[], number | undefined]> = [
    ['<', [1, 3, 2], 3],
    ['>=', [1, 3, 2], 1],
    ['==', [2, 3], 3],
    ['!=', [3, 2], 2],
    ['==', [2, 2], 2],
    ['<', [], undefined],
  ];
  for (const [comparison, values, expected] of rows) {
    it(`is ${expected} of ${values.join(', ') || 'nothing'} for ${comparison} 2`, () => {
      expect(worstOf(values, { comparison, target: 2 })).to.equal(expected);
    });
  }
});

describe('inK6Unit', () => {
  const time = { type: 'trend', contains: 'time' } as const;
  const data = { type: 'counter', contains: 'data' } as const;
  const counter = { type: 'counter', contains: 'default' } as const;
  const rate = { type: 'rate', contains: 'default' } as const;
  const rows = [
    [time, 'p(95)', 1.5, 's', 1500, 'ms'],
    [time, 'p(95)', 250, '', 250, 'ms'],
    [rate, 'rate', 0.3, '%', 0.003, ''],
    [counter, 'rate', 50, 'rps', 50, '/s'],
    [counter, 'rate', 3000, 'rpm', 50, '/s'],
    [data, 'count', 2, 'MB', 2e6, 'B'],
    [data, 'rate', 2, 'MB/s', 2e6, 'B/s'],
    [time, 'p(95)', 7, 'parsecs', 7, 'parsecs'],
  ] as const;
  for (const [metric, statistic, target, unit, becomes, own] of rows) {
    it(`converts ${target} ${unit} of a ${metric.type} ${becomes} to ${own}, which it does not convert again`, () => {
      const once = inK6Unit({ statistic, target, unit }, metric);
      expect(once).to.deep.equal({ statistic, target: becomes, unit: own });
      expect(inK6Unit(once, metric)).to.deep.equal(once);
    });
  }

  it('is ms, B, per second or empty, by the content of the metric', () => {
    expect([time, data, counter, rate].map((metric) => unitOf(metric, 'rate'))).to.deep.equal(['ms', 'B/s', '/s', '']);
  });
});
