import { expect } from 'chai';
import type { Result, ResultFinding, ResultKpi } from '../../runner/model/result.ts';
import { dividedFindings, findingRows, summaryView } from '../../runner/report/view/findings.ts';
import { kpiRows } from '../../runner/report/view/kpis.ts';
import { verdictView } from '../../runner/report/view/verdict.ts';
import { shortRunNote } from '../../runner/report/view/verdict-words.ts';
import { resultOf, shopSamples } from './sample-run.ts';

const plain = resultOf(shopSamples({ seconds: 10, requestsPerSecond: 20 }));
const kpisOf = (...confidences: ResultKpi['confidence'][]): ResultKpi[] =>
  plain.kpis.slice(0, confidences.length).map((kpi, index) => ({
    ...kpi,
    verdict: 'pass',
    confidence: confidences[index] ?? 'unknown',
  }));

describe('what limits a verdict', () => {
  const rows: ReadonlyArray<readonly [when: string, more: Partial<Result>, word: string, says: RegExp | '']> = [
    ['every interval is firm', { kpis: kpisOf('firm', 'firm') }, '', ''],
    ['no target has an interval', { kpis: kpisOf('unknown') }, '', ''],
    ['there is no target', { kpis: [] }, '', ''],
    [
      'one interval spans its target',
      { kpis: kpisOf('open', 'firm') },
      'Caution',
      /^p95 of http_req_duration is between [\d.]+ ms and [\d.]+ ms; the target of < 250 ms is too close to call\.$/,
    ],
    ['two intervals span their targets', { kpis: kpisOf('open', 'open') }, 'Caution', /^2 of 2 targets are too close/],
    ['a smoke run has an interval that spans its target', { kpis: kpisOf('open'), profile: 'smoke' }, '', ''],
    [
      'the load generator was saturated',
      { kpis: kpisOf('open'), generator: { ...plain.generator, state: 'saturated', reasons: ['CPU at 100 %'] } },
      'Unreliable',
      /saturated; reported latencies are inflated: CPU at 100 %\.$/,
    ],
    ['the load generator was not measured', { generator: { ...plain.generator, state: 'unknown' } }, '', ''],
    [
      'the stream was cut',
      { stream: { complete: false, bad_lines: 0, bad_values: 0, lost_lines: 2 } },
      'Caution',
      /ended early, 2 lines lost/,
    ],
    ['the run ended early', { partial: true }, 'Caution', /ended early/],
    [
      'the requested rate was not reached',
      { generator: { ...plain.generator, achieved_rate: 0.9 } },
      'Caution',
      /90 %/,
    ],
    ['iterations threw', { iterations: { completed: 9, dropped: 0, exceptions: 1 } }, 'Caution', /1 exception\.$/],
  ];
  for (const [when, more, word, says] of rows) {
    it(`is ${word === '' ? 'nothing' : `"${word}"`} if ${when}`, () => {
      const { trust } = verdictView({ ...plain, kpis: kpisOf('firm'), ...more });
      expect(trust.word).to.equal(word);
      if (says === '') expect(trust.sentence).to.equal('');
      else expect(trust.sentence).to.match(says);
    });
  }

  it('counts missed targets without their names if nothing else decided the status', () => {
    const kpis = plain.kpis.map((kpi) => ({ ...kpi, verdict: 'fail' as const }));
    const failed = { ...plain, kpis, status_reason: 'the reason' };
    const missed = `${kpis.length} of ${kpis.length} targets were missed.`;
    for (const [status_cause, reason] of [
      ['targets_missed', missed],
      ['targets_missed_always_threw', 'The reason.'],
      ['k6_exit', 'The reason.'],
      [undefined, 'The reason.'],
    ] as const) {
      expect(verdictView({ ...failed, status_cause }).reason, status_cause).to.equal(reason);
    }
  });

  it('gives the reason as a sentence', () => {
    expect(verdictView({ ...plain, status_reason: 'all 4 targets were met' }).reason).to.equal(
      'All 4 targets were met.',
    );
  });
});

describe('findings of a report', () => {
  const finding = (kind: string, severity: ResultFinding['severity'], ...movedWith: string[]): ResultFinding => ({
    ...{ kind, severity, title: kind, detail: '', kpis: [] },
    ...(movedWith.length === 0 ? {} : { moved_with: movedWith }),
  });
  const id = plain.kpis[0]?.id ?? '';
  const all = [
    finding('kpi_missed', 'high'),
    finding('response_time_rose', 'high', id),
    finding('server_busy', 'high'),
    finding('runner_warning', 'low'),
    finding('few_samples', 'low'),
    finding('server_not_recovered', 'low'),
    finding('server_growth', 'low'),
    finding('server_moves_with', 'low', id),
    finding('generator_machine', 'medium'),
    finding('coordinated_omission', 'medium'),
    finding('of_a_later_version', 'high'),
  ];
  const dividedOf = (verdict: ResultKpi['verdict']) => {
    const judged = plain.kpis.slice(0, 1).map((kpi) => ({ ...kpi, verdict, no_data_passes: true }));
    const result = { ...plain, findings: all, kpis: judged };
    const kpis = kpiRows(result);
    const { findingsTitle, findings } = dividedFindings(findingRows(result, kpis), kpis);
    return [findingsTitle, ...findings.map(({ kind }) => kind)];
  };

  it('are possible causes of a miss only if they moved with it', () => {
    expect(dividedOf('fail')).to.have.members(['Possible causes', 'response_time_rose', 'server_moves_with']);
  });

  it('are not causes of a target without data that does not count as missed', () => {
    expect(dividedOf('no_data')[0]).to.equal('Findings');
  });

  it('are findings if all targets were met', () => {
    expect(dividedOf('pass')).to.have.members([
      'Findings',
      'response_time_rose',
      'server_busy',
      'generator_machine',
      'coordinated_omission',
      'server_growth',
      'server_moves_with',
    ]);
  });
});

describe('the first screen', () => {
  const finding = (kind: string, severity: ResultFinding['severity']): ResultFinding => ({
    ...{ kind, severity, title: kind, detail: '', kpis: [] },
  });
  const causesOf = (verdict: ResultKpi['verdict'], findings: readonly ResultFinding[]) => {
    const kpis = plain.kpis.slice(0, 1).map((kpi) => ({ ...kpi, verdict }));
    const result: Result = { ...plain, kpis, findings: [...findings] };
    const rows = kpiRows(result);
    const divided = dividedFindings(findingRows(result, rows), rows);
    return summaryView(rows, divided.findings, divided.notes).causes.map(({ kind }) => kind);
  };
  const low = ['few_samples', 'generator_machine', 'response_time_rose', 'observed'].map((kind) =>
    finding(kind, 'low'),
  );

  it('shows observations if no target was missed and no finding is above low', () => {
    expect(causesOf('pass', low)).to.deep.equal(['observed']);
  });

  it('counts the causes that do not fit', () => {
    const found = [1, 2, 3].map((number) => finding(`slow_${number}`, 'high'));
    const rows = kpiRows({ ...plain, findings: found });
    const causes = findingRows({ ...plain, findings: found }, rows);
    const { causes: shown, moreCauses, missed } = summaryView(rows, causes);
    expect([missed.length, shown.length, moreCauses]).to.deep.equal([3, 1, '2 more']);
    expect(summaryView(rows, causes.slice(0, 1)).moreCauses).to.equal('');
  });

  it('leaves observations out next to a miss or a higher finding', () => {
    expect(causesOf('fail', low)).to.deep.equal([]);
    expect(causesOf('pass', [finding('slow_endpoint', 'medium'), ...low])).to.deep.equal(['slow_endpoint']);
  });
});

describe('a short run', () => {
  const of = (more: Partial<ResultKpi>) => {
    const result = { ...plain, kpis: plain.kpis.slice(0, 2).map((kpi) => ({ ...kpi, actual: 200, ...more })) };
    return [shortRunNote(result) !== '', ...kpiRows(result).map(({ confidence }) => confidence)];
  };

  it('is mentioned once for all targets; facts of one target are next to it', () => {
    expect(of({ reason: 'k6_rule', confidence: 'provisional' })).to.deep.equal([true, '', '']);
    expect(of({ reason: 'clear', method: 'indicative', interval_absence: 'dependent' })).to.deep.equal([
      true,
      'too few independent samples',
      'too few independent samples',
    ]);
    expect(of({ reason: 'k6_rule', confidence: 'open' })[0]).to.equal(false);
    expect(of({ reason: 'clear', method: 'decided', confidence: 'firm' })).to.deep.equal([false, '', '']);
  });
});
