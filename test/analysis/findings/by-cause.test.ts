// One cause is one group: failed requests, their checks and the targets on both; slow responses by cause or endpoint.

import { expect } from 'chai';
import { byCause, distinctKpis, exceptionInResponses } from '../../../runner/analysis/findings/by-cause.ts';
import type { Result, ResultKpi } from '../../../runner/model/result.ts';
import { notesOf } from '../../../runner/records/cycle/performance-notes.ts';
import { aKpi, anError, aResult } from '../../records/samples.ts';

type Finding = Result['findings'][number];
const finding = (kind: string, changes: Partial<Finding> = {}): Finding => ({
  ...{ kind, severity: 'high', title: `${kind} happened`, detail: '', kpis: [] },
  ...changes,
});
const failed = (changes: Partial<ResultKpi>): ResultKpi => aKpi({ verdict: 'fail', ...changes });
const ERRORS = failed({
  id: 'errors',
  metric: 'http_req_failed',
  statistic: 'rate',
  filter: {},
  target: 0.01,
  unit: '',
  severity: 'critical',
});
const CHECKS = failed({
  id: 'checks',
  metric: 'checks',
  statistic: 'rate',
  filter: {},
  comparison: '>',
  target: 0.99,
  unit: '',
});
const SLOW = failed({ id: 'slow', severity: 'medium' });
const SLOW_ALL = failed({ id: 'slow_all', filter: {} });
const body = 'java.lang.NullPointerException: Cannot invoke "Cart.total()"';
const sample = {
  at: '2026-11-23T14:37:00.000Z',
  request: { method: 'POST', url: 'http://x/orders', headers: {}, body: null },
  response: { status: 500, duration_ms: 3, headers: {}, body, error: '' },
  ...{ vu: 1, iteration: 0, scenario: 'default' },
};

describe('findings by cause', () => {
  it('are one for 31 % of 500s, the checks that fail with them and the targets missed by both', () => {
    const same = {
      ...ERRORS,
      id: 'errors_too',
      origin: { item: 'PerformanceTargets:C_Targets_v2', version: 2, field: '0' },
    };
    const result = aResult({
      kpis: [ERRORS, { ...same, target: 1, unit: '%' }, CHECKS],
      findings: [
        finding('http_errors'),
        finding('failed_checks'),
        finding('kpi_missed', { kpis: ['errors'] }),
        finding('kpi_missed', { kpis: ['checks'] }),
      ],
      errors: [anError({ samples: [Object(sample)] }), anError({ kind: 'check', count: 12 })],
    });
    const [group, ...more] = byCause(result);
    expect(more).to.deep.equal([]);
    expect(group?.kpis.map(({ id }) => id)).to.deep.equal(['errors_too', 'checks']);
    expect(group).to.include({ severity: 'critical', title: 'http_errors happened' });
    const [note, ...others] = notesOf(result, 'report.html');
    expect(others).to.deep.equal([]);
    expect(note?.value.potential_cause_hypothesis).to.contain('NullPointerException');
    expect(Object(note?.value.targets_broken)[0]).to.include({ item: 'PerformanceTargets:C_Targets_v2', version: 2 });
  });

  const groups: ReadonlyArray<[what: string, changes: Partial<Result>, ids: string[][]]> = [
    ['an endpoint and all requests together', { kpis: [SLOW, SLOW_ALL] }, [['slow_all', 'slow']]],
    [
      'two endpoints',
      { kpis: [SLOW_ALL, SLOW, failed({ id: 'b', filter: { name: 'GET /b' } })].slice(1) },
      [['b'], ['slow']],
    ],
    [
      'two endpoints with one probable cause',
      {
        kpis: [SLOW, failed({ id: 'b', filter: { name: 'GET /b' } })],
        findings: ['slow', 'b'].map((id) => finding('kpi_missed', { kpis: [id], probable_cause: 'the database' })),
      },
      [['b', 'slow']],
    ],
    [
      'checks that fail more often than requests do',
      {
        kpis: [ERRORS, CHECKS],
        findings: [finding('http_errors'), finding('failed_checks')],
        errors: [anError({ count: 2 }), anError({ kind: 'check', count: 90 })],
      },
      [['errors'], ['checks']],
    ],
  ];
  for (const [what, changes, ids] of groups) {
    it(`of ${what} are ${ids.length}`, () => {
      expect(byCause(aResult(changes)).map(({ kpis }) => kpis.map(({ id }) => id))).to.deep.equal(ids);
    });
  }

  it('combine targets with the same expression, and separate others', () => {
    const kpis = [aKpi(), aKpi({ id: 'b', target: 0.3, unit: 's', comparison: '<=' }), aKpi({ id: 'c', target: 301 })];
    expect(distinctKpis(kpis).map(({ id }) => id)).to.deep.equal(['page_latency', 'c']);
  });

  it('find no exception if no response names one', () => {
    expect(exceptionInResponses(aResult({ errors: [anError()] }))).to.equal(undefined);
  });
});
