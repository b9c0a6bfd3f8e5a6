// OverallPerformanceReport…html in a real browser: three scenarios with folded pictures, one with hostile text.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import type { Result } from '../../runner/model/result.ts';
import { renderCyclePage } from '../../runner/report/cycle-report.ts';
import { listedRun } from '../../runner/report/listed-run.ts';
import { renderRun } from '../../runner/report/render.ts';
import { seriousViolations } from './axe.ts';
import { launchBrowser, openPage, releaseBrowser } from './browser.ts';
import { hostileRun } from './hostile-run.ts';

describe('the page of a cycle', function () {
  this.timeout(120_000);
  const { metrics, plain, hostile } = hostileRun();
  let browser: Browser;
  let folder: string;
  let file: string;

  before(async () => {
    [browser, folder] = await Promise.all([launchBrowser(), mkdtemp(join(tmpdir(), 'cycle-page-'))]);
    const files = await renderRun(plain, metrics);
    const drawn = ['latency.svg', 'throughput.svg'].map((name) => ({ title: name, svg: files.get(name) ?? '' }));
    const passed: Result = { ...plain, run: 'checkout_1', scenario: 'checkout', status: 'pass', kpis: [] };
    const before = { ...listedRun(plain, 'before'), status: 'pass', p95_ms: 40, build: '1.4.1' } as const;
    const page = renderCyclePage(
      [plain, passed, hostile],
      {
        beganAtMs: Date.parse('2026-11-23T10:00:00Z'),
        endedAtMs: Date.parse('2026-11-23T10:05:00Z'),
        failures: ['search: its data file is missing'],
        outDir: folder,
        previous: new Map([[plain.run, before]]),
      },
      { pictures: new Map([[plain.run, drawn]]), markdownFile: 'overall.md' },
    );
    file = join(folder, 'overall.html');
    await writeFile(file, page);
  });
  after(async () => {
    await releaseBrowser(browser);
    await rm(folder, { recursive: true, force: true });
  });

  for (const width of [390, 1280]) {
    it(`fits ${width} pixels, without serious axe-core violations in light and dark colours`, async () => {
      const { page, complaints, requests } = await openPage(browser, file, { viewport: { width, height: 844 } });
      expect(await seriousViolations(page)).to.deep.equal([]);
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await seriousViolations(page, { rules: 'colours' })).to.deep.equal([]);
      // axe-core's check has opened every fold.
      expect(await page.evaluate('document.documentElement.scrollWidth')).to.be.at.most(width);
      expect(
        await page.locator('img').evaluateAll((images) => images.map((image) => Object(image).naturalWidth)),
      ).to.satisfy((widths: number[]) => widths.length === 2 && widths.every((each) => each > 0));
      expect(complaints).to.deep.equal([]);
      expect(requests).to.deep.equal([]);
    });
  }
});
