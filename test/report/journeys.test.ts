import { expect } from 'chai';
import { assembleJourneys } from '../../runner/analysis/result/assemble-journeys.ts';
import { chartInput } from '../../runner/report/charts/all.ts';
import { scenarioTable } from '../../runner/report/view/scenarios.ts';
import { METRICS, resultOf, Samples } from './sample-run.ts';

describe('the journeys of a run', () => {
  // In 10 s: browse 75 iterations of 100 to 174 ms, every tenth failed; buy 25 of 300 to 324 ms.
  const samples = new Samples();
  const add = (journey: string, index: number, ms: number, failed: boolean) => {
    const tags = { scenario: journey, journey };
    const expected_response = String(!failed);
    samples.add(METRICS.iterations, tags, index * 100, 1);
    samples.add(METRICS.http_reqs, tags, index * 100, 1);
    samples.add(METRICS.http_req_duration, { ...tags, expected_response }, index * 100, ms);
    samples.add(METRICS.http_req_failed, tags, index * 100, failed ? 1 : 0);
  };
  for (let index = 0; index < 75; index++) add('browse', index, 100 + index, index % 10 === 9);
  for (let index = 0; index < 25; index++) add('buy', index, 300 + index, false);
  const metrics = samples.done();
  const journey = (name: string, rate: number) => ({
    executor: 'constant-arrival-rate',
    rate,
    exec: name,
    tags: { journey: name },
  });
  const scenarios = { browse: journey('browse', 7), buy: journey('buy', 3) };
  const journeys = assembleJourneys(metrics, scenarios, 10_000);

  it('have a row each, with the requested load and the result', () => {
    const rows = journeys.map(({ name, share_asked, share, iterations, rate_per_s, requests, error_rate }) => {
      return [name, share_asked, share, iterations, rate_per_s, requests, error_rate];
    });
    expect(rows).to.deep.equal([
      ['browse', 0.7, 0.75, 75, 7.5, 75, 7 / 75],
      ['buy', 0.3, 0.25, 25, 2.5, 25, 0],
    ]);
  });

  it('have percentiles of their own successful requests', () => {
    const [browse, buy] = journeys;
    expect(browse?.latency_metric).to.equal('http_req_duration');
    expect(browse?.max).to.equal(174);
    expect(buy?.med).to.be.closeTo(312, 0.4);
    expect(buy?.p95).to.be.closeTo(322.8, 0.4);
  });

  it('are recognised only by their tag: a plain script with several k6 scenarios has none', () => {
    const plain = { browse: { executor: 'constant-vus', vus: 2 }, buy: { ...journey('buy', 1), tags: { team: 'a' } } };
    expect(assembleJourneys(metrics, plain, 10_000)).to.deep.equal([]);
  });

  it('are shown with their shares in a table of the report', () => {
    const plain = resultOf(metrics);
    const result = { ...plain, duration_ms: 10_000, scenarios, journeys };
    const table = scenarioTable(result, chartInput(result, metrics), undefined);
    expect(table.caption).to.equal('Journeys');
    const at = (label: string) => table.columns.findIndex((column) => column.label === label);
    const cells = (label: string) => table.rows.map((row) => row[at(label)]?.text);
    expect(cells('Journey')).to.deep.equal(['browse', 'buy']);
    expect(cells('Share of load')).to.deep.equal(['70 %', '30 %']);
    expect(cells('Share of iterations')).to.deep.equal(['75 %', '25 %']);
    expect(cells('Rate')).to.deep.equal(['7.5/s', '2.5/s']);
  });
});
