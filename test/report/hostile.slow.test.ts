import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { renderCycleReport } from '../../runner/report/cycle-report.ts';
import { renderIndexPage } from '../../runner/report/index-page.ts';
import { listedRun } from '../../runner/report/listed-run.ts';
import { renderRun } from '../../runner/report/render.ts';
import { seriousViolations } from './axe.ts';
import { launchBrowser, openPage, releaseBrowser } from './browser.ts';
import { HOSTILE, hostileRun } from './hostile-run.ts';

describe('a run full of hostile text', function () {
  this.timeout(120_000);
  const { metrics, plain, hostile } = hostileRun();
  let browser: Browser;
  let folder: string;
  let files: ReadonlyMap<string, string>;

  before(async () => {
    [browser, folder] = await Promise.all([launchBrowser(), mkdtemp(join(tmpdir(), 'hostile-'))]);
    files = await renderRun(hostile, metrics);
    for (const [name, text] of files) await writeFile(join(folder, name), text);
    await writeFile(
      join(folder, 'index.html'),
      await renderIndexPage([listedRun(hostile, HOSTILE[1] ?? ''), listedRun(plain, plain.run)]),
    );
  });
  after(async () => {
    await releaseBrowser(browser);
    await rm(folder, { recursive: true, force: true });
  });

  for (const name of ['report.html', 'index.html']) {
    it(`runs no script and loads nothing in ${name}`, async () => {
      const { page, complaints, requests } = await openPage(browser, join(folder, name));
      for (const element of await page.locator('[onmouseover], [onerror], [onload]').all()) {
        expect(await element.evaluate(String), 'an element with a handler').to.equal('');
      }
      expect(await page.locator('script:not([type])').count()).to.equal(1);
      for (const block of await page.locator('script[type]').all()) {
        expect(await block.getAttribute('type')).to.equal('application/octet-stream');
        expect(await block.textContent(), 'a data block').to.match(/^[A-Za-z0-9+/]+=*$/);
      }
      expect(await page.locator('a[href^="javascript:" i], img, iframe, object').count()).to.equal(0);
      expect(await page.title()).not.to.equal('4');
      expect(complaints).to.deep.equal([]);
      expect(requests).to.deep.equal([]);
    });

    it(`leaves no direction mark in ${name}, and does not break its layout from 360 to 2560 pixels`, async () => {
      const { page } = await openPage(browser, join(folder, name));
      expect(await page.content()).not.to.match(/[\u202a-\u202e\u2066-\u2069]/);
      await page.evaluate(`for (const fold of document.querySelectorAll('details')) fold.open = true`);
      for (const width of [360, 1280, 2560]) {
        await page.setViewportSize({ width, height: 900 });
        expect(await page.evaluate('document.documentElement.scrollWidth')).to.be.at.most(width);
      }
    });
  }

  it('draws names as text in the interactive charts of every endpoint', async () => {
    const { page, complaints, requests } = await openPage(browser, join(folder, 'report.html'));
    await page.locator('#chart-latency').scrollIntoViewIfNeeded();
    await page.locator('#chart-latency canvas').waitFor();
    for (const kind of ['scenario', 'endpoint']) {
      const select = page.locator(`[data-${kind}-choice] select`);
      const names = (await select.locator('option').allTextContents()).slice(1);
      expect(names, kind).to.have.length(HOSTILE.length);
      for (const [index, name] of names.entries()) {
        await select.selectOption({ index: index + 1 });
        expect(await page.locator('#chart-latency h3').textContent()).to.include(name);
        // Only the first scenario has samples.
        if (kind === 'scenario' && index > 0) continue;
        expect(await page.locator('#chart-latency .live-canvas').getAttribute('aria-label')).to.include(name);
      }
      await select.selectOption({ index: 0 });
    }
    await page.evaluate(
      `for (const fold of document.querySelectorAll('details.endpoint, details.fold')) fold.open = true`,
    );
    await page.locator('#endpoint-1').scrollIntoViewIfNeeded();
    await page.locator('#endpoint-1 canvas').first().waitFor();
    expect(await page.locator('.live img, .live script, .live a, .chart img, .chart script').count()).to.equal(0);
    expect(await page.evaluate('document.documentElement.scrollWidth')).to.be.at.most(1280);
    expect(complaints).to.deep.equal([]);
    expect(requests).to.deep.equal([]);
  });

  it('shows a direction mark as text', async () => {
    const { page } = await openPage(browser, join(folder, 'report.html'));
    expect(await page.locator('table[data-table="endpoints"]').textContent()).to.include('⟨U+202E⟩gnp.exe');
  });

  it('has no serious axe-core violations', async () => {
    const { page } = await openPage(browser, join(folder, 'report.html'));
    expect(await seriousViolations(page)).to.deep.equal([]);
  });

  it('keeps the tables of report.md intact and its text plain', () => {
    const markdown = files.get('report.md') ?? '';
    expect(markdown).not.to.match(/<(?!br>)[a-z/!]/i);
    expect(markdown).not.to.match(/(?<!\\)\]\((?![a-z0-9-]+\.svg\))/);
    const tables = markdown
      .trim()
      .split('\n\n')
      .filter((part) => part.startsWith('|'));
    expect(tables.length).to.be.above(8);
    for (const table of tables) {
      const widths = table.split('\n').map((line) => line.replace(/\\./g, '').split('|').length);
      expect(new Set(widths).size, table.slice(0, 300)).to.equal(1);
    }
  });

  it("writes a cycle report without the run's markup", () => {
    const report = renderCycleReport([hostile], {
      beganAtMs: 0,
      endedAtMs: 1000,
      failures: HOSTILE,
      outDir: folder,
    });
    expect(report).not.to.match(/<(?!br>)[a-z/!]/i);
    expect(report).not.to.match(/(?<!\\)\]\((?!hostile_run\/|index\.html)/);
  });

  it('writes JUnit and pictures that are well-formed XML', async () => {
    const { page } = await openPage(browser, join(folder, 'report.html'));
    for (const [name, text] of files) {
      if (!/\.(svg|xml)$/.test(name)) continue;
      const parsed = `new DOMParser().parseFromString(${JSON.stringify(text)}, 'text/xml')`;
      const fault = await page.evaluate(`${parsed}.querySelector('parsererror')?.textContent ?? ''`);
      expect(fault, name).to.equal('');
    }
  });
});
