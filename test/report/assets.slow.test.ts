import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { LOGO_LIMIT_BYTES, logoType } from '../../runner/report/logo.ts';
import type { Presentation } from '../../runner/report/presentation.ts';
import { presentationFor } from '../../runner/run/plan/presentation.ts';
import { writeIndex, writeRunReports } from '../../runner/run/results/report-files.ts';
import { UserError } from '../../runner/system/errors.ts';
import { launchBrowser, openPage, releaseBrowser } from './browser.ts';
import { resultOf, shopSamples } from './sample-run.ts';

/** Jenkins' header before and since 2.200 (docs: Configuring Content Security Policy). */
const JENKINS = [
  "sandbox; default-src 'none'; img-src 'self'; style-src 'self';",
  "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self';",
];

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** One pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const HOSTILE_SVG = Buffer.from(
  `<?xml version="1.0"?><!-- ours --><svg xmlns="http://www.w3.org/2000/svg" width="40" height="20" onload="top.document.title='pwned'">
  <script>top.document.title='pwned'; fetch('http://127.0.0.1:9/')</script><image href="http://127.0.0.1:9/x.png"/>
  <rect width="40" height="20" fill="green"/></svg>`,
);

describe('external assets and the brand', function () {
  this.timeout(120_000);
  const metrics = shopSamples({ seconds: 30, requestsPerSecond: 30 });
  const result = resultOf(metrics, { run: 'run' });
  let browser: Browser;
  let server: Server;
  let folder: string;
  let base: string;
  let header: string;

  before(async () => {
    [browser, folder] = await Promise.all([launchBrowser(), mkdtemp(join(tmpdir(), 'assets-'))]);
    server = createServer((request, response) => {
      const name = basename(request.url ?? '');
      void readFile(join(folder, name)).then(
        (content) => {
          response.setHeader('Content-Security-Policy', header);
          response.setHeader('Content-Type', TYPES[extname(name)] ?? 'text/plain');
          response.end(content);
        },
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    base = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  });
  after(async () => {
    await releaseBrowser(browser);
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const write = async (look: Presentation) => {
    await rm(folder, { recursive: true, force: true });
    folder = await mkdtemp(join(tmpdir(), 'assets-'));
    const complete = await writeRunReports(folder, result, metrics, look);
    await writeIndex(folder, look);
    return complete;
  };

  const open = async (place: string) => {
    const { page, complaints, requests } = await openPage(browser, place);
    return { page, complaints, files: requests.map((url) => basename(url)) };
  };

  /** What only the style sheet does, and which charts are visible. */
  const looks = async (page: Page) => ({
    font: await page.evaluate(`getComputedStyle(document.body).fontFamily.includes('system-ui')`),
    bar: await page.evaluate(`getComputedStyle(document.querySelector('.bar-top')).position`),
    line: await page.evaluate(
      `getComputedStyle(document.querySelector('#chart-latency .plot-wide path[stroke*="--ink-p95"]')).stroke`,
    ),
    isDrawn: ((await page.locator('#chart-latency .plot-wide svg').boundingBox())?.height ?? 0) > 100,
    // The style sheet hides one of the wide and narrow versions.
    narrow: await page.locator('#chart-latency .plot-narrow').isVisible(),
  });
  const AS_DRAWN = { font: true, bar: 'sticky', isDrawn: true, narrow: false };

  for (const policy of JENKINS) {
    it(`are applied under Jenkins' "${policy.split(';')[0]}"`, async () => {
      const complete = await write({
        assets: 'external',
        brand: { title: 'Example', logo: { type: 'png', bytes: PNG } },
      });
      expect(complete.files).to.include({ report_css: 'report.css', report_js: 'report.js', logo_png: 'logo.png' });
      header = policy;
      const { page, complaints, files } = await open(`${base}/report.html`);
      const { line, ...rest } = await looks(page);
      expect(rest).to.deep.equal(AS_DRAWN);
      expect(line).to.match(/^rgb/);
      expect(await page.evaluate(`document.querySelector('.logo').naturalWidth`)).to.equal(1);
      // Only the script is blocked, as Jenkins requires.
      expect(complaints.filter((text) => !/report\.js|script/i.test(text))).to.deep.equal([]);
      expect(files.filter((name) => name !== 'report.js')).to.have.members(['report.css', 'logo.png']);
    });
  }

  it('are blocked there if they are inline', async () => {
    await write({});
    header = JENKINS[1] ?? '';
    const { page, complaints } = await open(`${base}/report.html`);
    expect((await looks(page)).bar).to.equal('static');
    expect(complaints.join()).to.match(/inline style/i);
  });

  for (const where of ['a server that sets no policy', 'a disk']) {
    it(`are applied, including the script, from ${where}`, async () => {
      await write({ assets: 'external', brand: { title: 'Example', logo: { type: 'svg', bytes: HOSTILE_SVG } } });
      header = '';
      for (const name of ['report', 'index']) {
        const origin = where === 'a disk' ? `file://${folder}` : base;
        const { page, complaints, files } = await open(`${origin}/${name}.html`);
        expect(complaints).to.deep.equal([]);
        expect(files).to.have.members([`${name}.css`, `${name}.js`, 'logo.svg']);
        expect(await page.locator('[data-theme-switch]').isVisible(), 'the script ran').to.equal(true);
        expect(await page.locator('.brand').textContent()).to.equal('Example');
        expect(await page.title()).not.to.equal('pwned');
      }
    });
  }

  it('are in one file that loads nothing if they are inline, with a logo without active content', async () => {
    await write({ brand: { title: '</title><script>x', logo: { type: 'svg', bytes: HOSTILE_SVG } } });
    for (const name of ['report', 'index']) {
      const { page, complaints, files } = await open(`file://${folder}/${name}.html`);
      expect([complaints, files]).to.deep.equal([[], []]);
      expect(await page.locator('.brand').textContent()).to.equal('</title><script>x');
      expect(await page.evaluate(`document.querySelector('.logo').naturalWidth`)).to.equal(40);
      expect(await page.title()).not.to.equal('pwned');
    }
  });
});

describe('a logo', () => {
  const rows: ReadonlyArray<readonly [what: string, bytes: Uint8Array, type: ReturnType<typeof logoType>]> = [
    ['a PNG', PNG, 'png'],
    ['a JPEG', Buffer.from([0xff, 0xd8, 0xff, 0xe0]), 'jpeg'],
    ['an SVG with declaration and comment', HOSTILE_SVG, 'svg'],
    ['an SVG with a byte order mark', Buffer.from('\ufeff<svg/>'.replace('/', ' /')), 'svg'],
    ['HTML with an SVG in it', Buffer.from('<html><svg></svg></html>'), undefined],
    ['a GIF', Buffer.from('GIF89a'), undefined],
    ['nothing', Buffer.alloc(0), undefined],
  ];
  for (const [what, bytes, type] of rows) {
    it(`that is ${what} is ${type ?? 'refused'}`, () => expect(logoType(bytes)).to.equal(type));
  }

  describe('in the configuration', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'logo-'));
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));
    const found = (logo: string) =>
      presentationFor(
        { assets: 'inline' },
        { report: { title: undefined, logo }, where: 'ActiveConfig.yaml:7' },
        folder,
      );

    it('is read relative to the project, with any file name', async () => {
      await writeFile(join(folder, 'logo.gif'), PNG);
      expect((await found('logo.gif')).brand?.logo?.type).to.equal('png');
    });

    const faults: ReadonlyArray<readonly [what: string, content: Uint8Array | undefined, found: RegExp]> = [
      ['does not exist', undefined, /ENOENT/],
      ['is not a picture', Buffer.from('hello'), /something else/],
      ['is too large', Buffer.concat([PNG, Buffer.alloc(LOGO_LIMIT_BYTES)]), /a larger one/],
    ];
    for (const [what, content, text] of faults) {
      it(`is an error if it ${what}`, async () => {
        if (content !== undefined) await writeFile(join(folder, 'x.png'), content);
        const fault: unknown = await found('x.png').catch((error: unknown) => error);
        expect(fault).to.be.instanceOf(UserError);
        expect(String(fault))
          .to.match(text)
          .and.to.match(/testing\.performance\.report\.logo/);
      });
    }
  });
});
