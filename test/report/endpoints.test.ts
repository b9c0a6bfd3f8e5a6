import { expect } from 'chai';
import { assembleEndpoints } from '../../runner/analysis/result/assemble-endpoints.ts';
import { chartInput } from '../../runner/report/charts/all.ts';
import { isBands } from '../../runner/report/charts/figure.ts';
import { groupsChart } from '../../runner/report/charts/groups.ts';
import { endpointDetails, endpointTable } from '../../runner/report/view/endpoints.ts';
import { metricTable } from '../../runner/report/view/metric-table.ts';
import { METRICS, resultOf, Samples } from './sample-run.ts';

describe('the endpoints of a run', () => {
  it('count requests beyond the cap of series once, in a separate row', () => {
    const samples = new Samples();
    const rows: [Record<string, string>, number][] = [
      [{ name: 'GET /a', method: 'GET', status: '200', expected_response: 'true' }, 7],
      [{ url: 'http://x/b', method: 'GET', status: '200', expected_response: 'true' }, 5],
      [{ overflow: 'true' }, 3],
    ];
    for (const [tags, requests] of rows) {
      for (let index = 0; index < requests; index++) samples.add(METRICS.http_req_duration, tags, index * 100, 20);
    }
    const endpoints = assembleEndpoints(samples.done(), 1000);
    expect(endpoints.map(({ requests }) => requests)).to.deep.equal([7, 5, 3]);
  });
});

describe('tables of a report', () => {
  // 1 to 400 ms and, of every tenth request, a failure of 1000 ms and more.
  const samples = new Samples();
  for (let index = 1; index <= 400; index++) {
    const ok = { name: 'GET /a', method: 'GET', status: '200', expected_response: 'true' };
    samples.add(METRICS.http_req_duration, ok, index * 100, index);
    if (index % 10 === 0) {
      samples.add(
        METRICS.http_req_duration,
        { ...ok, status: '500', expected_response: 'false' },
        index * 100,
        1000 + index,
      );
    }
  }
  const metrics = samples.done();
  const plain = resultOf(metrics);
  const result = {
    ...plain,
    kpis: plain.kpis.slice(0, 1).map((kpi) => ({ ...kpi, statistic: 'p(97)' })),
    options: { summaryTrendStats: ['avg', 'p(95)', 'p(99.5)', 'count'] },
  };
  const input = chartInput(result, metrics);
  const columnOf = (table: ReturnType<typeof endpointTable>, label: string) => {
    const place = table.columns.findIndex((column) => column.label === label);
    return table.rows.map((row) => row[place]?.text);
  };

  it('have a column for each percentile of summaryTrendStats and of the targets', () => {
    const table = endpointTable(result, input);
    expect(table.columns.map(({ label }) => label).slice(4, -1)).to.deep.equal([
      'avg',
      'p50',
      'p90',
      'p95',
      'p97',
      'p99',
      'p99.5',
      'p99.9',
      'max',
    ]);
    expect(columnOf(table, 'p97')).to.deep.equal(['388 ms']);
    expect(columnOf(table, 'p99.5')).to.deep.equal(['398 ms']);
    const trends = metricTable(result, input);
    expect(trends.columns.map(({ label }) => label)).to.include.members(['p97', 'p99.5']);
    expect(columnOf(trends, 'p99.5').some((text) => /^1\.3\d s$/.test(text ?? ''))).to.equal(true);
  });

  it('have the default columns otherwise', () => {
    expect(endpointTable({ ...plain, kpis: [] }, input).columns.map(({ label }) => label)).to.not.include('p97');
  });

  it('give the percentiles of failed requests separately', () => {
    const [detail] = endpointDetails(result, input, () => ({ wide: '', narrow: '' }));
    const failed = detail?.facts.find(({ label }) => label === 'Failed requests only')?.value;
    // 1010, 1020, … 1400 ms.
    expect(failed).to.match(/^p50 1\.2\d* s, p95 1\.38 s, p99 1\.4\d* s, max 1\.40* s$/);
  });
});

describe('the chart of groups', () => {
  it('has a line for each group with enough samples, the slowest first', () => {
    const samples = new Samples();
    for (let index = 0; index < 300; index++) {
      samples.add(METRICS.group_duration, { group: '::buy' }, index * 100, 100);
      samples.add(METRICS.group_duration, { group: '::buy::pay' }, index * 100, 400);
      if (index < 10) samples.add(METRICS.group_duration, { group: '::rare' }, index * 100, 900);
    }
    const metrics = samples.done();
    const figure = groupsChart(chartInput(resultOf(metrics), metrics));
    const plot = figure?.plot;
    if (plot === undefined || !isBands(plot)) throw new Error('no lines');
    expect(plot.series.map(({ name }) => name)).to.deep.equal(['buy › pay', 'buy']);
    expect(figure?.takeaway).to.contain('buy › pay with a p95 of 400 ms');
  });

  it('does not exist for a script without groups', () => {
    const metrics = new Samples().done();
    expect(groupsChart(chartInput(resultOf(metrics), metrics))).to.equal(undefined);
  });
});
