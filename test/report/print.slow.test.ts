import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import type { Result } from '../../runner/model/result.ts';
import { renderRun } from '../../runner/report/render.ts';
import { launchBrowser, openPage, releaseBrowser } from './browser.ts';
import { hostileRun } from './hostile-run.ts';
import { resultOf, shopSamples } from './sample-run.ts';

/** A4 less the margins of styles/print.css, in CSS pixels. */
const SHEET_WIDTH = Math.floor(((210 - 2 * 12) / 25.4) * 96);

describe('a report on paper', function () {
  this.timeout(120_000);
  const metrics = shopSamples({ seconds: 60, requestsPerSecond: 30 });
  const plain = resultOf(metrics);
  let browser: Browser;
  let folder: string;
  before(async () => {
    [browser, folder] = await Promise.all([launchBrowser(), mkdtemp(join(tmpdir(), 'print-'))]);
  });
  after(async () => {
    await releaseBrowser(browser);
    await rm(folder, { recursive: true, force: true });
  });

  const printed = async (result: Result, samples = metrics) => {
    const file = join(folder, 'report.html');
    await writeFile(file, (await renderRun(result, samples)).get('report.html') ?? '');
    const { page } = await openPage(browser, file, { viewport: { width: SHEET_WIDTH, height: 1000 } });
    await page.emulateMedia({ media: 'print' });
    return page;
  };

  it('fits A4 without cut columns or charts', async () => {
    const page = await printed(plain);
    expect(await page.evaluate('document.documentElement.scrollWidth')).to.be.at.most(SHEET_WIDTH);
    const wide = `[...document.querySelectorAll('table.data, svg')].filter((element) => element.getBoundingClientRect().right > ${SHEET_WIDTH} + 1).length`;
    expect(await page.evaluate(wide)).to.equal(0);
  });

  it('breaks no number, unit or column heading', async () => {
    const page = await printed(plain);
    const broken = `[...document.querySelectorAll('table.data .num, table.data thead th')]
      .filter((cell) => cell.checkVisibility() && cell.firstChild?.nodeType === Node.TEXT_NODE)
      .filter((cell) => {
        const range = document.createRange();
        range.selectNodeContents(cell.firstChild);
        return new Set([...range.getClientRects()].filter(({ width }) => width > 0).map(({ top }) => Math.round(top))).size > 2;
      }).map((cell) => cell.textContent)`;
    expect(await page.evaluate(broken)).to.deep.equal([]);
  });

  it('has neither controls nor a section with only a heading', async () => {
    const page = await printed(plain);
    expect(
      await page
        .locator('.filter:visible, button:not(thead button):visible, input:visible, .range-bar:visible')
        .count(),
    ).to.equal(0);
    const bare = `[...document.querySelectorAll('main section')]
      .filter((section) => section.checkVisibility())
      .filter((section) => ![...section.children].some((child) => !/^H[1-6]$/.test(child.tagName) && child.checkVisibility()))
      .map((section) => section.textContent.trim().slice(0, 40))`;
    expect(await page.evaluate(bare)).to.deep.equal([]);
  });

  const heads = `[...document.styleSheets[0].cssRules].flatMap((rule) => [rule, ...(rule.cssRules ?? [])])
    .filter((rule) => rule instanceof CSSPageRule).map((rule) => rule.cssText).join('')`;

  it('has run and time in the header of each page, and page numbers in the footer', async () => {
    const page = await printed(plain);
    expect(await page.evaluate(heads))
      .to.include('"browse · load · 2026-11-23 10:00:00 UTC · build 1.4.2+7f3c1d"')
      .and.to.include('counter(page) " of " counter(pages)');
  });

  for (const scenario of ['"}body{display:none}/*', '</style><b>', '\\22}*{display:none', '\n"', '日本語']) {
    it(`has header and footer also for the scenario ${JSON.stringify(scenario)}`, async () => {
      const page = await printed({ ...plain, scenario });
      expect(await page.locator('.stamp').isVisible()).to.equal(true);
      expect(await page.evaluate(heads)).to.include('build 1.4.2');
    });
  }

  it('prints a run full of hostile text too', async () => {
    const { metrics: samples, hostile } = hostileRun();
    const pdf = await (await printed(hostile, samples)).pdf({ preferCSSPageSize: true });
    expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length).to.be.above(3);
  });
});
