import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { primaryLatency } from '../../runner/analysis/requests/primary.ts';
import { type Result, resultSchema } from '../../runner/model/result.ts';
import { renderRun } from '../../runner/report/render.ts';
import { launchBrowser, openPage, releaseBrowser } from './browser.ts';
import { METRICS, resultOf, Samples, shopSamples } from './sample-run.ts';

/** Samples of a kind of run, and the texts that its page must have. */
interface Kind {
  readonly title: string;
  readonly fill: (samples: Samples) => void;
  readonly more?: Partial<Result>;
  readonly primary: string | undefined;
  readonly charts: readonly string[];
  /** Texts anywhere on the page. */
  readonly says: readonly string[];
}

const each = (seconds: number, perSecond: number, add: (atMs: number, index: number) => void) => {
  for (let index = 0; index < seconds * perSecond; index++) add((index * 1000) / perSecond, index);
};

const KINDS: readonly Kind[] = [
  {
    title: 'without any sample',
    fill: () => undefined,
    more: { status: 'error', status_reason: 'k6 ended with code 107 before any load.', vus_max: null, duration_ms: 0 },
    primary: undefined,
    charts: [],
    says: ['k6 ended with code 107 before any load.', 'The script has no checks.', 'No errors.'],
  },
  {
    title: 'with one request',
    fill: (samples) => {
      const tags = { name: 'GET /', method: 'GET', status: '200', expected_response: 'true' };
      samples.add(METRICS.http_reqs, tags, 0, 1);
      samples.add(METRICS.http_req_duration, tags, 0, 12.5);
    },
    primary: 'http_req_duration',
    charts: ['latency', 'throughput', 'heatmap', 'distribution'],
    says: ['12.5 ms'],
  },
  {
    title: 'of three seconds',
    fill: (samples) => {
      const tags = { name: 'GET /', method: 'GET', status: '200', expected_response: 'true' };
      each(3, 10, (atMs, index) => {
        samples.add(METRICS.http_reqs, tags, atMs, 1);
        samples.add(METRICS.http_req_duration, tags, atMs, 10 + index);
        samples.add(METRICS.vus, {}, atMs, 2);
      });
    },
    primary: 'http_req_duration',
    charts: ['latency', 'throughput', 'vus', 'heatmap', 'distribution'],
    says: ['30 requests'],
  },
  {
    title: 'where every request was refused',
    fill: (samples) => {
      const tags = { name: 'GET /', method: 'GET', status: '0', expected_response: 'false', error_code: '1212' };
      each(5, 10, (atMs) => {
        samples.add(METRICS.http_reqs, tags, atMs, 1);
        samples.add(METRICS.http_req_duration, tags, atMs, 0);
        samples.add(METRICS.http_req_failed, tags, atMs, 1);
      });
    },
    primary: 'http_req_duration',
    charts: ['latency', 'throughput'],
    says: ['all requests, because none succeeded', '100 % failed'],
  },
  {
    title: 'with gRPC alone',
    fill: (samples) =>
      each(5, 10, (atMs, index) => {
        const tags = { name: 'main.Shop/List', method: 'List', status: index % 10 === 0 ? '14' : '0' };
        samples.add(METRICS.grpc_req_duration, tags, atMs, 8 + (index % 7));
      }),
    primary: 'grpc_req_duration',
    charts: ['latency', 'throughput'],
    says: ['gRPC call time', 'gRPC calls per second'],
  },
  {
    title: 'with WebSockets alone',
    fill: (samples) =>
      each(10, 2, (atMs) => {
        samples.add(METRICS.ws_sessions, {}, atMs, 1);
        samples.add(METRICS.ws_session_duration, { url: 'ws://127.0.0.1/' }, atMs, 2000);
        samples.add(METRICS.ws_msgs_sent, {}, atMs, 5);
        samples.add(METRICS.iteration_duration, {}, atMs, 2100);
      }),
    primary: 'ws_session_duration',
    charts: ['latency', 'throughput'],
    says: ['WebSocket session time', 'WebSocket messages sent per second'],
  },
  {
    title: "with the script's own metrics alone",
    fill: (samples) =>
      each(10, 5, (atMs, index) => {
        samples.add(METRICS.basket_size, {}, atMs, index % 9);
        samples.add(METRICS.order_time, {}, atMs, 100 + index);
        samples.add(METRICS.iterations, {}, atMs, 1);
        samples.add(METRICS.iteration_duration, {}, atMs, 500);
      }),
    primary: 'order_time',
    charts: ['latency', 'throughput'],
    says: ['Time of order_time', 'Iterations per second', 'basket_size'],
  },
  {
    title: 'with iterations alone',
    fill: (samples) => each(5, 5, (atMs) => samples.add(METRICS.iteration_duration, {}, atMs, 1000)),
    primary: 'iteration_duration',
    charts: ['latency'],
    says: ['Iteration duration'],
  },
  {
    title: 'that was interrupted',
    fill: (samples) => each(5, 5, (atMs) => samples.add(METRICS.iterations, {}, atMs, 1)),
    more: {
      status: 'aborted',
      partial: true,
      status_reason: 'Interrupted after 5 s of 2 min.',
      stream: { complete: false, bad_lines: 1, bad_values: 0, lost_lines: 0 },
    },
    primary: undefined,
    charts: ['throughput'],
    says: ['Aborted', 'partial run', 'the stream ended early, 1 line not readable'],
  },
  {
    title: 'of an open model with dropped iterations',
    fill: (samples) =>
      each(20, 10, (atMs, index) => {
        samples.add(METRICS.iterations, { scenario: 'search' }, atMs, 1);
        if (index % 4 === 0) samples.add(METRICS.dropped_iterations, { scenario: 'search' }, atMs, 1);
      }),
    more: {
      scenarios: { search: { executor: 'constant-arrival-rate', rate: 750, timeUnit: '1m0s', duration: '20s' } },
      iterations: { completed: 200, dropped: 50, exceptions: 0 },
    },
    primary: undefined,
    charts: ['throughput', 'arrivals'],
    says: ['50 iterations dropped', '12.5/s'],
  },
];

describe('the report of a run', function () {
  this.timeout(120_000);
  let browser: Browser;
  let folder: string;
  before(async () => {
    [browser, folder] = await Promise.all([launchBrowser(), mkdtemp(join(tmpdir(), 'kinds-'))]);
  });
  after(async () => {
    await releaseBrowser(browser);
    await rm(folder, { recursive: true, force: true });
  });

  for (const { title, fill, more, primary, charts, says } of KINDS) {
    it(`${title} is complete`, async () => {
      const samples = new Samples();
      fill(samples);
      const metrics = samples.done();
      expect(primaryLatency(metrics)?.metric).to.equal(primary);
      const files = await renderRun(resultOf(metrics, { kpis: [], ...more }), metrics);
      resultSchema.parse(JSON.parse(files.get('result.json') ?? ''));
      const file = join(folder, 'report.html');
      await writeFile(file, files.get('report.html') ?? '');
      const { page, complaints } = await openPage(browser, file);
      expect(complaints).to.deep.equal([]);
      const drawn = await page.locator('figure.chart').evaluateAll((figures) => figures.map(({ id }) => id.slice(6)));
      expect(drawn).to.include.members([...charts]);
      for (const name of charts) expect(files.has(`${name}.svg`), `${name}.svg`).to.equal(true);
      const text = ((await page.locator('body').textContent()) ?? '').replace(/\s+/g, ' ');
      for (const said of says) expect(text).to.include(said);
      for (const [name, content] of files) {
        const shown = content.replace(/<script>[\s\S]*?<\/script>/, '');
        expect(shown, name).not.to.match(/\bNaN\b|\bInfinity\b|\bundefined\b|\[object Object\]/);
      }
    });
  }

  it('of eight hours with fifty endpoints is smaller than a megabyte', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `GET /things/${index}`);
    const metrics = shopSamples({ seconds: 28_800, requestsPerSecond: 0.5, names, errorShare: 0.05 });
    const files = await renderRun(resultOf(metrics), metrics);
    expect((files.get('report.html') ?? '').length).to.be.below(1_000_000);
  });
});
