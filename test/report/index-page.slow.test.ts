import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { type TrendPoint, trendLine } from '../../runner/report/charts/trend-line.ts';
import { renderIndexPage } from '../../runner/report/index-page.ts';
import { trendsOf } from '../../runner/report/index-trends.ts';
import { listedRun } from '../../runner/report/listed-run.ts';
import { seriousViolations } from './axe.ts';
import { launchBrowser, openPage, releaseBrowser } from './browser.ts';
import { manyRuns } from './many-runs.ts';

const listed = (count: number) => manyRuns(count).map((result) => listedRun(result, result.run));

describe('index.html', function () {
  this.timeout(120_000);
  let browser: Browser;
  let folder: string;
  const open = async (count: number, options: object = {}, fragment = '') => {
    const file = join(folder, `${count}.html`);
    await writeFile(file, await renderIndexPage(listed(count)));
    const opened = await openPage(browser, file, options);
    if (fragment !== '') await opened.page.evaluate(`location.hash = ${JSON.stringify(fragment)}`);
    return opened;
  };
  const links = (page: Page) =>
    page
      .locator('table.runs tbody tr:not([hidden]) a')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href')));
  before(async () => {
    [browser, folder] = await Promise.all([launchBrowser(), mkdtemp(join(tmpdir(), 'index-'))]);
  });
  after(async () => {
    await releaseBrowser(browser);
    await rm(folder, { recursive: true, force: true });
  });

  it('lists the runs newest first, each with a link, and loads nothing', async () => {
    const { page, complaints, requests } = await open(30);
    expect([complaints, requests]).to.deep.equal([[], []]);
    expect((await links(page)).slice(0, 2)).to.deep.equal(['run_29/report.html', 'run_28/report.html']);
  });

  it('combines filters by scenario, profile, build, verdict and words, and the trends follow', async () => {
    const { page } = await open(30);
    expect(await page.locator('.trend:visible').count()).to.equal(6);
    await page.getByLabel('Scenario').selectOption('checkout');
    expect(await links(page)).to.have.length(10);
    expect(await page.locator('.trend:visible').count()).to.equal(2);
    await page.getByLabel('Verdict').selectOption('fail');
    expect(await links(page)).to.deep.equal(['run_25/report.html', 'run_10/report.html']);
    await page.getByLabel('Build').selectOption('1.4.2');
    await page.getByLabel('Profile').selectOption('soak');
    expect(await links(page)).to.deep.equal(['run_25/report.html']);
    await page.getByLabel('Text').fill('nothing says this');
    expect(await links(page)).to.deep.equal([]);
    expect(await page.locator('.run-filter output').textContent()).to.equal('0 of 30 runs');
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(await links(page)).to.have.length(30);
  });

  it('keeps the filters in the URL fragment, which gives the same list elsewhere', async () => {
    const { page } = await open(30);
    await page.getByLabel('Scenario').selectOption('search');
    await page.getByLabel('Text').fill('1.4.1 soak');
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    const fragment = String(await page.evaluate('location.hash'));
    const shown = await links(page);
    const { page: other } = await open(30, {}, fragment);
    expect(await links(other)).to.deep.equal(shown);
    expect(shown).to.have.length.above(0);
    expect(await other.getByLabel('Scenario').inputValue()).to.equal('search');
  });

  it('ignores a filter in the fragment that fits no run', async () => {
    const { page, complaints } = await open(30, {}, '#scenario=gone&build=%E0%A4%A&verdict=<b>');
    expect(await links(page)).to.have.length(30);
    expect(complaints).to.deep.equal([]);
  });

  it('shows the command that compares two selected runs, the older one first', async () => {
    const { page } = await open(30);
    await page.getByLabel('compare run_29').check();
    await page.getByLabel('compare run_7').check();
    expect(await page.locator('.compare-command code').textContent()).to.equal('npx novaperf compare -- run_7 run_29');
    await page.getByLabel('compare run_12').check();
    expect(await page.locator('.compare-command code').textContent()).to.equal('npx novaperf compare -- run_7 run_12');
    expect(await page.getByLabel('compare run_29').isChecked()).to.equal(false);
  });

  it('shows value and time of the run under the pointer, and opens its report with a click', async () => {
    const { page } = await open(30);
    const line = page.locator('.trend').first().locator('svg.trend-line').first();
    const box = await line.boundingBox();
    if (box === null) throw new Error('no trend line');
    await page.mouse.move(box.x + box.width - 2, box.y + 10);
    expect(await page.locator('.trend-tip').textContent()).to.match(/^229 ms · .*2026/);
    await page.route('**/report.html', (route) => route.fulfill({ body: 'the report', contentType: 'text/html' }));
    await page.mouse.click(box.x + 2, box.y + 10);
    await page.waitForURL('**/run_5/report.html');
  });

  it('lists every run without scripts, in less than a megabyte for a thousand runs', async () => {
    expect((await renderIndexPage(listed(1000))).length).to.be.below(1_000_000);
    const { page } = await open(1000, { javaScriptEnabled: false });
    expect(await page.locator('table.runs tbody tr:visible').count()).to.equal(1000);
    expect(await page.locator('.run-filter:visible, .compare-bar:visible').count()).to.equal(0);
  });

  it('shows the first rows of a thousand, and the others on request, in every order', async () => {
    const { page } = await open(1000);
    expect(await links(page)).to.have.length(200);
    await page.getByRole('button', { name: 'p95' }).click();
    await page.getByRole('button', { name: 'p95' }).click();
    expect((await links(page))[0]).to.equal('run_0/report.html');
    await page.getByRole('button', { name: 'Show all 1000' }).click();
    expect(await links(page)).to.have.length(1000);
  });

  it('has no serious axe-core violations in light and dark, wide and narrow', async () => {
    const { page } = await open(30);
    for (const width of [360, 1280, 2560]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), `${width}`).to.be.at.most(0);
      // Above 1280 pixels only the margins grow.
      if (width <= 1280) expect(await seriousViolations(page), `${width}`).to.deep.equal([]);
    }
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await seriousViolations(page, { rules: 'colours' }), 'dark').to.deep.equal([]);
  });

  it('says that there are no runs yet', async () => {
    expect(await renderIndexPage([])).to.include('No run yet.');
  });
});

describe('trends', () => {
  it('follow a target over runs with changing limits, and show where it was last missed', () => {
    const [first, second, third] = listed(13).filter((_, index) => index % 6 === 0);
    if (first === undefined || second === undefined || third === undefined) throw new Error('no runs');
    const set = (run: typeof first, actual: number, target: number) => ({
      ...run,
      kpis: run.kpis
        .slice(0, 1)
        .map((kpi) => ({ ...kpi, actual, target, verdict: actual < target ? ('pass' as const) : ('fail' as const) })),
    });
    const [card] = trendsOf([set(third, 240, 300), set(second, 260, 250), set(first, 240, 250)]);
    const [line] = card?.lines ?? [];
    expect(line?.values).to.equal('240 ms|260 ms|240 ms');
    expect(line?.sentence).to.equal('missed in 1 of 3 runs');
    expect(line?.lastMissed?.href).to.equal('run_6/report.html');
    expect(line?.target).to.equal('< 300 ms');
  });

  const point = (value: number | null, target: number | null = 10, isMissed = false): TrendPoint => ({
    value,
    target,
    isMissed,
  });
  for (const [what, points, expected] of [
    ['one run', [point(5)], /spark-dot/],
    ['a run without data between two others', [point(5), point(null), point(6)], /d="M5 [\d.]+h.1M235 [\d.]+h.1"/],
    ['a miss', [point(5), point(12, 10, true)], /trend-missed/],
    ['no run with data', [point(null), point(null)], /^$/],
    ['values that are all 0', [point(0, 0), point(0, 0)], /^<svg/],
    ['an infinite value and limit', [point(Number.POSITIVE_INFINITY), point(3, Number.POSITIVE_INFINITY)], /^<svg/],
  ] as const) {
    it(`draw ${what} without NaN or Infinity`, () => {
      const svg = trendLine(points);
      expect(svg).to.match(expected);
      expect(svg).not.to.match(/NaN|Infinity|undefined/);
    });
  }
});
