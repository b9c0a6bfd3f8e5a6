import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { z } from 'zod';
import { chartFigures, chartInput } from '../../runner/report/charts/all.ts';
import { isBands } from '../../runner/report/charts/figure.ts';
import { readingText } from '../../runner/report/charts/formats.ts';
import { INKS, type Ink } from '../../runner/report/charts/ink.ts';
import { renderRun } from '../../runner/report/render.ts';
import { clock, elapsed } from '../../runner/text/format.ts';
import { seriousViolations } from './axe.ts';
import { launchBrowser, openPage, releaseBrowser } from './browser.ts';
import { LOAD_START_MS, resultOf, shopSamples } from './sample-run.ts';

describe('interactive charts', function () {
  this.timeout(120_000);
  const metrics = shopSamples({ seconds: 90, requestsPerSecond: 40 });
  const result = resultOf(metrics);
  const figures = chartFigures(chartInput(result, metrics));
  const names = figures.map(({ name }) => name);
  let browser: Browser;
  let folder: string;
  let file: string;

  before(async () => {
    [browser, folder] = await Promise.all([launchBrowser(), mkdtemp(join(tmpdir(), 'charts-'))]);
    file = join(folder, 'report.html');
    await writeFile(file, (await renderRun(result, metrics)).get('report.html') ?? '');
  });
  after(async () => {
    await releaseBrowser(browser);
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens the page afresh at a fragment, with this chart on the screen. */
  async function openAt(name: string, options: BrowserContextOptions = {}, fragment = '') {
    const opened = await openPage(browser, `${file}${fragment}`, options);
    await show(opened.page, name);
    return opened;
  }
  async function show(page: Page, name: string) {
    await page.evaluate("for (const fold of document.querySelectorAll('#charts details.fold')) fold.open = true");
    // The page first scrolls to its anchor; then the chart is moved to the middle, clear of the bar at the top.
    await page.locator(`#chart-${name} .live canvas, #chart-${name}`).last().scrollIntoViewIfNeeded();
    await page.locator(`#chart-${name} canvas`).waitFor();
    await page.evaluate(`document.querySelector('#chart-${name} .live-canvas').scrollIntoView({ block: 'center' })`);
    // A chart that changes width after drawing is redrawn in the next frame.
    await frames(page);
  }
  const readings = async (page: Page, name: string) =>
    (await page.locator(`#chart-${name} .live-reading`).allTextContents()).map((text) => text.trim());
  const moment = (page: Page, name: string) => page.locator(`#chart-${name} .live-moment`).textContent();
  const frames = (page: Page) =>
    page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))');
  const fragment = (page: Page) => new URL(page.url()).hash;

  /** The figure's value at the point nearest to a time, as in the legend, and the time of that point. */
  function expected(name: string, atMs: number) {
    const plot = figures.find((figure) => figure.name === name)?.plot;
    if (plot === undefined || !isBands(plot)) throw new Error(`no bands ${name}`);
    const times = plot.series.flatMap(({ points }) => points.map(([at]) => at));
    const nearest = times.toSorted((a, b) => Math.abs(a - atMs) - Math.abs(b - atMs))[0] ?? 0;
    const texts = plot.series.map(({ points, lows }) => {
      const own = points.toSorted(([a], [b]) => Math.abs(a - nearest) - Math.abs(b - nearest))[0];
      // Areas of zeros are sent without points.
      const high = readingText(plot.format, points.length === 0 ? 0 : (own?.[1] ?? null));
      if (lows === undefined || own === undefined) return high;
      return `${readingText(plot.format, lows[points.indexOf(own)] ?? null)} to ${high}`;
    });
    return { moment: `${elapsed(nearest)}, ${clock(LOAD_START_MS + nearest)} UTC`, texts };
  }

  /** Moves the mouse to a fraction of the plot's width. */
  async function pointAt(page: Page, name: string, share: number) {
    const box = await page.locator(`#chart-${name} .u-over`).boundingBox();
    if (box === null) throw new Error(`no plot ${name}`);
    await page.mouse.move(box.x + box.width * share, box.y + box.height / 2, { steps: 3 });
    await frames(page);
  }
  async function drag(page: Page, name: string, from: number, to: number) {
    await pointAt(page, name, from);
    await page.mouse.down();
    await pointAt(page, name, to);
    await page.mouse.up();
    await frames(page);
  }

  /** Number of pixels of a chart's canvas in a colour. */
  async function pixels(page: Page, name: string, ink: Ink, theme: 0 | 1): Promise<number> {
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(INKS[ink][theme].slice(at, at + 2), 16));
    return z.number().parse(
      await page.evaluate(`(() => {
        const canvas = document.querySelector('#chart-${name} canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let found = 0;
        for (let i = 0; i < data.length; i += 4) if (data[i] === ${r} && data[i + 1] === ${g} && data[i + 2] === ${b} && data[i + 3] === 255) found++;
        return found;
      })()`),
    );
  }

  it('replace every SVG without layout shift or console errors', async () => {
    const { page, complaints, requests } = await openPage(browser, file);
    for (const name of names) {
      await show(page, name);
      expect(await page.locator(`#chart-${name} .plot-wide`).isVisible(), name).to.equal(false);
    }
    const before = await openPage(browser, file, { javaScriptEnabled: false });
    // The load generator's chart is in a fold that is closed by default.
    for (const name of names.filter((one) => one !== 'generator')) {
      const [live, still] = [
        await page.locator(`#chart-${name}`).boundingBox(),
        await before.page.locator(`#chart-${name}`).boundingBox(),
      ];
      expect(live?.height, name).to.be.closeTo(still?.height ?? 0, 40);
    }
    expect(complaints).to.deep.equal([]);
    expect(requests).to.deep.equal([]);
  });

  it('are drawn when they come near the screen, not before', async () => {
    const { page } = await openPage(browser, file, { viewport: { width: 1280, height: 500 } });
    await show(page, 'latency');
    expect(await page.locator('canvas').count()).to.be.within(1, names.length - 3);
  });

  for (const [colorScheme, theme] of [
    ['light', 0],
    ['dark', 1],
  ] as const) {
    it(`have the colours of the ${colorScheme} style sheet, and the other ones after a switch`, async () => {
      const { page } = await openAt('latency', { colorScheme });
      expect(await pixels(page, 'latency', 'p95', theme)).to.be.above(300);
      expect(await pixels(page, 'latency', 'target', theme)).to.be.above(100);
      expect(await pixels(page, 'latency', 'p95', theme === 0 ? 1 : 0)).to.equal(0);
      await page.locator('[data-theme-switch]').click();
      await frames(page);
      expect(await pixels(page, 'latency', 'p95', theme === 0 ? 1 : 0)).to.be.above(300);
      expect(await pixels(page, 'latency', 'p95', theme)).to.equal(0);
    });
  }

  it('show the values at the cursor, in all charts at the same time', async () => {
    const { page } = await openAt('latency', { viewport: { width: 1280, height: 5000 } });
    await show(page, 'request-phases');
    for (const share of [0.1, 0.5, 0.83]) {
      await pointAt(page, 'throughput', share);
      const atMs = share * chartInput(result, metrics).axisMs;
      for (const name of ['latency', 'throughput', 'request-phases']) {
        const wanted = expected(name, atMs);
        expect(await moment(page, name), name).to.equal(wanted.moment);
        expect(await readings(page, name), name).to.deep.equal(wanted.texts);
      }
      expect((await readings(page, 'heatmap'))[0]).to.match(/^\d+ of \d+ samples at .* to .*/);
      const lines = await page.evaluate(
        `[...document.querySelectorAll('.overview .u-cursor-x')].map((line) => Math.round(line.getBoundingClientRect().right)).filter((x) => x > 0)`,
      );
      expect(new Set(z.array(z.number()).parse(lines)).size, 'one upright line through all charts').to.be.within(1, 2);
    }
    await page.mouse.move(5, 5);
    await frames(page);
    expect(await readings(page, 'latency')).to.deep.equal(['', '', '', '', '']);
  });

  it('do not shift when values are shown', async () => {
    const { page } = await openAt('latency');
    const height = () => page.evaluate('document.documentElement.scrollHeight');
    const before = await height();
    for (const share of [0.1, 0.4, 0.7]) {
      await pointAt(page, 'latency', share);
      expect(await height()).to.equal(before);
    }
  });

  it('zoom together by dragging, also in the URL, and back with a double click', async () => {
    const { page } = await openAt('latency', { viewport: { width: 1280, height: 1600 } });
    await drag(page, 'latency', 0.3, 0.5);
    const [, from, to] = /^#t=([\d.]+)-([\d.]+)$/.exec(fragment(page)) ?? [];
    expect(Number(from)).to.be.closeTo(27, 1);
    expect(Number(to)).to.be.closeTo(45, 1);
    for (const name of ['latency', 'throughput', 'vus']) {
      await pointAt(page, 'latency', 0.5);
      expect(await readings(page, name), name).to.deep.equal(expected(name, (Number(from) + Number(to)) * 500).texts);
    }
    await page.locator('#chart-latency .u-over').dblclick();
    await frames(page);
    expect(fragment(page)).to.equal('');
    await pointAt(page, 'latency', 0.5);
    expect(await readings(page, 'latency')).to.deep.equal(expected('latency', 45_000).texts);
  });

  it('are zoomed by the URL when the page opens, and back with the button', async () => {
    const { page } = await openAt('throughput', {}, '#chart-throughput&t=20-40');
    await pointAt(page, 'throughput', 0.5);
    expect(await readings(page, 'throughput')).to.deep.equal(expected('throughput', 30_000).texts);
    await page.getByRole('button', { name: 'Show the whole run' }).click();
    await show(page, 'throughput');
    await pointAt(page, 'throughput', 0.5);
    expect(await readings(page, 'throughput')).to.deep.equal(expected('throughput', 45_000).texts);
  });

  it('count only the samples of the range in a distribution', async () => {
    const { page } = await openAt('distribution');
    const { loadStartMs } = chartInput(result, metrics);
    /** Samples shown at the cursor, bar by bar. */
    const counted = async () => {
      let sum = 0;
      const box = await page.locator('#chart-distribution .u-over').boundingBox();
      if (box === null) throw new Error('no distribution');
      for (let bar = 0; bar < 60; bar++) {
        await page.mouse.move(box.x + (box.width * (bar + 0.5)) / 60 / 1.04, box.y + 50);
        sum += Number(
          /^([\d,]+) samples/.exec((await readings(page, 'distribution'))[0] ?? '')?.[1]?.replace(',', '') ?? 0,
        );
      }
      return sum;
    };
    const whole = metrics.total('http_req_duration', { expected_response: 'true' })?.count;
    expect(await counted()).to.equal(whole);
    await page.evaluate("location.hash = '#t=20-40'");
    await frames(page);
    const span = { fromMs: loadStartMs + 20_000, toMs: loadStartMs + 40_000 };
    const part = metrics.total('http_req_duration', { expected_response: 'true' }, span)?.count ?? 0;
    expect(await counted())
      .to.equal(part)
      .and.to.be.above(100);
    expect(await moment(page, 'distribution')).to.equal('');
  });

  it('hide a series with a click on its name, and show it again', async () => {
    const { page } = await openAt('latency');
    const button = page.locator('#chart-latency .live-entry').nth(3);
    /** A chart that was just resized or scrolled to is redrawn some frames later, so the stable state counts. */
    const settled = async () => {
      let [found, since] = [await pixels(page, 'latency', 'p95', 0), 0];
      for (let frame = 0; frame < 120 && since < 6; frame++) {
        await frames(page);
        const now = await pixels(page, 'latency', 'p95', 0);
        [found, since] = [now, now === found ? since + 1 : 0];
      }
      return found;
    };
    const before = await settled();
    expect(before).to.be.above(300);
    await button.click();
    expect(await button.getAttribute('aria-pressed')).to.equal('false');
    expect(await settled()).to.equal(0);
    expect(await pixels(page, 'latency', 'p50', 0)).to.be.above(100);
    await pointAt(page, 'latency', 0.5);
    expect((await readings(page, 'latency'))[3]).to.equal('');
    await button.click();
    expect(await settled()).to.equal(before);
  });

  it('can be used by keyboard: arrows, zoom, selection, Escape', async () => {
    const { page } = await openAt('latency');
    await page.mouse.move(2, 2);
    const chart = page.locator('#chart-latency .live-canvas');
    await chart.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await frames(page);
    await frames(page);
    const second = expected('latency', 1500);
    expect(await readings(page, 'latency')).to.deep.equal(second.texts);
    expect(await page.locator('#chart-latency output').textContent()).to.include(`p95 ${second.texts[3]}`);
    for (let press = 0; press < 10; press++) await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Enter');
    await frames(page);
    expect(fragment(page)).to.match(/^#t=1\.\d+-11\.\d+$/);
    await page.keyboard.press('-');
    expect(fragment(page)).not.to.match(/^#t=1\.\d+-11\.\d+$/);
    await page.keyboard.press('Escape');
    await frames(page);
    expect(fragment(page)).to.equal('');
    await page.keyboard.press('+');
    const [, from = '', to = ''] = /t=([\d.]+)-([\d.]+)/.exec(fragment(page)) ?? [];
    expect(Number(to) - Number(from)).to.be.closeTo(45, 1);
  });

  it('can be used by touch: a tap shows values, a sideways swipe zooms', async () => {
    const { page } = await openAt('latency', { hasTouch: true, viewport: { width: 390, height: 800 } });
    const over = page.locator('#chart-latency .u-over');
    const box = await over.boundingBox();
    if (box === null) throw new Error('no plot');
    await page.touchscreen.tap(box.x + box.width / 2, box.y + 40);
    await frames(page);
    expect(await readings(page, 'latency')).to.deep.equal(expected('latency', 45_000).texts);
    const finger = (type: string, share: number) => ({
      pointerType: 'touch',
      isPrimary: true,
      bubbles: true,
      clientX: box.x + box.width * share,
      clientY: box.y + 40,
      type,
    });
    for (const [type, share] of [
      ['pointerdown', 0.2],
      ['pointermove', 0.5],
      ['pointerup', 0.6],
    ] as const) {
      await over.dispatchEvent(type, finger(type, share));
    }
    await frames(page);
    expect(fragment(page)).to.match(/^#t=1[78](\.\d+)?-5[34](\.\d+)?$/);
  });

  it('can show a single endpoint, which also has charts in its fold', async () => {
    const { page, complaints } = await openAt('latency');
    const [first] = result.endpoints;
    await page.locator('[data-endpoint-choice] select').selectOption({ index: 1 });
    expect(await page.locator('#chart-latency h3').textContent()).to.include(first?.name);
    await pointAt(page, 'latency', 0.5);
    expect(await readings(page, 'latency')).to.have.length(4);
    expect(await readings(page, 'latency')).not.to.include('no data');
    await page.evaluate("location.hash = '#t=20-40'");
    await frames(page);
    await page.locator('[data-endpoint-choice] select').selectOption({ index: 0 });
    const takeaway = figures.find(({ name }) => name === 'latency')?.takeaway;
    expect(await page.locator('#chart-latency figcaption p').textContent()).to.equal(`Whole run ${takeaway}`);
    await page.evaluate("location.hash = ''");
    await frames(page);
    expect(await page.locator('#chart-latency figcaption p').textContent()).to.equal(takeaway);
    await show(page, 'latency');
    await pointAt(page, 'latency', 0.5);
    expect(await readings(page, 'latency')).to.deep.equal(expected('latency', 45_000).texts);

    await page.locator('table[data-table="endpoints"] tbody a').nth(1).click();
    await page.locator('#endpoint-2 canvas').nth(3).waitFor();
    expect(await page.locator('#endpoint-2 canvas').count()).to.equal(4);
    expect(complaints).to.deep.equal([]);
  });

  it('are replaced by the SVGs in print', async () => {
    const { page } = await openAt('latency');
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('#chart-latency .plot-wide').isVisible()).to.equal(true);
    expect(await page.locator('#chart-latency canvas').isVisible()).to.equal(false);
  });

  it('fit the screen after it is rotated', async () => {
    const { page } = await openAt('latency', { viewport: { width: 800, height: 390 } });
    await page.setViewportSize({ width: 390, height: 800 });
    await page.waitForFunction(`document.querySelector('#chart-latency .uplot').getBoundingClientRect().width < 390`);
    expect(await page.evaluate('document.documentElement.scrollWidth')).to.be.at.most(390);
  });

  it('have no serious axe-core violation in light and dark colours', async () => {
    const { page } = await openAt('latency', { colorScheme: 'light', viewport: { width: 1280, height: 6000 } });
    await page.locator('#chart-generator canvas').waitFor();
    expect(await seriousViolations(page)).to.deep.equal([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await seriousViolations(page, { rules: 'colours' })).to.deep.equal([]);
  });
});
