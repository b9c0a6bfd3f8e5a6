import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { renderRun } from '../../runner/report/render.ts';
import { count, duration, percent, perSecond } from '../../runner/text/format.ts';
import { seriousViolations } from './axe.ts';
import { launchBrowser, openPage, releaseBrowser } from './browser.ts';
import { LOAD_START_MS, resultOf, shopSamples } from './sample-run.ts';

describe('the numbers of a page while a range is shown', function () {
  this.timeout(120_000);
  const metrics = shopSamples({ seconds: 90, requestsPerSecond: 40 });
  const result = resultOf(metrics);
  const range = { fromMs: LOAD_START_MS + 50_000, toMs: LOAD_START_MS + 70_000 };
  let browser: Browser;
  let folder: string;
  let file: string;

  before(async () => {
    [browser, folder] = await Promise.all([launchBrowser(), mkdtemp(join(tmpdir(), 'numbers-'))]);
    file = join(folder, 'report.html');
    await writeFile(file, (await renderRun(result, metrics)).get('report.html') ?? '');
  });
  after(async () => {
    await releaseBrowser(browser);
    await rm(folder, { recursive: true, force: true });
  });

  const zoomed = async (options = {}) => {
    const opened = await openPage(browser, file, options);
    const bound = await snapshot(opened.page);
    await opened.page.evaluate('location.hash = "#t=50-70"');
    await opened.page.locator('h2 .range-mark').first().waitFor();
    return { ...opened, bound };
  };
  /** The page's HTML with hidden lines, without interactive charts, which depend on scrolling. */
  const snapshot = (page: Page) =>
    page.evaluate<string>(`(() => {
      const main = document.querySelector('main').cloneNode(true);
      for (const live of main.querySelectorAll('.live, .live-legend')) live.remove();
      for (const host of main.querySelectorAll('.is-live')) host.classList.remove('is-live');
      return main.innerHTML;
    })()`);
  /** Texts of a column without notes, by the row's first cell. */
  const column = async (page: Page, table: string, index: number) => {
    const cells = await page.evaluate<Array<[string, string]>>(`
      [...document.querySelectorAll('table[data-table="${table}"] tbody tr:not([hidden])')].map((row) => [
        row.cells[0].textContent.trim(),
        [...row.cells[${index - 1}].childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join(''),
      ])`);
    return new Map(cells);
  };

  it('are those of the store in that range, for every endpoint', async () => {
    const { page, complaints } = await zoomed();
    const [requests, rate, errors, p50, p95, p999, max] = await Promise.all(
      [2, 3, 4, 6, 8, 10, 11].map((index) => column(page, 'endpoints', index)),
    );
    for (const { name, method } of result.endpoints) {
      const all = metrics.total('http_req_duration', { name, method }, range);
      const expected = metrics.total('http_req_duration', { name, method, expected_response: 'true' }, range);
      const amount = all?.count ?? 0;
      expect(requests?.get(name), name).to.equal(count(amount));
      expect(rate?.get(name), name).to.equal(perSecond(amount / 20));
      expect(errors?.get(name), name).to.equal(percent((amount - (expected?.count ?? 0)) / amount));
      expect(p50?.get(name), name).to.equal(duration(expected?.quantile(0.5)));
      expect(p95?.get(name), name).to.equal(duration(expected?.quantile(0.95)));
      expect(p999?.get(name), name).to.equal(duration(expected?.quantile(0.999)));
      expect(max?.get(name), name).to.equal(duration(expected?.max));
    }
    expect(complaints).to.deep.equal([]);
  });

  it('are those of the range in tiles, targets, folds, checks, errors, statuses, groups and metrics', async () => {
    const { page } = await zoomed();
    const total = (metric: string, filter = {}) => metrics.total(metric, filter, range);
    const expected = total('http_req_duration', { expected_response: 'true' });
    expect(await page.locator('.tile-value').first().textContent()).to.equal(duration(expected?.quantile(0.95)));
    expect(await page.locator('.tile-note').first().textContent()).to.equal(
      `p50 ${duration(expected?.quantile(0.5))} · p99 ${duration(expected?.quantile(0.99))}`,
    );
    const inRange = await page.locator('.kpis .in-range:visible').allTextContents();
    expect(inRange).to.include(`in the range: ${percent(total('http_req_failed')?.mean)}`);
    expect(await page.locator('.kpis .actual').allTextContents()).to.satisfy(
      (texts: string[]) => texts.filter((text) => text.startsWith(percent(result.kpis[3]?.actual))).length > 0,
      'the actual value of the whole run stays',
    );
    const [busiest] = result.endpoints;
    const amount = total('http_req_duration', { name: busiest?.name ?? '' })?.count;
    expect(await page.locator('#endpoint-1 .endpoint-summary').textContent()).to.match(
      new RegExp(`^${count(amount)} requests · `),
    );
    const fails = await column(page, 'checks', 5);
    for (const { name, group, scenario } of result.checks) {
      const check = total('checks', { check: name, group, scenario });
      expect(fails.get(name), name).to.equal(count((check?.count ?? 0) - (check?.sum ?? 0)));
    }
    const statuses = await column(page, 'statuses', 2);
    expect(statuses.get('200')).to.equal(count(total('http_req_duration', { status: '200' })?.count));
    expect(statuses.get('503')).to.equal(count(total('http_req_duration', { status: '503' })?.count));
    const groups = await column(page, 'groups', 5);
    expect([...groups.values()]).to.include(duration(total('group_duration', { group: '::shop' })?.quantile(0.95)));
    const phases = await column(page, 'phases', 4);
    expect([...phases.values()], 'ramp-up, hold, ramp-down').to.deep.equal(['–', count(total('http_reqs')?.sum), '–']);
    const sums = await column(page, 'metrics', 3);
    expect([...sums.values()]).to.include(count(total('iterations')?.sum));
    const refused = result.errors.find(({ message }) => message.includes('refused'));
    const refusals = total('http_req_failed', { name: refused?.endpoint ?? '', status: '0' });
    expect([...(await column(page, 'errors', 5)).values()]).to.include(count(refusals?.sum ?? 0));
  });

  it('are marked as such, while verdict and findings are marked as those of the whole run', async () => {
    const { page } = await zoomed();
    const said = await page.locator('[data-range-bar]').textContent();
    expect(said).to.match(/Numbers: 00:50 to 01:10 \(steps of 1 s, percentiles within 0\.\d+ %\)/);
    expect(said).to.include('Verdict and findings cover the whole run.');
    expect(await page.locator('#endpoints-section h2 .range-mark').textContent()).to.equal(' 00:50 to 01:10');
    expect(await page.locator('.hero .range-mark, #findings .range-mark').count()).to.equal(0);
    expect(await page.locator('.reason').textContent()).to.include(result.status_reason);
    expect(await page.locator('#endpoints-section svg.spark .range-stretch').count()).to.equal(result.endpoints.length);
  });

  it('are re-sorted in a sorted column, and filtered by their new values', async () => {
    const { page } = await openPage(browser, file);
    await page.locator('table[data-table="endpoints"] thead th').nth(7).getByRole('button').click();
    await page.evaluate('location.hash = "#t=20-25"');
    await page.locator('h2 .range-mark').first().waitFor();
    const at = { fromMs: LOAD_START_MS + 20_000, toMs: LOAD_START_MS + 25_000 };
    const p95 = result.endpoints
      .map(({ name, method }) => metrics.total('http_req_duration', { name, method, expected_response: 'true' }, at))
      .map((total) => total?.quantile(0.95) ?? 0)
      .sort((a, b) => b - a);
    expect([...(await column(page, 'endpoints', 8)).values()]).to.deep.equal(p95.map((value) => duration(value)));
  });

  it('are exactly the earlier ones when the range is reset', async () => {
    const { page, bound, complaints } = await zoomed();
    expect(await snapshot(page)).not.to.equal(bound);
    await page.locator('[data-range-bar] button').click();
    await page.locator('h2 .range-mark').first().waitFor({ state: 'detached' });
    expect(await snapshot(page)).to.equal(bound);
    await page.evaluate('location.hash = "#t=10-12.4"');
    await page.evaluate('location.hash = "#t=80-89"');
    await page.evaluate('location.hash = ""');
    await page.locator('h2 .range-mark').first().waitFor({ state: 'detached' });
    expect(await snapshot(page)).to.equal(bound);
    expect(complaints).to.deep.equal([]);
  });

  it('are "no data" if the range has no sample', async () => {
    const { page } = await openPage(browser, file);
    await page.evaluate('location.hash = "#t=2-4"');
    await page.locator('h2 .range-mark').first().waitFor();
    const text = (await page.locator('main').textContent()) ?? '';
    expect(text).not.to.match(/NaN|Infinity|undefined/);
    const at = { fromMs: LOAD_START_MS + 2000, toMs: LOAD_START_MS + 4000 };
    const missing = result.errors.filter(({ endpoint, status }) => {
      const total = metrics.total('http_req_failed', { name: endpoint, status }, at);
      return status !== '' && total === undefined;
    });
    expect(missing.length).to.be.above(0);
    expect([...(await column(page, 'errors', 5)).values()]).to.include('0');
  });

  for (const width of [390, 1280]) {
    it(`fit a screen of ${width} pixels, without serious axe-core violations`, async () => {
      const { page } = await zoomed({ viewport: { width, height: 900 } });
      expect(await page.evaluate('document.documentElement.scrollWidth')).to.be.at.most(width);
      expect(await seriousViolations(page)).to.deep.equal([]);
      const pictures = process.env.PICTURES;
      if (pictures !== undefined)
        await page.screenshot({ path: join(pictures, `numbers-${width}.png`), fullPage: true });
    });
  }
});
