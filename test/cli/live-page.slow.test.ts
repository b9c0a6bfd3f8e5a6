// --live as people use it: real k6 on a real server, and the page in a real Chromium, from the first number to the end.

import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { seriousViolations } from '../report/axe.ts';
import { launchBrowser, openPage, releaseBrowser } from '../report/browser.ts';
import { novaperf, project, readResult, runFolders, start } from './novaperf.ts';

const SCRIPT = (url: string, seconds: number) => `
import http from 'k6/http';
import { check, sleep } from 'k6';
export const options = { vus: 2, duration: '${seconds}s', thresholds: { http_req_duration: ['p(95)<0.001'], checks: ['rate>0.5'] } };
export default function () {
  for (let item = 0; item < 12; item++) http.get('${url}/', { tags: { name: 'item ' + item } });
  http.get('${url}/', { tags: { name: '</script><img src=x onerror=alert(1)>"\\u202e' } });
  check(1, { one: (value) => value === 1 });
  sleep(0.25);
}
`;

/** The stop button or a signal ends the run, so the machine's speed does not matter. */
const LONGER_THAN_THE_TEST_S = 300;

const STAMP = '.stamp';
const REQUESTS = '.tile:has(dt:text-is("Requests per second")) .tile-note';

async function requestsOn(page: Page): Promise<number> {
  const text = (await page.locator(REQUESTS).textContent()) ?? '';
  return Number(text.replace(/\D/g, ''));
}

/** The count of requests on the page once it is above `than`. */
async function moreThan(page: Page, than: number): Promise<number> {
  for (;;) {
    const now = await requestsOn(page);
    if (now > than) return now;
    await page.waitForTimeout(100);
  }
}

describe('novaperf run --live', function () {
  this.timeout(290_000);
  let browser: Browser;
  let server: Server;
  let url: string;

  before(async () => {
    browser = await launchBrowser();
    server = createServer((_, response) => setTimeout(() => response.end('ok'), 2));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  });
  after(async () => {
    await releaseBrowser(browser);
    server.close();
    server.closeAllConnections();
  });

  async function begin(scripts: Readonly<Record<string, number>>) {
    const { dir, remove } = await project();
    for (const [name, seconds] of Object.entries(scripts)) await writeFile(join(dir, name), SCRIPT(url, seconds));
    const started = start(['run', ...Object.keys(scripts), '--live'], { cwd: dir });
    let stdout = '';
    started.child.stdout?.on('data', (text: string) => {
      stdout += text;
    });
    await started.saw('live page\n    http://127.0.0.1:');
    await started.saw('\n\n');
    const address = /live page\s+(\S+)/.exec(stdout)?.[1] ?? '';
    return { ...started, dir, remove, address };
  }

  it("updates during the run, keeps the reader's settings, and stops the run with its button", async () => {
    const { address, ended, dir, remove } = await begin({ 'one.js': LONGER_THAN_THE_TEST_S });
    const { page, complaints } = await openPage(browser, address);
    await page.locator(REQUESTS).waitFor();
    expect(await page.locator(STAMP).textContent()).to.equal('Running');
    expect(await page.title()).to.match(/^Running: one/);
    // The first check comes after thirteen requests.
    await page.locator('.reason', { hasText: /^So far: 1 of 2 targets met\./ }).waitFor();
    expect(await page.locator('nav.jump a:visible').allTextContents()).to.include('Charts');
    expect(await page.locator('#charts svg').count()).to.be.above(3);

    let seen = await requestsOn(page);
    for (let change = 0; change < 4; change++) seen = await moreThan(page, seen);

    // Settings stay while the numbers change.
    const filter = page.locator('[data-filter-for="endpoints"] input');
    await filter.fill('onerror');
    await filter.press('ArrowLeft');
    const rows = page.locator('table[data-table="endpoints"] tbody tr:visible');
    await page.locator('table[data-table="endpoints"] button.sort').first().click();
    await filter.focus();
    const fold = page.locator('details.endpoint').nth(2);
    await page.locator('#endpoint-folds > summary').click();
    await fold.locator('summary').click();
    await filter.focus();
    await page.locator('[data-theme-switch]').click();
    await filter.focus();
    const PLACE = 'document.querySelector("[data-filter-for=endpoints] input").getBoundingClientRect().top';
    const place = Number(await page.evaluate(PLACE));
    seen = await requestsOn(page);
    for (let change = 0; change < 3; change++) seen = await moreThan(page, seen);
    expect(await filter.inputValue()).to.equal('onerror');
    expect(await page.evaluate('document.activeElement.matches("[data-filter-for=endpoints] input")')).to.equal(true);
    expect(await rows.count()).to.equal(1);
    expect(await page.locator('table[data-table="endpoints"] th[aria-sort]').count()).to.equal(1);
    const opened = page.locator('details.endpoint[open]');
    expect(await opened.count()).to.equal(1);
    expect(await page.evaluate('document.documentElement.dataset.theme')).to.equal('dark');
    expect(Math.abs(Number(await page.evaluate(PLACE)) - place), 'where the reader looks').to.be.below(60);

    // A zoom stays while the run goes on.
    await page.locator('#chart-latency canvas').waitFor();
    await page.evaluate("document.querySelector('#chart-latency').scrollIntoView({ block: 'center' })");
    // Redrawn every second: retried until one stays.
    let plot = await page.locator('#chart-latency .u-over').boundingBox();
    while (plot === null) plot = await page.locator('#chart-latency .u-over').boundingBox();
    const y = plot.y + plot.height / 2;
    await page.mouse.move(plot.x + plot.width * 0.3, y);
    await page.mouse.down();
    await page.mouse.move(plot.x + plot.width * 0.6, y, { steps: 3 });
    await page.mouse.up();
    await page.locator('[data-range-text]', { hasText: 'of the run' }).waitFor();
    const zoomed = new URL(page.url()).hash;
    expect(zoomed).to.match(/^#t=[\d.]+-[\d.]+$/);
    await page.locator('#chart-latency .live-canvas').focus();
    seen = await requestsOn(page);
    for (let change = 0; change < 2; change++) seen = await moreThan(page, seen);
    expect(new URL(page.url()).hash).to.equal(zoomed);
    expect(await page.evaluate("document.activeElement.closest('#chart-latency') !== null")).to.equal(true);
    expect(await page.locator('#chart-latency canvas').count()).to.equal(1);
    await page.keyboard.press('Escape');
    expect(new URL(page.url()).hash).to.equal('');

    // So do the charts of one endpoint, which a link keeps.
    const choice = page.locator('[data-endpoint-choice] select');
    const [chosen = ''] = (await choice.locator('option').allTextContents()).slice(1);
    await choice.selectOption({ label: chosen });
    const title = page.locator('#chart-latency h3', { hasText: `${chosen}: ` });
    await title.waitFor();
    seen = await requestsOn(page);
    for (let change = 0; change < 2; change++) seen = await moreThan(page, seen);
    await title.waitFor();
    expect(await choice.locator('option:checked').textContent()).to.equal(chosen);
    expect(new URL(page.url()).hash).to.equal(`#endpoint=${encodeURIComponent(chosen)}`);

    // A hostile name is text; a second reader and a reload get the whole page.
    const second = await openPage(browser, address);
    await second.page.locator(REQUESTS).waitFor();
    expect(await second.page.locator('img').count()).to.equal(0);
    expect(await second.page.locator('#endpoints-section').textContent()).to.include('<img src=x onerror=alert(1)>');
    await page.reload();
    await page.locator(REQUESTS).waitFor();
    expect(await requestsOn(page)).to.be.at.least(seen);
    expect(await page.locator('#charts svg').count()).to.be.above(3);
    await title.waitFor();
    await choice.selectOption({ index: 0 });
    await page.locator('#chart-latency h3', { hasText: /^Response time/ }).waitFor();

    await page.locator('[data-live-stop]').click();
    const { code, stderr } = await ended;
    expect(code, stderr).to.equal(105);
    for (const each of [page, second.page]) {
      await each.locator('.stamp:has-text("Aborted")').waitFor();
      expect(await each.locator('[data-live-text]').textContent()).to.equal('The run has ended');
      expect(await each.locator('[data-live-finished]').textContent())
        .to.include('Aborted')
        .and.to.include('report.html');
      expect(await each.locator('#charts svg').count()).to.be.above(3);
      // As in the report, charts now follow the mouse.
      await each.locator('#chart-latency').scrollIntoViewIfNeeded();
      await each.locator('#chart-latency canvas').waitFor();
      await each.evaluate("location.hash = '#t=1-2'");
      await each.locator('[data-range-text]', { hasText: '00:01 to 00:02' }).waitFor();
      await each.locator('#endpoints-section h2 .range-mark').waitFor();
      await each.locator('[data-range-bar] button').click();
      expect(await each.locator('[data-live-stop]').isVisible()).to.equal(false);
      expect(await each.locator('[data-live-trouble]').textContent()).to.equal('');
    }
    expect([...complaints, ...second.complaints]).to.deep.equal([]);
    const [folder = ''] = await runFolders(dir);
    expect(await readResult(folder)).to.include({ status: 'aborted', partial: true });
    const isGone = await fetch(address).then(
      () => false,
      () => true,
    );
    expect(isGone, 'no port is left open').to.equal(true);
    await remove();
  });

  it('continues with the next scenario, and lists finished ones with links to their reports', async () => {
    const { address, ended, remove } = await begin({ 'first.js': 4, 'second.js': 8 });
    const { page, complaints } = await openPage(browser, address);
    await page.locator('.hero-name:has-text("first")').waitFor();
    await page.locator('.hero-name:has-text("second")').waitFor();
    await page.locator('.stamp:has-text("Running")').waitFor();
    expect(await page.locator('[data-live-finished] a').count()).to.equal(1);
    expect(await page.locator('[data-live-finished]').textContent())
      .to.include('Failed')
      .and.to.include('first');
    const { page: report } = await openPage(browser, new URL('reports/0', address).href);
    expect(await report.locator(STAMP).textContent()).to.equal('Failed');
    expect((await ended).code).to.equal(99);
    await page.locator('.stamp:has-text("Failed")').waitFor();
    expect(await page.locator('[data-live-finished] li').count()).to.equal(2);
    expect(await page.locator('[data-live-finished] a').count(), 'no links once the server has ended').to.equal(0);
    expect(complaints).to.deep.equal([]);
    await remove();
  });

  it('reports a lost connection if the runner dies, and passes axe-core in light and dark', async () => {
    const { address, child, ended, remove } = await begin({ 'one.js': LONGER_THAN_THE_TEST_S });
    const [light, dark] = [await openPage(browser, address), await openPage(browser, address, { colorScheme: 'dark' })];
    for (const [{ page }, rules] of [
      [light, 'all'],
      [dark, 'colours'],
    ] as const) {
      await page.locator(REQUESTS).waitFor();
      expect(await seriousViolations(page, { rules })).to.deep.equal([]);
    }
    child.kill('SIGKILL');
    await ended;
    await light.page.locator('[data-live-trouble]:has-text("Connection lost")').waitFor();
    expect(await light.page.locator(REQUESTS).count()).to.equal(1);
    await remove();
  });

  it('exits with 2 and sends no load if the port is taken', async () => {
    const { dir, remove } = await project();
    await writeFile(join(dir, 'one.js'), SCRIPT(url, 60));
    const { code, stderr } = await novaperf(['run', 'one.js', '--live', new URL(url).port], { cwd: dir });
    expect(code, stderr).to.equal(2);
    expect(stderr).to.include(`expected port ${new URL(url).port} to be free on 127.0.0.1`);
    expect(await runFolders(dir)).to.deep.equal([]);
    await remove();
  });
});
