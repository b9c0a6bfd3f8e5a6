import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import type { Result, ResultErrorSample } from '../../runner/model/result.ts';
import { renderRun } from '../../runner/report/render.ts';
import { seriousViolations } from './axe.ts';
import { launchBrowser, openPage, releaseBrowser } from './browser.ts';
import { LOAD_START_MS, resultOf, shopSamples } from './sample-run.ts';

const metrics = shopSamples({ seconds: 30, requestsPerSecond: 30, errorShare: 0.2 });
const plain = resultOf(metrics);

function sample(number: number, body = '{"error":"the pool is empty"}'): ResultErrorSample {
  return {
    at: new Date(LOAD_START_MS + 16_000 + number * 1000).toISOString(),
    request: {
      method: 'POST',
      url: `http://127.0.0.1:3000/orders?page=${number}`,
      headers: { Authorization: 'REDACTED', 'Content-Type': 'application/json' },
      body: '{"productId":5}',
    },
    response: { status: 503, headers: { 'Retry-After': '5' }, body, duration_ms: 34.2, error: '' },
    vu: 3,
    iteration: 12,
    scenario: 'browse',
  };
}

/** The run with samples of its first errors, one for each in `of`. */
function withSamples(of: readonly (readonly ResultErrorSample[])[]): Result {
  return { ...plain, errors: plain.errors.map((error, index) => ({ ...error, samples: [...(of[index] ?? [])] })) };
}

describe('samples of requests and responses in the report', function () {
  this.timeout(120_000);
  let browser: Browser;
  let folder: string;
  const write = async (result: Result) => {
    const files = await renderRun(result, metrics);
    for (const [name, text] of files) await writeFile(join(folder, name), text);
    return files;
  };
  before(async () => {
    [browser, folder] = await Promise.all([launchBrowser(), mkdtemp(join(tmpdir(), 'samples-'))]);
    await write(withSamples([[sample(0), sample(1), sample(2)], [], [sample(3)]]));
  });
  after(async () => {
    await releaseBrowser(browser);
    await rm(folder, { recursive: true, force: true });
  });

  it('unfold from the row of their error, closed at first', async () => {
    const { page, complaints } = await openPage(browser, join(folder, 'report.html'));
    const details = page.locator('details.error');
    expect(await details.count()).to.equal(2);
    expect(await details.first().getAttribute('open')).to.equal(null);
    await page.locator('table[data-table="errors"] a').first().click();
    await page.locator('details.error[open]').waitFor();
    expect(await details.nth(1).getAttribute('open')).to.equal(null);
    const blocks = await details.first().locator('pre').allTextContents();
    expect(blocks.slice(0, 3)).to.deep.equal([
      'POST http://127.0.0.1:3000/orders?page=0\nAuthorization: REDACTED\nContent-Type: application/json\n\n{"productId":5}',
      '503, after 34.2 ms\nRetry-After: 5\n\n{"error":"the pool is empty"}',
      `curl -i -X POST 'http://127.0.0.1:3000/orders?page=0' -H 'Authorization: REDACTED' -H 'Content-Type: application/json' --data-raw '{"productId":5}'`,
    ]);
    expect(blocks).to.have.length(9);
    expect(await details.first().locator('h4').first().textContent()).to.match(
      /^Sample 1 of 3 at 00:16 .*VU 3, iteration 12, scenario browse$/,
    );
    expect(await seriousViolations(page)).to.deep.equal([]);
    expect(complaints).to.deep.equal([]);
  });

  it('can be copied with one click', async () => {
    const { page } = await openPage(browser, join(folder, 'report.html'));
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.locator('details.error summary').first().click();
    await page.locator('[data-copy]').first().click();
    await page.locator('[data-copy]', { hasText: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).to.match(/^curl -i -X POST .*--data-raw/);
  });

  it('are printed one per error', async () => {
    const { page } = await openPage(browser, join(folder, 'report.html'));
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(`for (const fold of document.querySelectorAll('details')) fold.open = true`);
    expect(await page.locator('.sample:visible').count()).to.equal(2);
  });

  it('are in report.md, shortened', async () => {
    const markdown = (await write(withSamples([[sample(0)]]))).get('report.md') ?? '';
    expect(markdown).to.match(
      /^- 00:16, VU 3, iteration 12, scenario browse: answered 503 after 34\.2 ms: .*the pool is empty/m,
    );
    expect(markdown).to.include('Reproduce: curl -i -X POST');
  });

  it('are shown once if several checks of a request have the same samples', async () => {
    const kinds = plain.errors.map(({ kind }) => kind);
    const [check, request] = [kinds.indexOf('check'), kinds.indexOf('http')];
    expect([check, request], 'both kinds').not.to.include(-1);
    const files = await write(
      withSamples(
        plain.errors.map((_, index) =>
          index === check ? [sample(0), sample(1)] : index === request ? [sample(0)] : [],
        ),
      ),
    );
    const markdown = files.get('report.md') ?? '';
    expect(markdown.match(/Reproduce: curl/g)).to.have.length(2);
    expect(markdown.match(/page=0/g)).to.have.length(1);
    const { page } = await openPage(browser, join(folder, 'report.html'));
    const link = page.locator(`#error-${check + 1} .sample a`);
    expect(await link.getAttribute('href')).to.equal(`#error-${request + 1}`);
    expect(await page.locator(`#error-${request + 1} pre.curl`).count()).to.equal(1);
    expect(await page.locator(`#error-${check + 1} pre.curl`).count()).to.equal(1);
  });

  it('take at most a few hundred kB for any run', async () => {
    const [first] = plain.errors;
    if (first === undefined) throw new Error('the shop has errors');
    const samples = (index: number) => [0, 1, 2].map((number) => sample(3 * index + number, '<&"'.repeat(20_000)));
    const many = Array.from({ length: 200 }, (_, index) => ({
      ...first,
      message: `error ${index}`,
      samples: samples(index),
    }));
    const full = (await write({ ...plain, errors: many })).get('report.html') ?? '';
    const bare =
      (await write({ ...plain, errors: many.map((error) => ({ ...error, samples: [] })) })).get('report.html') ?? '';
    // Ampersands and quotes take five times the space.
    expect(full.length - bare.length).to.be.below(600_000);
    expect(full.match(/class="endpoint error"/g)?.length).to.be.within(2, 40);
  });
});
