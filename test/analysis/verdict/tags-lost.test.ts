// A verdict that samples with lost tags could change is inconclusive; one that they cannot change stays.

import { expect } from 'chai';
import { doubtWhereTagsAreLost } from '../../../runner/analysis/verdict/reading.ts';
import type { JudgedKpi } from '../../../runner/model/kpi.ts';

const KPI: JudgedKpi = {
  id: 'x',
  metric: 'orders',
  filter: { shop: 'a' },
  statistic: 'count',
  comparison: '<',
  target: 10,
  unit: '',
  severity: 'high',
  source: 'threshold',
  verdict: 'pass',
  method: 'point',
  reason: 'exact',
  decidesAfterMs: undefined,
  actual: 5,
  ciLow: undefined,
  ciHigh: undefined,
  confidence: 'unknown',
  samples: 5,
  note: undefined,
};

describe('a verdict on series that lost their tags', () => {
  for (const [statistic, comparison, verdict, stays] of [
    ['count', '<', 'fail', true],
    ['count', '<', 'pass', false],
    ['count', '>', 'pass', true],
    ['count', '>=', 'fail', false],
    ['count', '==', 'fail', false],
    ['max', '<', 'fail', true],
    ['max', '<', 'pass', false],
    ['min', '>', 'fail', true],
    ['min', '<', 'pass', true],
    ['p(95)', '<', 'fail', false],
    ['rate', '<', 'fail', false],
  ] as const) {
    it(`of ${statistic} ${comparison} that is ${verdict} ${stays ? 'stays' : 'is inconclusive'}`, () => {
      const judged = doubtWhereTagsAreLost({ ...KPI, statistic, comparison, verdict }, 3);
      expect(judged.verdict).to.equal(stays ? verdict : 'inconclusive');
      expect(doubtWhereTagsAreLost({ ...KPI, statistic, comparison, verdict }, 0).verdict).to.equal(verdict);
    });
  }
});
