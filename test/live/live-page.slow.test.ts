// The server of --live: which requests it accepts, and what its stream contains.

import { request } from 'node:http';
import { expect } from 'chai';
import { LivePage } from '../../runner/live/live-page.ts';
import type { StreamSink } from '../../runner/metrics/sinks/sink.ts';
import { MetricsStore } from '../../runner/metrics/store/store.ts';
import type { LiveEvent } from '../../runner/model/live-event.ts';
import type { ScriptException } from '../../runner/model/run.ts';
import { renderRun } from '../../runner/report/render.ts';
import { UserError } from '../../runner/system/errors.ts';
import type { Interrupt } from '../../runner/system/interrupt.ts';
import { resultOf, shopSamples } from '../report/sample-run.ts';
import { FACTS, KPI, LiveSamples } from './seeded-live-run.ts';

/** The user's request to stop, without a process to send signals to. */
function wish(): Interrupt & { requests: number } {
  return {
    requests: 0,
    get isRequested() {
      return this.requests > 0;
    },
    onRequest: () => () => undefined,
    request() {
      this.requests++;
    },
    release: () => undefined,
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

function ask(url: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(url, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
    })
      .on('error', reject)
      .end();
  });
}

/** Reads the stream until `isEnough`; returns the events so far. */
function listen(url: string, isEnough: (events: readonly LiveEvent[]) => boolean): Promise<LiveEvent[]> {
  return new Promise((resolve, reject) => {
    const events: LiveEvent[] = [];
    let text = '';
    const asked = request(`${url}events`, (response) => {
      const done = () => {
        asked.destroy();
        resolve(events);
      };
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const line = text.slice(0, end);
          text = text.slice(end + 2);
          if (line.startsWith('data: ')) events.push(JSON.parse(line.slice(6)));
        }
        if (isEnough(events)) done();
      });
      response.on('end', done);
    }).on('error', reject);
    asked.end();
  });
}

/** Starts a load that sends its samples to the page's sink. */
function load(page: LivePage, exceptions: () => ScriptException[]): StreamSink {
  const metrics = new MetricsStore({ timeline: true });
  page.listener({ kind: 'load', facts: FACTS, kpis: [KPI], soFar: { metrics, exceptions } });
  return metrics.sink;
}

describe('the live page', function () {
  this.timeout(120_000);
  let page: LivePage;
  let interrupt: ReturnType<typeof wish>;
  let warnings: string[];
  let samples: LiveSamples;

  beforeEach(async () => {
    interrupt = wish();
    warnings = [];
    page = await LivePage.open({ port: undefined, interrupt, warn: (text) => warnings.push(text) });
    samples = new LiveSamples(load(page, () => []));
    for (let second = 0; second < 5; second++) samples.pour(['GET /a', 'GET /b']);
    page.listener({
      kind: 'tick',
      tick: {
        elapsedMs: 9000,
        // setup() took 4 s.
        loadedMs: 5000,
        metrics: new MetricsStore({ timeline: false }),
        standings: [],
        exceptions: 0,
      },
    });
  });
  afterEach(async () => {
    await page.close();
    expect(warnings).to.deep.equal([]);
  });

  const refused: ReadonlyArray<readonly [string, (url: URL) => Promise<Answer>, number]> = [
    ['no token', (url) => ask(`${url.origin}/`), 404],
    ['a wrong token', (url) => ask(`${url.origin}/${'A'.repeat(24)}/`), 404],
    ['a wrong token for the stream', (url) => ask(`${url.origin}/x/events`), 404],
    ['a wrong token for the stop', (url) => ask(`${url.origin}/x/stop`, { method: 'POST' }), 404],
    ['the name of another site (DNS rebinding)', (url) => ask(url.href, { headers: { host: 'evil.example' } }), 421],
    ['another port in Host', (url) => ask(url.href, { headers: { host: '127.0.0.1:1' } }), 421],
    ['a stop by GET', (url) => ask(`${url.href}stop`), 405],
    [
      'a stop from another site',
      (url) => ask(`${url.href}stop`, { method: 'POST', headers: { origin: 'http://evil.example' } }),
      403,
    ],
    ['the page by POST', (url) => ask(url.href, { method: 'POST' }), 405],
    ['a file of the project', (url) => ask(`${url.href}reports/..%2f..%2fpackage.json`), 404],
    ['a report that is not there', (url) => ask(`${url.href}reports/7`), 404],
  ];
  for (const [what, how, status] of refused) {
    it(`rejects ${what}, and the run goes on`, async () => {
      const answer = await how(new URL(page.url));
      expect(answer.status).to.equal(status);
      expect(answer.text).not.to.include('<html');
      expect(answer.headers).not.to.have.property('access-control-allow-origin');
      expect(interrupt.requests).to.equal(0);
    });
  }

  it('is only on loopback, at an address with a secret token, and loads nothing from elsewhere', async () => {
    const url = new URL(page.url);
    expect(url.hostname).to.equal('127.0.0.1');
    expect(url.pathname).to.match(/^\/[\w-]{24}\/$/);
    const { status, text, headers } = await ask(page.url);
    expect(status).to.equal(200);
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(text)?.[1] ?? '';
    expect(policy).to.include('default-src &#x27;none&#x27;').and.to.include('connect-src &#x27;self&#x27;');
    expect(headers).to.include({
      'content-security-policy': "frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
    });
    const byName = await ask(page.url, { headers: { host: `localhost:${url.port}` } });
    expect(byName.status).to.equal(200);
  });

  it('has its own script and style, which reports do not include', async () => {
    const { text } = await ask(page.url);
    const metrics = shopSamples({ seconds: 3, requestsPerSecond: 5 });
    const report = (await renderRun(resultOf(metrics), metrics)).get('report.html') ?? '';
    for (const piece of ['EventSource', '.live-dot', 'connect-src', 'data-live-stop']) {
      expect(text, piece).to.include(piece);
      expect(report, piece).not.to.include(piece);
    }
  });

  it('requests a stop once, however often the button is pressed', async () => {
    for (let press = 0; press < 3; press++) {
      expect(
        (await ask(`${page.url}stop`, { method: 'POST', headers: { origin: new URL(page.url).origin } })).status,
      ).to.equal(202);
    }
    expect(interrupt.requests).to.equal(1);
    const [first] = await listen(page.url, (events) => events.length > 0);
    expect(first?.bar.isStopping).to.equal(true);
  });

  it('sends everything to a new client, then only changes, and gives no verdict before the end', async () => {
    const timer = setInterval(() => samples.pour(['GET /a', 'GET /b'], 300), 200);
    const events = await listen(page.url, (all) => all.filter((event) => event.page !== undefined).length >= 3);
    clearInterval(timer);
    const [first, ...later] = events.flatMap((event) => (event.page === undefined ? [] : [event.page]));
    const whole = first?.blocks.map(({ html }) => html ?? '').join('\n') ?? '';
    expect(whole).to.include('Running').and.to.include('So far: 1 of 1 target met').and.to.include('GET /a');
    expect(first?.title).to.include('Running: browse');
    for (const change of later) {
      expect(change.blocks.filter(({ html }) => html === undefined).map(({ key }) => key)).to.include('checks');
    }
    const last = later.flatMap(({ blocks }) => blocks.map(({ html }) => html ?? '')).join('\n');
    expect(last).to.include('not met now').and.to.include('So far: 0 of 1 target met');
    for (const text of [whole, last]) expect(text).not.to.match(/<span>(Passed|Failed|Aborted)|missed/);
    expect(events[0]?.bar).to.deep.include({ stage: 'running', text: 'browse is running: 00:05 of 01:00' });
  });

  it('renders nothing without a client', async () => {
    let looks = 0;
    await page.close();
    page = await LivePage.open({ port: undefined, interrupt, warn: (text) => warnings.push(text) });
    samples = new LiveSamples(
      load(page, () => {
        looks++;
        return [];
      }),
    );
    samples.pour(['GET /a']);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(looks).to.equal(0);
    await listen(page.url, (events) => events.length > 1);
    expect(looks).to.be.above(0);
  });

  it('keeps names that look like markup as text', async () => {
    const name = '</script><img src=x onerror=alert(1)><section id="charts">\u202e';
    samples.pour([name]);
    const [first] = await listen(page.url, (events) => events.length > 0);
    const blocks = first?.page?.blocks ?? [];
    expect(blocks.map(({ html }) => html ?? '').join(''))
      .to.include('&lt;/script&gt;&lt;img')
      .and.not.to.include('<img');
    expect(new Set(blocks.map(({ key }) => key)).size).to.equal(blocks.length);
  });

  it('sends its clients the end, and closes its port', async () => {
    let connected = () => {};
    const isConnected = new Promise<void>((resolve) => {
      connected = resolve;
    });
    const events = listen(page.url, (soFar) => {
      if (soFar.length > 0) connected();
      return false;
    });
    await isConnected;
    const { url } = page;
    await page.close();
    expect((await events).at(-1)?.bar.stage).to.equal('ended');
    const isGone = await ask(url).then(
      () => false,
      () => true,
    );
    expect(isGone).to.equal(true);
  });

  it('is an error if the port is taken', async () => {
    const port = Number(new URL(page.url).port);
    const userError = await LivePage.open({ port, interrupt, warn: () => undefined }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(userError).to.be.instanceOf(UserError);
    expect(userError instanceof UserError && userError.toText())
      .to.include(String(port))
      .and.to.include('EADDRINUSE');
  });

  it('stops updating if it cannot be rendered, and the run goes on', async () => {
    await page.close();
    page = await LivePage.open({ port: undefined, interrupt, warn: (text) => warnings.push(text) });
    const broken = new LiveSamples(
      load(page, () => {
        throw new Error('on purpose');
      }),
    );
    broken.pour(['GET /a']);
    const [first] = await listen(page.url, (events) => events.length > 2);
    expect(first?.bar.stage).to.equal('running');
    expect(warnings.splice(0)).to.deep.equal(['Live page stopped updating; the test is still running: on purpose']);
    broken.pour(['GET /a']);
  });
});
