import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { renderRun } from '../../runner/report/render.ts';
import { seriousViolations } from './axe.ts';
import { launchBrowser, openPage, releaseBrowser } from './browser.ts';
import { resultOf, shopSamples } from './sample-run.ts';

describe('the range of time that report.html shows', function () {
  this.timeout(120_000);
  const metrics = shopSamples({ seconds: 90, requestsPerSecond: 10 });
  let browser: Browser;
  let folder: string;
  let file: string;

  before(async () => {
    [browser, folder] = await Promise.all([launchBrowser(), mkdtemp(join(tmpdir(), 'range-'))]);
    file = join(folder, 'report.html');
    await writeFile(file, (await renderRun(resultOf(metrics), metrics)).get('report.html') ?? '');
  });
  after(async () => {
    await releaseBrowser(browser);
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens the page afresh at a fragment. */
  const openAt = (fragment: string) => openPage(browser, `${file}${fragment}`);

  for (const [fragment, shown] of [
    ['', undefined],
    ['#t=10-40', '00:10 to 00:40 of the run (30 s)'],
    ['#t=10.5-40.25', '00:10 to 00:40 of the run (29.8 s)'],
    ['#kpi-2&t=20-30', '00:20 to 00:30 of the run (10 s)'],
    ['#t=60-4000', undefined],
    ['#t=40-10', undefined],
    ['#t=0-4000', undefined],
    ['#t=1e3-NaN', undefined],
    ['#t=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E', undefined],
  ] as const) {
    it(`reads the fragment "${fragment}" as ${shown ?? 'the whole run, or up to its end'}`, async () => {
      const { page, complaints } = await openAt(fragment);
      const bar = page.locator('[data-range-bar]');
      const text = page.locator('[data-range-text]');
      if (shown !== undefined) {
        await text.filter({ hasText: shown }).waitFor();
      } else if (fragment === '#t=60-4000') {
        await text.filter({ hasText: /^01:00 to 01:(29|30) of the run/ }).waitFor();
      } else {
        await page.waitForTimeout(200);
        expect(await bar.isVisible()).to.equal(false);
      }
      expect(complaints).to.deep.equal([]);
    });
  }

  it('goes back to the whole run with a click, also in the address bar', async () => {
    const { page } = await openAt('#kpi-2&t=20-30');
    await page.locator('[data-range-bar] button').click();
    expect(await page.locator('[data-range-bar]').isVisible()).to.equal(false);
    expect(new URL(page.url()).hash).to.equal('#kpi-2');
  });

  it("is kept when a link of the page is followed, which opens the link's fold", async () => {
    const { page } = await openAt('#t=20-30');
    await page.locator('[data-range-bar]').waitFor({ state: 'visible' });
    await page.locator('table[data-table="endpoints"] a[href="#endpoint-1"]').click();
    expect(new URL(page.url()).hash).to.match(/^#endpoint-1&t=20-30$/);
    // The fold opens with the hashchange event, shortly after the click.
    await page.locator('#endpoint-1[open]').waitFor();
    expect(await page.locator('[data-range-bar]').isVisible()).to.equal(true);
  });

  it("follows the browser's back and forward buttons", async () => {
    const { page } = await openAt('#t=20-30');
    await page.evaluate("location.hash = '#t=5-15'");
    await page.locator('[data-range-text]', { hasText: '00:05 to 00:15' }).waitFor();
    await page.goBack();
    await page.locator('[data-range-text]', { hasText: '00:20 to 00:30' }).waitFor();
  });

  it('fits a phone and has no serious axe-core violations', async () => {
    const { page } = await openAt('#t=20-30');
    await page.setViewportSize({ width: 360, height: 700 });
    await page.locator('[data-range-bar]').waitFor({ state: 'visible' });
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).to.be.at.most(360);
    expect(await seriousViolations(page)).to.deep.equal([]);
  });
});
