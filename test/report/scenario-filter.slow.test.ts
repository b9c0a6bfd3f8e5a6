import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { renderRun } from '../../runner/report/render.ts';
import { seeded } from '../seeded.ts';
import { seriousViolations } from './axe.ts';
import { launchBrowser, openPage, releaseBrowser } from './browser.ts';
import { METRICS, resultOf, Samples } from './sample-run.ts';
import { scenarioSamples, TWO_SCENARIOS } from './two-scenarios.ts';

describe('report.html filtered by a k6 scenario', function () {
  this.timeout(120_000);
  const metrics = scenarioSamples('browse', 'search');
  let browser: Browser;
  let folder: string;
  let file: string;

  before(async () => {
    [browser, folder] = await Promise.all([launchBrowser(), mkdtemp(join(tmpdir(), 'scenarios-'))]);
    file = join(folder, 'report.html');
    const result = resultOf(metrics, { scenarios: TWO_SCENARIOS });
    await writeFile(file, (await renderRun(result, metrics)).get('report.html') ?? '');
  });
  after(async () => {
    await releaseBrowser(browser);
    await rm(folder, { recursive: true, force: true });
  });

  const rows = (page: Page, table: string) =>
    page
      .locator(`table[data-table="${table}"] tbody tr:not(.is-elsewhere)`)
      .evaluateAll((all) => all.map((row) => [...row.children].slice(0, 2).map((cell) => cell.textContent?.trim())));

  it('shows its charts, rows and numbers, marks what is not divided by scenario, and returns to the whole run', async () => {
    const { page, complaints } = await openPage(browser, file);
    const texts = () => page.locator('main :is(table, h2, h3, .tiles, figcaption p, summary)').allTextContents();
    await page.locator('[data-scenario-choice]').waitFor({ state: 'visible' });
    const before = await texts();
    await page.locator('[data-scenario-choice] select').selectOption({ label: 'search' });
    await page.locator('[data-range-text]', { hasText: 'scenario search' }).waitFor();
    expect(new URL(page.url()).hash).to.equal('#scenario=search');
    const ofSearch = { scenario: 'search' };
    const counted = (filter = {}) => String(metrics.total('http_reqs', { ...ofSearch, ...filter })?.sum);
    expect(await rows(page, 'endpoints')).to.deep.equal([
      ['GET /search', counted({ name: 'GET /search' })],
      ['GET /health', counted({ name: 'GET /health' })],
    ]);
    expect(await rows(page, 'scenarios')).to.have.length(1);
    const vus = page.locator('.tile', { hasText: 'Virtual users' }).locator('.whole-run').first();
    expect(await vus.getAttribute('data-whole')).to.equal('all scenarios');
    expect((await rows(page, 'checks')).map(([name]) => name)).to.deep.equal(['search is 200']);
    expect(await rows(page, 'statuses')).to.deep.equal([
      ['200', counted({ status: '200' })],
      ['503', counted({ status: '503' })],
    ]);
    const charts = await page
      .locator('figure.chart')
      .evaluateAll((all) =>
        all.map((figure) => [
          figure.id,
          /^search: /.test(figure.querySelector('h3')?.textContent ?? '') ||
            figure.querySelector('.choice-mark')?.textContent === 'Whole run, all scenarios',
          figure.classList.contains('is-empty'),
        ]),
      );
    expect(charts.filter(([, says]) => !says)).to.deep.equal([]);
    expect(charts.filter(([, , isEmpty]) => isEmpty).map(([id]) => id)).to.deep.equal(['chart-groups']);
    expect(await seriousViolations(page)).to.deep.equal([]);
    await page.locator('[data-range-bar] button').click();
    await page.locator('[data-range-bar]').waitFor({ state: 'hidden' });
    expect(new URL(page.url()).hash).to.equal('');
    expect(await texts()).to.deep.equal(before);
    expect(complaints).to.deep.equal([]);
  });

  it('reads scenario, endpoint and range from the URL', async () => {
    const { page } = await openPage(browser, file);
    await page.goto(`file://${file}#t=20-40&scenario=search&endpoint=GET%20%2Fsearch`);
    await page.reload();
    await page.locator('[data-range-text]', { hasText: 'scenario search, 00:20 to 00:40' }).waitFor();
    expect(await page.locator('#chart-latency h3').textContent()).to.match(/^GET \/search: /);
    const within = { fromMs: metrics.firstSampleMs ?? 0, toMs: 0 };
    const range = { fromMs: within.fromMs + 20_000, toMs: within.fromMs + 40_000 };
    const requests = metrics.total('http_reqs', { scenario: 'search', name: 'GET /search' }, range)?.sum;
    expect((await rows(page, 'endpoints'))[0]).to.deep.equal(['GET /search', String(requests)]);
    expect(await page.locator('[data-endpoint-choice] option[disabled]').allTextContents()).to.deep.equal([
      'GET /products',
    ]);
  });

  it('shows an endpoint of several scenarios in one of them, and marks what it cannot divide', async () => {
    const { page } = await openPage(browser, file);
    await page.goto(`file://${file}#scenario=search&endpoint=GET%20%2Fhealth`);
    await page.reload();
    await page.locator('[data-range-text]', { hasText: 'scenario search' }).waitFor();
    const titles = async (name: string) => (await page.locator(`#chart-${name} h3`).textContent()) ?? '';
    for (const name of ['latency', 'throughput', 'distribution']) {
      expect(await titles(name)).to.match(/^search, GET \/health: /);
    }
    expect(await page.locator('#chart-percentiles .choice-mark').textContent()).to.equal('All scenarios');
    // The tables are filled when they are opened.
    await page.evaluate(
      `new Promise((done) => {
        for (const fold of document.querySelectorAll('#chart-distribution .data-fold, #chart-throughput .data-fold')) fold.open = true;
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));
      })`,
    );
    const cells = await page.locator('#chart-distribution .data-fold tbody td:nth-child(2)').allTextContents();
    const filter = { scenario: 'search', name: 'GET /health', expected_response: 'true' };
    const counted = metrics.total('http_req_duration', filter)?.count;
    expect(cells.reduce((sum, text) => sum + Number(text), 0)).to.equal(counted);
    const rates = await page
      .locator('#chart-throughput .data-fold tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll('td')].map((cell) => Number.parseFloat(cell.textContent ?? ''))),
      );
    expect(rates.length).to.be.above(10);
    for (const [failed = 0, succeeded = 0] of rates) expect(failed + succeeded).to.be.within(0, 10);
  });

  it('of twenty scenarios with four endpoints each is smaller than a megabyte', async () => {
    const samples = new Samples();
    const names = Array.from({ length: 20 }, (_, index) => `scenario-${index}`);
    const random = seeded(5);
    for (let index = 0; index < 12_000; index++) {
      const atMs = index * 50;
      const which = index % names.length;
      const scenario = names[which] ?? '';
      const name = `GET /${which}/${Math.floor(random() * 4)}`;
      const status = random() < 0.02 ? '503' : '200';
      const tags = { scenario, name, method: 'GET', group: '', status, expected_response: String(status === '200') };
      const ms = 10 + which * 5 + 40 * random();
      for (const metric of [METRICS.http_req_duration, METRICS.http_req_waiting, METRICS.iteration_duration]) {
        samples.add(metric, tags, atMs, ms);
      }
      samples.add(METRICS.http_reqs, tags, atMs, 1);
      samples.add(METRICS.http_req_failed, tags, atMs, status === '200' ? 0 : 1);
      samples.add(METRICS.data_received, { scenario, group: '' }, atMs, 900);
    }
    const run = samples.done();
    const scenarios = Object.fromEntries(names.map((name) => [name, TWO_SCENARIOS.browse]));
    const html = (await renderRun(resultOf(run, { kpis: [], scenarios }), run)).get('report.html') ?? '';
    expect(html.length).to.be.within(300_000, 1_000_000);
  });
});
