// The report's section on the system under test: panels of known exporters, figures before, during and after, gaps.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { resultSchema } from '../../runner/model/result.ts';
import { panelsOf } from '../../runner/monitor/panels.ts';
import { serverResult } from '../../runner/monitor/server-figures.ts';
import { chartFigures, chartInput } from '../../runner/report/charts/all.ts';
import { isBands } from '../../runner/report/charts/figure.ts';
import { renderRun } from '../../runner/report/render.ts';
import { seriousViolations } from '../report/axe.ts';
import { launchBrowser, openPage, releaseBrowser } from '../report/browser.ts';
import { LOAD_START_MS, resultOf, shopSamples } from '../report/sample-run.ts';
import { type Watched, watchedRun } from './watched-run.ts';

const SECONDS = 60;
const HOSTILE = '</script><script>alert(1)</script>';
const isLoad = (second: number) => second >= 0 && second < SECONDS;

const WATCHED: readonly Watched[] = [
  { metric: 'server.cpu_percent', unit: '%', at: (second) => (isLoad(second) ? 80 : 5) },
  {
    metric: 'server.memory_bytes',
    unit: 'bytes',
    at: (second) => 100e6 + (isLoad(second) ? second * 1e6 : second < 0 ? 0 : 60e6),
  },
  { metric: 'server.db_connections_in_use', at: (second) => (isLoad(second) ? Math.min(20, second) : 0) },
  { metric: 'server.db_connections_max', at: () => 20 },
  // node_exporter: two cores, one of them busy for half of the time.
  ...(['0', '1'] as const).flatMap((cpu) =>
    ['idle', 'user'].map(
      (mode): Watched => ({
        metric: 'server.node_cpu_seconds_total',
        source: 'node',
        labels: { cpu, mode },
        at: () => (cpu === '1' ? Number(mode === 'idle') : 0.5),
      }),
    ),
  ),
  { metric: 'server.node_memory_MemTotal_bytes', source: 'node', unit: 'bytes', at: () => 8e9 },
  {
    metric: 'server.node_memory_MemAvailable_bytes',
    source: 'node',
    unit: 'bytes',
    at: (second) => (second === 30 ? undefined : 6e9),
  },
  { metric: 'server.app_things', source: HOSTILE, labels: { [HOSTILE]: HOSTILE }, at: (second) => second },
  { metric: 'server.app_limit', at: () => 7 },
];

function run() {
  const metrics = shopSamples({ seconds: SECONDS, requestsPerSecond: 20 });
  const gap = {
    about: 'gap',
    source: 'demo',
    fromMs: LOAD_START_MS + 10_000,
    toMs: LOAD_START_MS + 14_000,
    reason: `gone ${HOSTILE}`,
  } as const;
  metrics.server = watchedRun(WATCHED, { loadSeconds: SECONDS, notes: [gap] });
  const result = resultOf(metrics, { server: serverResult(metrics.server) });
  return { metrics, result };
}

describe('the system under test in the report', function () {
  this.timeout(120_000);

  it('has a panel for each subject, on the axis of the load', () => {
    const { metrics, result } = run();
    const input = chartInput(result, metrics);
    const charts = chartFigures(input).filter(({ subject }) => subject === 'server');
    expect(charts.map(({ name }) => name)).to.deep.equal(['server-cpu', 'server-memory', 'server-connections']);
    for (const { plot } of charts) {
      if (!isBands(plot)) throw new Error('Expected bands');
      expect(plot.axisMs).to.equal(input.axisMs);
      for (const { points } of plot.series) {
        for (const [atMs] of points) expect(atMs).to.be.within(0, input.axisMs);
      }
    }
    const cpu = charts.find(({ name }) => name === 'server-cpu');
    expect(cpu?.takeaway).to.include('5 % before, 80 % average and 80 % max under load, 5 % afterwards');
    // One core of two busy for half of the time.
    expect(cpu?.takeaway).to.include('25 % average');
  });

  it('draws a gap where readings are missing, and the remaining series if one is removed', () => {
    const { metrics, result } = run();
    const memory = chartFigures(chartInput(result, metrics)).find(({ name }) => name === 'server-memory');
    if (memory === undefined || !isBands(memory.plot)) throw new Error('Expected the memory');
    const used = memory.plot.series.find(({ name }) => name.includes('machine, used'));
    const values = (used?.points ?? []).map(([, value]) => value);
    expect(values.filter((value) => value === null)).to.have.length(1);
    expect(new Set(values.filter((value) => value !== null))).to.deep.equal(new Set([2e9]));
  });

  it('shows what recovered after the load and what did not', () => {
    const { result } = run();
    const recovered = Object.fromEntries(
      (result.server.metrics ?? []).map((metric) => [metric.name, metric.recovered]),
    );
    expect(recovered['server.cpu_percent']).to.equal(true);
    expect(recovered['server.memory_bytes']).to.equal(false);
    expect(recovered['server.db_connections_max']).to.equal(null);
  });

  it('puts series without a panel in the last table, and shows each series once', () => {
    const series = run().result.server.metrics ?? [];
    const { panels, others } = panelsOf(series);
    expect(others.map(({ name }) => name)).to.deep.equal(['server.app_things', 'server.app_limit']);
    const members = panels.flatMap(({ lines }) => lines.flatMap((line) => line.members));
    expect(new Set(members).size).to.equal(members.length);
  });

  it('still reads results without monitoring', () => {
    const { metrics, result } = run();
    expect(resultSchema.parse({ ...result, server: {} }).server).to.deep.equal({});
    metrics.server = undefined;
    expect(
      chartFigures(chartInput({ ...result, server: {} }, metrics)).some(({ subject }) => subject === 'server'),
    ).to.equal(false);
  });

  describe('in a browser', () => {
    let browser: Browser;
    let folder: string;
    before(async () => {
      browser = await launchBrowser();
      folder = await mkdtemp(join(tmpdir(), 'novaperf-server-page-'));
    });
    after(async () => {
      await releaseBrowser(browser);
      await rm(folder, { recursive: true, force: true });
    });

    it('is readable, with hostile names and reasons as plain text', async () => {
      const { metrics, result } = run();
      const file = join(folder, 'report.html');
      await writeFile(file, (await renderRun(result, metrics)).get('report.html') ?? '');
      const { page, complaints, requests } = await openPage(browser, file);
      expect(await page.locator('#chart-server-cpu').isVisible()).to.equal(true);
      await page.locator('#details').evaluate((details) => {
        for (const fold of details.querySelectorAll('details')) fold.open = true;
      });
      const server = page.locator('#fold-server');
      expect(await server.innerText()).to.match(/CPU: process \(100 % = one core\)[\s\S]*80 %/);
      const sources = await page.locator('#fold-server-sources').innerText();
      expect(sources).to.include('00:10 to 00:14: gone </script>').and.include('with gaps');
      expect(await page.locator('#fold-server-other').innerText()).to.include(HOSTILE);
      expect(complaints).to.deep.equal([]);
      expect(requests).to.deep.equal([]);
      expect(await seriousViolations(page)).to.deep.equal([]);
    });
  });
});
