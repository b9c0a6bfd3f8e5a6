import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { comparabilityNotes } from '../../runner/compare/comparable.ts';
import { compareRuns } from '../../runner/compare/compare.ts';
import type { KeptRun } from '../../runner/compare/kept-run.ts';
import { optionsDifference } from '../../runner/compare/options-difference.ts';
import { overallMark } from '../../runner/compare/overall-mark.ts';
import { renderComparison } from '../../runner/compare/render.ts';
import { caveatText, comparisonSentence, REASON_TEXTS, seenText } from '../../runner/compare/words.ts';
import { type Comparison, comparisonSchema } from '../../runner/model/comparison.ts';
import type { Result } from '../../runner/model/result.ts';
import { hasFacts } from '../facts.ts';
import { seriousViolations } from '../report/axe.ts';
import { launchBrowser, openPage, releaseBrowser } from '../report/browser.ts';
import { resultOf, Samples, type ShopOptions, shopSamples } from '../report/sample-run.ts';

const HREFS = { a: '../a/report.html', b: '../b/report.html' };

function keptRun(folder: string, options: Partial<ShopOptions>, more: Partial<Result> = {}): KeptRun {
  const metrics = shopSamples({ seconds: 30, requestsPerSecond: 30, ...options });
  return {
    path: `/runs/${folder}`,
    folder,
    result: resultOf(metrics, { run: folder, ...more }),
    metrics,
    scriptHash: 'abc',
  };
}

const a = keptRun('a', { seed: 7 }, { build_version: '1.4.1' });
const b = keptRun('b', { seed: 8, names: ['GET /products', 'GET /search', 'POST /new'] }, { build_version: '1.4.2' });

describe('a note on comparability', () => {
  const noted = (more: Partial<Result>, hash = 'abc') =>
    comparabilityNotes(a, { ...a, result: { ...a.result, build_version: '1.4.2', ...more }, scriptHash: hash });
  const { result } = a;
  for (const [what, level, topic, more] of [
    ['another scenario', 'differs', 'Different scenario', { scenario: 'search' }],
    ['another profile', 'differs', 'Different profile', { profile: 'soak' }],
    ['more VUs', 'differs', 'Different load or options', { options: { ...result.options, vus: 99 } }],
    ['another environment', 'differs', 'Different environment', { environment: 'staging' }],
    ['another host', 'differs', 'Different system under test', { target_url: 'https://shop.example/' }],
    ['another k6', 'differs', 'Different k6 version', { k6: { ...result.k6, version: 'v1.9.0' } }],
    ['another machine', 'differs', 'Different machine', { machine: { ...result.machine, cores: 64 } }],
    ['half the length', 'differs', 'Different duration', { duration_ms: result.duration_ms / 2 }],
    ['an early end', 'doubt', 'b is partial', { partial: true }],
    [
      'a busy generator',
      'doubt',
      'Load generator saturated in b',
      { generator: { ...result.generator, state: 'saturated' } },
    ],
    ['the same build', 'info', 'Same build', { build_version: '1.4.1' }],
  ] as ReadonlyArray<readonly [string, string, string, Partial<Result>]>) {
    it(`exists for ${what}`, () => {
      expect(noted(more).map((note) => `${note.level}: ${note.topic}`)).to.include(`${level}: ${topic}`);
    });
  }

  it('does not call two unknown builds the same', () => {
    const unknown = { ...a, result: { ...a.result, build_version: 'unknown' } };
    expect(comparabilityNotes(unknown, unknown).map(({ topic }) => topic)).to.include('Build not known');
  });

  it('exists for another script', () => {
    expect(noted({}, 'other').map(({ topic }) => topic)).to.deep.equal(['Different script']);
  });

  for (const [what, more] of [
    ['nothing but the build', {}],
    ['another port of a target on this machine', { target_url: 'http://127.0.0.1:3999' }],
    ['other thresholds', { options: { ...result.options, thresholds: {} } }],
    ['a few milliseconds more', { duration_ms: result.duration_ms + 100 }],
  ] as ReadonlyArray<readonly [string, Partial<Result>]>) {
    it(`does not exist for ${what}`, () => {
      expect(noted(more).map(({ topic }) => topic)).to.deep.equal(['Same setup']);
    });
  }
});

describe('the options of two runs', () => {
  it('are compared line by line, regardless of the order of fields', () => {
    const options = { vus: 5, scenarios: { browse: { executor: 'constant-vus', duration: '30s' } } };
    const same = { scenarios: { browse: { duration: '30s', executor: 'constant-vus' } }, vus: 5 };
    expect(optionsDifference(options, same)).to.deep.equal([]);
    const lines = optionsDifference(options, { ...same, vus: 50 });
    expect(lines.filter(({ sign }) => sign !== ' ').map(({ sign, text }) => `${sign}${text}`)).to.deep.equal([
      '-  "vus": 5',
      '+  "vus": 50',
    ]);
  });
});

describe('a comparison', function () {
  this.timeout(180_000);
  const comparison = compareRuns(a, b);
  let browser: Browser;
  let folder: string;
  before(async () => {
    [browser, folder] = await Promise.all([launchBrowser(), mkdtemp(join(tmpdir(), 'compare-'))]);
  });
  after(async () => {
    await releaseBrowser(browser);
    await rm(folder, { recursive: true, force: true });
  });
  const open = async (document: Comparison, from: KeptRun, to: KeptRun, options: object = {}) => {
    const file = join(folder, 'report.html');
    await writeFile(file, renderComparison(document, from, to, HREFS).get('report.html') ?? '');
    return openPage(browser, file, options);
  };

  it('is valid by its schema', () => {
    const text = renderComparison(comparison, a, b, HREFS).get('comparison.json') ?? '';
    expect(comparisonSchema.parse(JSON.parse(text))).to.deep.equal(JSON.parse(JSON.stringify(comparison)));
  });

  it('gives no verdict on an endpoint that is equal in two short runs', () => {
    const times = comparison.metrics.filter(({ kind, endpoint }) => kind !== 'errors' && endpoint === 'GET /products');
    expect(times).to.have.length(3);
    for (const { verdict, reason } of times) expect([verdict, reason]).to.deep.equal(['unknown', 'short_both']);
  });

  // b also calls other endpoints, so the whole run is clearly faster.
  it('calls the whole of a short run faster if its samples clearly are', () => {
    const whole = comparison.metrics.find(({ endpoint, statistic }) => endpoint === null && statistic === 'p95');
    expect(whole).to.include({ verdict: 'better', reason: 'by_samples' });
    const open = comparison.metrics.filter(({ reason }) => reason === 'short_both');
    expect(comparisonSentence(open)).to.include(REASON_TEXTS.short_both);
  });

  it('calls a short run worse if it is 7 times as slow and the samples hardly overlap', () => {
    const slow = shopSamples({ seconds: 20, requestsPerSecond: 30, factor: 7.5 });
    const quick = { ...a, metrics: shopSamples({ seconds: 20, requestsPerSecond: 30 }) };
    const compared = compareRuns(quick, { ...b, metrics: slow });
    const p50 = compared.metrics.find(({ endpoint, statistic }) => endpoint === null && statistic === 'p50');
    if (p50 === undefined) throw new Error('no p50');
    expect(p50).to.include({ verdict: 'worse', reason: 'plain', over_runs: null });
    expect(p50.superiority).to.be.above(0.9);
    hasFacts(seenText(p50), '7.5 times');
    expect(overallMark(compared).word).to.equal('Worse in these two runs');
  });

  for (const [verdicts, headline] of [
    [['same', 'unknown', 'unknown'], 'No clear difference'],
    [['same', 'same', 'unknown'], 'About the same in these two runs'],
    [['same', 'same', 'worse'], 'Worse in these two runs'],
    [[], 'No clear difference'],
  ] as const) {
    it(`has the headline "${headline}" if its figures are ${verdicts.join(', ') || 'none'}`, () => {
      const [metric] = comparison.metrics;
      if (metric === undefined) throw new Error('no figure');
      const metrics = verdicts.map((verdict) => ({ ...metric, verdict, over_runs: null }));
      expect(overallMark({ metrics }).word).to.equal(headline);
    });
  }

  it('compares the endpoints that both runs have, with the values of their tables', () => {
    expect([...new Set(comparison.metrics.map(({ endpoint }) => endpoint))]).to.deep.equal([
      null,
      'GET /products',
      'GET /search',
    ]);
    for (const run of ['a', 'b'] as const) {
      const endpoint = { a, b }[run].result.endpoints.find(({ name }) => name === 'GET /search');
      const value = (statistic: string) =>
        comparison.metrics.find((metric) => metric.endpoint === 'GET /search' && metric.statistic === statistic)?.[run]
          .value;
      expect([value('p50'), value('p95'), value('p99'), value('share')]).to.deep.equal([
        endpoint?.med,
        endpoint?.p95,
        endpoint?.p99,
        endpoint?.error_rate,
      ]);
    }
  });

  it('does not compare the throughput of an open model, because the script sets it', () => {
    const openModel = { scenarios: { browse: { executor: 'constant-arrival-rate' } } };
    const metrics = compareRuns(
      { ...a, result: { ...a.result, ...openModel } },
      { ...b, result: { ...b.result, ...openModel } },
    ).metrics;
    expect(metrics.some(({ kind }) => kind === 'throughput')).to.equal(false);
    expect(comparison.metrics.some(({ kind }) => kind === 'throughput')).to.equal(true);
  });

  it('is a page with both runs in its charts and the differences in its tables', async () => {
    const { page, complaints, requests } = await open(comparison, a, b);
    expect([complaints, requests]).to.deep.equal([[], []]);
    expect(await page.locator('h1').textContent()).to.include('build 1.4.2 against 1.4.1');
    expect(await page.locator('#chart-latency .plot-wide svg').textContent()).to.match(/p95.*a: p95/s);
    const rows = page.locator('table[data-table="endpoints"] tbody tr');
    expect(await rows.filter({ hasText: 'POST /new' }).textContent()).to.include('new: not in a');
    expect(await rows.filter({ hasText: 'POST /orders' }).textContent()).to.include('gone: only in a');
    expect(await rows.filter({ hasText: 'GET /search' }).textContent()).to.match(/[+−][\d.]+ % from \d/);
    expect(
      await page.locator('.compared-run a').evaluateAll((links) => links.map((link) => link.getAttribute('href'))),
    ).to.deep.equal(['../a/report.html', '../b/report.html']);
  });

  it('has no serious axe-core violation in light and dark, and fits narrow and wide screens', async () => {
    const { page } = await open(comparison, a, b, { viewport: { width: 360, height: 900 } });
    expect(await seriousViolations(page)).to.deep.equal([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await seriousViolations(page, { rules: 'colours' })).to.deep.equal([]);
    for (const width of [360, 2560]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).to.be.at.most(0);
    }
  });

  it('is a short text for a pull request', () => {
    const markdown = renderComparison(comparison, a, b, HREFS).get('report.md') ?? '';
    expect(markdown).to.match(/^# Better in these two runs: browse · load, build 1\.4\.2/);
    expect(markdown.split('\n').length).to.be.below(70);
    expect(markdown).to.include('| GET /search | p95 |');
    expect(markdown).to.include(caveatText(comparison));
  });

  it('is also a page if one or both runs had no sample', async () => {
    const empty = (folder: string): KeptRun => {
      const metrics = new Samples().done();
      const result = resultOf(metrics, { run: folder, status: 'error', endpoints: [], kpis: [], latency: null });
      return { path: `/runs/${folder}`, folder, result, metrics, scriptHash: undefined };
    };
    for (const [from, to] of [
      [a, empty('none')],
      [empty('none'), b],
      [empty('none'), empty('neither')],
    ] as const) {
      const comparison = compareRuns(from, to);
      expect(comparison.metrics).to.deep.equal([]);
      const html = renderComparison(comparison, from, to, HREFS).get('report.html') ?? '';
      expect(html).to.include('No clear difference');
      expect(html.replace(/<script[\s\S]*?<\/script>/g, '')).not.to.match(/NaN|Infinity|undefined/);
    }
  });

  it('shows hostile names as text and stays complete', async () => {
    const evil = `</script><script>alert(1)</script>"><img src=x onerror=alert(2)> | \`x\` \u202E${'W'.repeat(5000)}`;
    const hostile = (folderName: string, seed: number) =>
      keptRun(
        folderName,
        { seed, names: [evil, 'GET /x'], checkNames: [evil], scenario: evil },
        {
          scenario: evil,
          profile: evil,
          build_version: evil,
          environment: evil,
          status_reason: evil,
          options: { [evil]: seed },
          target_url: `http://${seed}/${evil}`,
          findings: [{ kind: evil + seed, severity: 'high', title: evil, detail: evil, kpis: [evil] }],
        },
      );
    const [from, to] = [hostile(evil, 1), hostile(`${evil}b`, 2)];
    const { page, complaints, requests } = await open(compareRuns(from, to), from, to);
    expect([complaints, requests]).to.deep.equal([[], []]);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).to.be.at.most(0);
    expect(await page.evaluate('document.body.innerText')).not.to.include('\u202E');
    const markdown = renderComparison(compareRuns(from, to), from, to, HREFS).get('report.md') ?? '';
    expect(markdown).not.to.match(/<script|<img|\u202E/);
  });
});
