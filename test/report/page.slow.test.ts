import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { resultSchema } from '../../runner/model/result.ts';
import { renderRun } from '../../runner/report/render.ts';
import { count, duration, percent } from '../../runner/text/format.ts';
import { seriousViolations } from './axe.ts';
import { launchBrowser, openPage, releaseBrowser } from './browser.ts';
import { LOAD_START_MS, resultOf, shopSamples } from './sample-run.ts';

describe('report.html in a browser', function () {
  this.timeout(120_000);
  const metrics = shopSamples({ seconds: 90, requestsPerSecond: 40 });
  const result = resultOf(metrics);
  let browser: Browser;
  let folder: string;
  let file: string;
  let files: ReadonlyMap<string, string>;

  before(async () => {
    [browser, folder] = await Promise.all([launchBrowser(), mkdtemp(join(tmpdir(), 'report-'))]);
    files = await renderRun(result, metrics);
    for (const [name, text] of files) await writeFile(join(folder, name), text);
    file = join(folder, 'report.html');
  });
  after(async () => {
    await releaseBrowser(browser);
    await rm(folder, { recursive: true, force: true });
  });

  const text = async (page: Page, selector: string) =>
    (await page.locator(selector).allTextContents()).map((part) => part.replace(/\s+/g, ' ').trim());
  const column = (page: Page, table: string, index: number) =>
    text(page, `table[data-table="${table}"] tbody tr:not([hidden]) > :nth-child(${index})`);

  it('loads nothing and logs no errors', async () => {
    const { page, complaints, requests } = await openPage(browser, file);
    expect(complaints).to.deep.equal([]);
    expect(requests).to.deep.equal([]);
    expect(await page.title()).to.equal('Failed: browse · load – performance report');
  });

  it('shows the verdict, what was missed and the overview on the first screen', async () => {
    const { page } = await openPage(browser, file);
    await page.locator('#chart-vus canvas').waitFor();
    for (const selector of ['.stamp', '.hero-missed', '.byline', '.tiles', '.overview']) {
      const box = await page.locator(selector).boundingBox();
      expect(box, selector).not.to.equal(null);
      expect((box?.y ?? 0) + (box?.height ?? 0), selector).to.be.below(900);
    }
    expect(await text(page, '.stamp')).to.deep.equal(['Failed']);
    expect(await text(page, '.reason')).to.deep.equal([result.status_reason]);
    expect(await text(page, '.brief a')).to.include('p95 of http_req_duration');
    expect(await text(page, '#findings h2')).to.deep.equal(['Possible causes']);
    expect(await text(page, '#findings .finding-title')).to.deep.equal([result.findings[0]?.title]);
    expect(await text(page, '#notes .finding-title')).to.deep.equal([result.findings[1]?.title]);
  });

  it('shows every KPI of the Result with its verdict as a word, missed ones first', async () => {
    const { page } = await openPage(browser, file);
    const words = { fail: 'missed', no_data: 'no data', inconclusive: 'inconclusive', pass: 'met' };
    const verdicts = await column(page, 'kpis', 1);
    expect(verdicts.toSorted()).to.deep.equal(result.kpis.map(({ verdict }) => words[verdict]).toSorted());
    expect(verdicts.slice(0, 2)).to.deep.equal(['missed', 'missed']);
    const actuals = await column(page, 'kpis', 4);
    expect(actuals).to.include(duration(result.kpis[1]?.actual));
    expect(actuals).to.include(percent(result.kpis[3]?.actual));
    expect(await column(page, 'kpis', 7)).to.have.members(result.kpis.map(({ samples }) => count(samples)));
  });

  it('shows the endpoints with the numbers of the Result', async () => {
    const { page } = await openPage(browser, file);
    const names = result.endpoints.map(({ name }) => name);
    expect(await column(page, 'endpoints', 1)).to.deep.equal(names);
    const numbers = [
      [2, result.endpoints.map(({ requests }) => count(requests))],
      [6, result.endpoints.map(({ med }) => duration(med))],
      [8, result.endpoints.map(({ p95 }) => duration(p95))],
      [10, result.endpoints.map(({ p999 }) => duration(p999))],
      [11, result.endpoints.map(({ max }) => duration(max))],
    ] as const;
    for (const [index, expected] of numbers) expect(await column(page, 'endpoints', index)).to.deep.equal(expected);
    expect(await page.locator('table[data-table="endpoints"] svg.spark').count()).to.equal(names.length);
  });

  it('draws each chart with a title, a summary, a name for screen readers and its data as a table', async () => {
    const { page } = await openPage(browser, file);
    const charts = page.locator('figure.chart');
    expect(await charts.count()).to.be.at.least(7);
    for (const chart of await charts.all()) {
      expect(await chart.locator('h3').textContent()).not.to.equal('');
      expect(await chart.locator('figcaption p').textContent()).to.match(/\d/);
      expect(await chart.locator('.plot-wide').getAttribute('aria-label')).to.match(/\d/);
      expect(await chart.locator('.plot-wide svg path').count()).to.be.at.least(1);
      const rows = await chart.locator('details tbody tr').count();
      expect(rows).to.be.within(1, 60);
    }
    expect(await page.locator('#chart-latency .plot-wide').innerHTML()).to.include('target p95 250 ms');
  });

  it('aligns all charts over time on one axis', async () => {
    const { page } = await openPage(browser, file);
    const labels = (name: string) => text(page, `#chart-${name} .plot-wide svg text`);
    const times = async (name: string) => (await labels(name)).filter((label) => /^\d\d:\d\d$/.test(label));
    expect(await times('vus')).to.include('00:30');
    for (const name of ['latency', 'throughput']) expect(await times(name), name).to.deep.equal([]);
    expect(await times('heatmap')).to.deep.equal(await times('request-phases'));
    await page.locator('#chart-vus canvas').waitFor();
    const edges = await page
      .locator('.overview .u-over')
      .evaluateAll((plots) => plots.map((plot) => plot.getBoundingClientRect().left));
    expect(edges).to.have.length(3);
    expect(new Set(edges).size).to.equal(1);
    expect(await labels('vus'), 'the clock below').to.include(
      new Date(LOAD_START_MS + 30_000).toISOString().slice(11, 19),
    );
  });

  it('sorts by a click on a column, numbers as numbers, and in reverse by another click', async () => {
    const { page } = await openPage(browser, file);
    const head = page.locator('table[data-table="endpoints"] thead th').nth(7);
    await head.getByRole('button').click();
    expect(await head.getAttribute('aria-sort')).to.equal('descending');
    const p95 = result.endpoints.map(({ p95: value }) => value ?? 0).toSorted((a, b) => b - a);
    expect(await column(page, 'endpoints', 8)).to.deep.equal(p95.map((value) => duration(value)));
    await head.getByRole('button').press('Enter');
    expect(await column(page, 'endpoints', 8)).to.deep.equal(p95.toReversed().map((value) => duration(value)));
  });

  it('keeps rows without a number at the end in both sort orders', async () => {
    const { page } = await openPage(browser, file);
    const head = page.locator('table[data-table="kpis"] thead th').nth(4).getByRole('button');
    for (let click = 0; click < 2; click++) {
      await head.click();
      expect((await column(page, 'kpis', 5)).at(-1)).to.equal('–');
    }
  });

  it('filters the rows of a long table and shows how many are left', async () => {
    const { page } = await openPage(browser, file);
    const box = page.locator('[data-filter-for="errors"]');
    await box.locator('input').fill('connection refused');
    const refused = result.errors.filter(({ message }) => message.includes('connection refused')).length;
    expect(await column(page, 'errors', 1)).to.have.length(refused);
    expect(await box.locator('output').textContent()).to.equal(`${refused} of ${result.errors.length}`);
    await box.locator('input').fill('');
    expect(await column(page, 'errors', 1)).to.have.length(result.errors.length);
  });

  it('uses the colour scheme of the system, or that of its own switch', async () => {
    const { page } = await openPage(browser, file, { colorScheme: 'dark' });
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const stroke = () =>
      page.evaluate(`getComputedStyle(document.querySelector('#chart-latency path[stroke*="--ink-p95"]')).stroke`);
    const [dark, darkLine] = [await background(), await stroke()];
    await page.getByRole('button', { name: 'Switch to light colours' }).click();
    const [light, lightLine] = [await background(), await stroke()];
    expect(light).not.to.equal(dark);
    expect(lightLine).not.to.equal(darkLine);
    await page.reload();
    expect(await background(), 'the choice is remembered').to.equal(light);
  });

  it('opens the endpoint of a link in the table', async () => {
    const { page } = await openPage(browser, file);
    await page.locator('table[data-table="endpoints"] tbody a').nth(1).click();
    await page.locator('#endpoint-2[open]').waitFor();
    await page.locator('#endpoint-2 canvas').first().waitFor();
  });

  it('shows all content without scripts', async () => {
    const { page } = await openPage(browser, file, { javaScriptEnabled: false });
    expect(await page.locator('.stamp').textContent()).to.equal('Failed');
    expect(await page.locator('#chart-latency .plot-wide svg').isVisible()).to.equal(true);
    expect(await page.locator('table[data-table="endpoints"] tbody tr').count()).to.equal(result.endpoints.length);
    expect(await page.locator('[data-theme-switch]').isVisible(), 'a switch that does nothing').to.equal(false);
    expect(await page.locator('.filter').first().isVisible(), 'a filter that does nothing').to.equal(false);
  });

  it('fits screens from 360 to 2560 pixels', async () => {
    const { page } = await openPage(browser, file);
    for (const width of [360, 390, 768, 1280, 2560]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).to.be.at.most(width);
    }
  });

  it('has no serious axe-core violation in light and dark colours', async () => {
    const { page } = await openPage(browser, file, { colorScheme: 'light' });
    expect(await seriousViolations(page, { isWhole: true })).to.deep.equal([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await seriousViolations(page, { rules: 'colours' })).to.deep.equal([]);
  });

  it('prints in light colours, findings unfolded, without the controls', async () => {
    const { page } = await openPage(browser, file, { colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).to.equal('rgb(255, 255, 255)');
    expect(await page.locator('.bar-top').isVisible()).to.equal(false);
    expect(await page.locator('.finding-body').first().isVisible()).to.equal(true);
    expect((await page.pdf({ preferCSSPageSize: true })).length).to.be.above(10_000);
  });

  it('is smaller than a megabyte, with a script below 110 kB', () => {
    const html = files.get('report.html') ?? '';
    expect(html.length).to.be.below(1_000_000);
    const script = /<script>([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
    expect(script.length).to.be.within(100, 110_000);
  });

  it('comes with a result.json that is valid by its schema and equals the Result', () => {
    const parsed = resultSchema.parse(JSON.parse(files.get('result.json') ?? ''));
    expect(parsed).to.deep.equal(JSON.parse(JSON.stringify(result)));
  });

  it('comes with standalone pictures: fixed colours on white, no variables, no style sheet', async () => {
    const pictures = [...files].filter(([name]) => name.endsWith('.svg'));
    expect(pictures.map(([name]) => name)).to.include.members(['latency.svg', 'throughput.svg', 'vus.svg']);
    for (const [name, svg] of pictures) {
      expect(svg, name).not.to.match(/var\(|<style|style=|class=|#fe00/);
      const { page, complaints } = await openPage(browser, join(folder, name));
      expect(complaints, name).to.deep.equal([]);
      expect(await page.evaluate('document.documentElement.localName'), name).to.equal('svg');
    }
  });
});
