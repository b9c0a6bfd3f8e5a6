import { expect } from 'chai';
import { primaryLatency } from '../../runner/analysis/requests/primary.ts';
import { chartFigures, chartInput } from '../../runner/report/charts/all.ts';
import type { ChartInput } from '../../runner/report/charts/chart.ts';
import { tableOfPlot } from '../../runner/report/charts/plot-table.ts';
import { scenarioFigures } from '../../runner/report/charts/scenario.ts';
import { TrackBook } from '../../runner/report/tracks/book.ts';
import { read } from '../../runner/report/tracks/figure.ts';
import { Tracks } from '../../runner/report/tracks/tracks.ts';
import { LOAD_START_MS, resultOf } from './sample-run.ts';
import { type ScenarioName, scenarioSamples, TWO_SCENARIOS } from './two-scenarios.ts';

const NAMES = ['browse', 'search'] as const;

function inputOf(...names: readonly ScenarioName[]): ChartInput {
  const metrics = scenarioSamples(...names);
  const scenarios = Object.fromEntries(names.map((name) => [name, TWO_SCENARIOS[name]]));
  return { ...chartInput(resultOf(metrics, { kpis: [], scenarios }), metrics), axisMs: 60_000, mostPoints: 100 };
}

describe('the charts of one k6 scenario', () => {
  const both = inputOf(...NAMES);
  for (const name of NAMES) {
    const alone = inputOf(name);
    const figures = scenarioFigures(name, both, 2);
    const expected = chartFigures({ ...alone, isPart: true }).filter((figure) => figure.name !== 'vus');

    it(`of ${name} are those of a run of only ${name}, and its busy VUs`, () => {
      expect(figures.map((figure) => figure.name)).to.have.members([...expected.map((one) => one.name), 'vus']);
    });
    for (const one of expected) {
      it(`${one.name} of ${name} has its points, texts and table`, () => {
        const { plot, title, takeaway, table } = figures.find((figure) => figure.name === one.name) ?? {};
        expect({ plot, title, takeaway, table }).to.deep.equal({
          plot: one.plot,
          title: one.title,
          takeaway: one.takeaway,
          table: one.table,
        });
      });
    }
  }

  it('show a target of the scenario as a line, but not one of the whole run', () => {
    const { result } = both;
    const [kpi] = resultOf(scenarioSamples(...NAMES)).kpis;
    if (kpi === undefined) throw new Error('no target');
    const kpis = [
      { ...kpi, target: 100 },
      { ...kpi, target: 70, filter: { scenario: 'search' } },
    ];
    const latency = scenarioFigures('search', { ...both, result: { ...result, kpis } }, 2)[0];
    expect(latency?.plot).to.have.property('targets').that.has.length(1);
    expect(latency?.plot).to.have.nested.property('targets[0].value', 70);
  });
});

describe('the numbers of one k6 scenario', () => {
  const metrics = scenarioSamples(...NAMES);
  const primary = primaryLatency(metrics);
  if (primary === undefined) throw new Error('no latency');
  const book = new TrackBook(metrics);
  const http = (filter = {}) => ({ metric: 'http_reqs', filter });
  const bound = {
    requests: book.bind({ figure: 'sum', of: http(), format: ['count'] }),
    shared: book.bind({ figure: 'sum', of: http({ name: 'GET /health' }), format: ['count'] }),
    search: book.bind({ figure: 'sum', of: http({ name: 'GET /search' }), format: ['count'] }),
    p95: book.bind({ figure: 'q', q: 0.95, of: primary, format: ['duration'] }),
    vus: book.bind({ figure: 'max', of: { metric: 'vus' }, format: ['count'] }),
  };
  const data = book.pack(LOAD_START_MS, NAMES);
  if (data === undefined) throw new Error('no tracks');
  const tracks = new Tracks(data);
  const binding = (name: keyof typeof bound) => data.bindings[Number(bound[name]) - 1] ?? { figures: [] };
  const range = { fromMs: 20_000, toMs: 40_000 };
  const inRange = { fromMs: LOAD_START_MS + range.fromMs, toMs: LOAD_START_MS + range.toMs };

  NAMES.forEach((scenario, index) => {
    for (const [span, from] of [
      [tracks.whole, undefined],
      [range, inRange],
    ] as const) {
      it(`are those of ${scenario}'s samples, ${from === undefined ? 'in the whole run' : 'in a range'}`, () => {
        const sums = tracks.sums(span, index);
        const counted = (filter = {}) => metrics.total('http_reqs', { ...filter, scenario }, from)?.sum ?? 0;
        expect(read(binding('requests'), sums).value).to.equal(counted());
        expect(read(binding('shared'), sums).value).to.equal(counted({ name: 'GET /health' }));
        expect(read(binding('search'), sums).value).to.equal(counted({ name: 'GET /search' }));
        const exact = metrics.total(primary.metric, { ...primary.filter, scenario }, from)?.quantile(0.95) ?? 0;
        expect(read(binding('p95'), sums).value).to.be.closeTo(exact, exact * (data.error + 0.001));
      });
    }
  });

  it('are empty, or marked as not divided by scenario', () => {
    expect(NAMES.map((_, index) => tracks.kindIn(binding('search'), index))).to.deep.equal(['none', 'divided']);
    expect(NAMES.map((_, index) => tracks.kindIn(binding('shared'), index))).to.deep.equal(['divided', 'divided']);
    expect(NAMES.map((_, index) => tracks.kindIn(binding('vus'), index))).to.deep.equal(['undivided', 'undivided']);
  });

  it('need no track of their own if all samples are of the scenario', () => {
    const [place] = binding('search').figures[0]?.of ?? [];
    expect(data.scenarios?.map((places) => places[place ?? -1])).to.deep.equal([-1, place]);
  });
});

describe('the table of a plot', () => {
  const figures = chartFigures(inputOf('search'));
  for (const [name, columns] of [
    ['latency', ['Time', 'max', 'p50', 'p90', 'p95', 'p99']],
    ['throughput', ['Time', 'error response', 'succeeded']],
    ['heatmap', ['Time', 'Samples', 'Most common range']],
    ['distribution', ['Up to', 'Samples', 'Share', 'Cumulative share']],
    ['percentiles', ['Percentile', 'Time']],
  ] as const) {
    it(`of ${name} has a column for each line and a readable number of rows`, () => {
      const plot = figures.find((figure) => figure.name === name)?.plot;
      if (plot === undefined) throw new Error(`no chart ${name}`);
      const table = tableOfPlot(plot);
      expect(table.columns).to.deep.equal(columns);
      expect(table.rows.length).to.be.within(3, 60);
      for (const row of table.rows) expect(row).to.have.length(columns.length);
    });
  }

  it('of a distribution counts every sample', () => {
    const metrics = scenarioSamples('search');
    const plot = figures.find((figure) => figure.name === 'distribution')?.plot;
    if (plot === undefined) throw new Error('no distribution');
    const counted = tableOfPlot(plot).rows.reduce((sum, [, samples]) => sum + Number(samples?.replace(',', '')), 0);
    expect(counted).to.equal(metrics.total('http_req_duration', { expected_response: 'true' })?.count);
  });
});
