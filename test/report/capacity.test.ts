import { expect } from 'chai';
import { type CapacityResult, type CapacityStep, capacitySchema } from '../../runner/model/capacity.ts';
import { capacityChart } from '../../runner/report/charts/capacity.ts';
import { renderComment } from '../../runner/report/comment.ts';
import { capacitySection, capacityTitle, heldText } from '../../runner/report/view/capacity.ts';
import { verdictView } from '../../runner/report/view/verdict.ts';
import { buildReport } from '../../runner/report/view-model.ts';
import { hasFacts } from '../facts.ts';
import { resultOf, shopSamples } from './sample-run.ts';

function step(load: number, more: Partial<CapacityStep> = {}): CapacityStep {
  return {
    ...{ load, why: 'up', is_met: true, missed: '', ended_early: false, held_until: 'stable', warm_up_ms: 0 },
    ...{ requests_per_s: load, p50_ms: 100, p95_ms: load, error_share: 0 },
    ...{ started_at: '2026-11-30T10:00:00.000Z', duration_ms: 20_300, run: `orders_${load}`, ...more },
  };
}

const MISSED = step(425, {
  is_met: false,
  missed: 'http_req_duration p(95) < 500 ms',
  held_until: 'missed',
  p95_ms: 900,
});

function capacity(more: Partial<CapacityResult> = {}): CapacityResult {
  return {
    ...{ model: 'open', unit: 'iterations/s', base: 150, limit: null, load: 410, missed_at: 425, is_confirmed: true },
    ...{ requests_per_s: 410, p95_ms: 410, headroom: 410 / 150, limited_by: 'http_req_duration p(95) < 500 ms' },
    limit_target: {
      metric: 'http_req_duration',
      filter: {},
      statistic: 'p(95)',
      comparison: '<',
      target: 500,
      unit: 'ms',
    },
    first_to_break: ['POST /orders, 503', 'database connections 20 of 20'],
    steps: [
      step(150),
      step(300, { duration_ms: 31_000 }),
      MISSED,
      step(410, { held_until: 'longest', duration_ms: 60_000 }),
    ],
    ...more,
  };
}

describe('the result of a capacity search', () => {
  for (const [what, found, facts] of [
    [
      'a capacity with the first miss',
      capacity(),
      ['410 requests/s', 'p95 < 500 ms', '410', '425', 'POST /orders', '503', '20 of 20', '2.7'],
    ],
    [
      'virtual users',
      capacity({ model: 'closed', unit: 'VUs', load: 8, missed_at: 9, first_to_break: [] }),
      ['410 requests/s', 'p95 < 500 ms', '8 VUs', '9 VUs', '2.7'],
    ],
    [
      'nothing missed up to the limit',
      capacity({ limit: 410, missed_at: null, limit_target: null, limited_by: '', first_to_break: [] }),
      ['at least 410 requests/s', '--max-rate 410', '2.7'],
    ],
    [
      'a growing queue without a target on response times',
      capacity({
        limit_target: null,
        limited_by: 'response times still rose',
        first_to_break: [],
        is_confirmed: false,
      }),
      ['410 requests/s', '410', '425', 'response times still rose', '2.7', 'not confirmed'],
    ],
    [
      'no load at all',
      capacity({ load: null, requests_per_s: null, headroom: null, steps: [step(150)] }),
      ['No load', '150 iterations/s', 'p95 < 500 ms'],
    ],
  ] as const) {
    it(`has a title with its figures: ${what}`, () => {
      hasFacts(capacityTitle(found), ...facts);
      expect(capacitySchema.parse(JSON.parse(JSON.stringify(found)))).to.deep.equal(found);
    });
  }

  it('gives how long loads were held, and why no longer', () => {
    hasFacts(
      heldText(capacity()),
      '4 loads',
      '20 s',
      '1 min',
      '2',
      'stable',
      '1',
      'missed',
      '1',
      'maximum time',
      'without',
    );
  });

  it('is a table with a row for each step, and points of p95 over throughput with the knee marked', () => {
    const result = { ...resultOf(shopSamples({ seconds: 5, requestsPerSecond: 10 })), capacity: capacity() };
    const section = capacitySection(result);
    expect(section?.table.rows.length).to.equal(4);
    const plot = capacityChart({ result })?.plot;
    expect(plot?.kind === 'xy' ? plot.points : []).to.deep.equal([
      [150, 150],
      [300, 300],
      [410, 410],
      [425, 900],
    ]);
    expect(plot?.kind === 'xy' ? [plot.knee, plot.marked, plot.curve?.length] : []).to.deep.equal([410, [3], 4]);
  });

  it('is in the first lines of the report, and once in the comment', () => {
    const found = capacity();
    const findings = [
      { kind: 'capacity', severity: 'low' as const, title: capacityTitle(found), detail: '', kpis: [] },
    ];
    const result = { ...resultOf(shopSamples({ seconds: 5, requestsPerSecond: 10 })), findings, capacity: found };
    expect(verdictView(result).reason.startsWith(`${capacityTitle(found)}.`)).to.equal(true);
    const comment = renderComment([result], { of: 'run', failures: [] });
    expect(comment.split('410 requests/s').length - 1).to.equal(1);
    expect(comment.indexOf('410 requests/s')).to.be.lessThan(comment.indexOf('<details>'));
  });

  it("has its own section at the top of the report, and the search's duration in the line of facts", () => {
    const samples = shopSamples({ seconds: 5, requestsPerSecond: 10 });
    const result = { ...resultOf(samples), capacity: capacity() };
    const { view } = buildReport(result, samples);
    expect(view.capacity?.charts.map(({ name }) => name)).to.deep.equal(['capacity']);
    expect([...view.charts, ...view.overview].map(({ name }) => name)).to.not.include('capacity');
    expect(view.byline.find(({ label }) => label === 'Search')?.value).to.match(/^4 loads in .*under load$/);
    expect(buildReport(resultOf(samples), samples).view.capacity).to.equal(null);
  });

  it('calls the first load the base load, however the search continues', () => {
    const result = { ...resultOf(shopSamples({ seconds: 5, requestsPerSecond: 10 })), capacity: capacity() };
    const [first] = result.capacity.steps;
    const why = capacitySection(result)?.table.rows.map((row) => row[1]?.text) ?? [];
    expect(first?.load).to.equal(150);
    expect(why.filter((text) => text === 'the base load')).to.have.length(1);
    expect(why[0]).to.equal('the base load');
  });
});
