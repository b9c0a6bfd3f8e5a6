import { expect } from 'chai';
import { severityOf } from '../../../runner/analysis/findings/findings-kpis.ts';
import type { JudgedKpi, Severity } from '../../../runner/model/kpi.ts';

const kpi = (changes: Partial<JudgedKpi>): JudgedKpi => ({
  ...{ id: 'k', metric: 'http_req_duration', filter: {}, statistic: 'p(95)', comparison: '<', target: 100, unit: 'ms' },
  ...{ severity: 'medium', source: 'target', verdict: 'fail', actual: 110, ciLow: undefined, ciHigh: undefined },
  ...{ confidence: 'unknown', samples: 100, note: undefined },
  ...{ method: 'point', reason: 'clear', decidesAfterMs: undefined },
  ...changes,
});

describe('the severity of a verdict', () => {
  const rows: ReadonlyArray<[what: string, changes: Partial<JudgedKpi>, severity: Severity]> = [
    ['a met target', { verdict: 'pass', actual: 90 }, 'medium'],
    ['a near miss', {}, 'medium'],
    ['a miss by half', { actual: 160 }, 'high'],
    ['a miss by the double', { actual: 250 }, 'critical'],
    ['a near miss of a critical target', { severity: 'critical' }, 'critical'],
    [
      'a miss by the double that the team declared low',
      { actual: 250, severity: 'low', severityIsDeclared: true },
      'low',
    ],
    ['no data', { verdict: 'no_data', actual: undefined }, 'high'],
    ['no data for a target declared low', { verdict: 'no_data', severity: 'low', severityIsDeclared: true }, 'low'],
  ];
  for (const [what, changes, severity] of rows) {
    it(`of ${what} is ${severity}`, () => expect(severityOf(kpi(changes))).to.equal(severity));
  }
});
