import { expect } from 'chai';
import { type Demo, type DemoOptions, startDemo } from '../../runner/demo/start.ts';
import { call, callMany, logIn, metric, type Reply, truthOf, until } from './shop-client.ts';

describe('demo: behaviour under a seed and faults', () => {
  const running: Demo[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((demo) => demo.stop()));
  });
  async function shop(options: DemoOptions): Promise<string> {
    const demo = await startDemo({ connections: 100, ...options });
    running.push(demo);
    return demo.url;
  }

  it('makes the same decisions for the same seed, regardless of requests to other routes', async () => {
    const faults = ['errors:GET /products/:id=20%'];
    const [one, two, other] = await Promise.all([
      shop({ seed: 42, faults }),
      shop({ seed: 42, faults }),
      shop({ seed: 43, faults }),
    ]);
    const openOne = (url: string) => callMany(150, 10, () => call(url, 'GET /products/7'));
    const list = (url: string, times: number) => callMany(times, 10, () => call(url, 'GET /products'));
    const quiet = await openOne(one);
    const [busy] = await Promise.all([openOne(two), list(two, 120)]);
    const stranger = await openOne(other);

    expect(decisionsOf(busy)).to.deep.equal(decisionsOf(quiet));
    expect(decisionsOf(stranger)).to.not.deep.equal(decisionsOf(quiet));
    expect(decisionsOf(await list(one, 120)).size).to.equal(120);
  });

  it('responds as slowly as the distributions in /truth', async () => {
    const url = await shop({ seed: 9, faults: ['slow:GET /search=60ms'] });
    for (const [route, path] of [
      ['GET /products/:id', 'GET /products/3'],
      ['GET /search', 'GET /search?q=flute'],
    ] as const) {
      const replies = await callMany(600, 60, () => call(url, path));
      const dist = (await truthOf(url)).routes[route];
      const times = replies.map(({ appMs }) => appMs).sort((a, b) => a - b);
      const { median_ms, p95_ms, sigma, mean_ms, requests } = dist ?? expect.fail('no truth');
      // Four standard errors of the quantiles of 600 lognormal values; the seed makes them equal in every run.
      expect(Math.log((times[300] ?? 0) / median_ms)).to.be.closeTo(0, (4 * 1.2533 * sigma) / Math.sqrt(600));
      expect(Math.log((times[570] ?? 0) / p95_ms)).to.be.closeTo(0, (4 * 2.11 * sigma) / Math.sqrt(600));
      expect(mean_ms).to.be.above(median_ms);
      expect(requests).to.equal(600);
    }
    expect((await truthOf(url)).routes['GET /search']).to.include({ median_ms: 60, healthy_median_ms: 30 });
  });

  it('waits for the service time it decided', async () => {
    const url = await shop({ faults: ['slow:GET /products=300ms'] });
    const sentAt = performance.now();
    const { appMs } = await call(url, 'GET /products');
    // One timer tick of rounding; no upper bound, because the machine may be busy.
    expect(performance.now() - sentAt).to.be.above(appMs - 2);
  });

  it('fails exactly the requests that the seed picks, only on the given route, and counts them', async () => {
    const url = await shop({ seed: 5, faults: ['errors:POST /orders=25%'] });
    const token = await logIn(url);
    const orders = await callMany(120, 60, () => call(url, 'POST /orders', { token }));
    const carts = await callMany(60, 30, () => call(url, 'GET /cart', { token }));
    expect(new Set(orders.map(({ status }) => status))).to.deep.equal(new Set([409, 500]));
    expect(carts.every(({ status }) => status === 200)).to.equal(true);
    const failed = orders.filter(({ status }) => status === 500).length;
    // Four standard errors around a quarter of 120.
    expect(failed).to.be.within(11, 49);
    const truth = await truthOf(url);
    expect(truth.routes['POST /orders']).to.include({ error_share: 0.25, requests: 120, errors_injected: failed });
    expect(truth.routes['GET /cart']).to.include({ error_share: 0, errors_injected: 0 });
    await until(async () =>
      (await metric(url, 'http_requests_total', { route: '/orders', status: '500' })) === failed ? true : undefined,
    );
  });

  it('neither counts nor fails an invalid request', async () => {
    const url = await shop({ faults: ['errors:*=100%'] });
    const refused = [
      await call(url, 'GET /cart'),
      await call(url, 'POST /login', { body: '{' }),
      await call(url, 'GET /search'),
    ];
    expect(refused.map(({ status, number }) => [status, number])).to.deep.equal([
      [401, undefined],
      [400, undefined],
      [400, undefined],
    ]);
    expect(await call(url, 'GET /search?q=x')).to.include({ status: 500, number: 1 });
    const { routes } = await truthOf(url);
    expect(routes['GET /search']).to.include({ requests: 1, errors_injected: 1 });
    expect(routes['GET /cart']).to.include({ requests: 0, errors_injected: 0 });
  });

  it('gets slower over time at the given rate', async () => {
    // 6,000 % a minute adds the base time once every second.
    const url = await shop({ faults: ['latency-growth:GET /products=+6000%/min'] });
    for (let i = 0; i < 10; i++) {
      const { elapsed_ms: before } = await truthOf(url);
      const [grown, steady] = [await call(url, 'GET /products'), await call(url, 'GET /products/1')];
      const { elapsed_ms: after } = await truthOf(url);
      // The header is rounded to a thousandth of a millisecond.
      expect(grown.appMs / grown.baseMs - 1).to.be.within(before / 1000 - 0.001, after / 1000 + 0.001);
      expect(steady.appMs).to.equal(steady.baseMs);
    }
  });

  it('gets slower at the given second and stays so', async () => {
    const url = await shop({ faults: ['step:1s=+50ms'] });
    const added = async () => {
      const { elapsed_ms: before } = await truthOf(url);
      const { appMs, baseMs } = await call(url, 'GET /products');
      const { elapsed_ms: after } = await truthOf(url);
      expect(appMs - baseMs).to.be.closeTo(before >= 1000 || (after >= 1000 && appMs > baseMs) ? 50 : 0, 0.002);
      return before;
    };
    await until(async () => ((await added()) > 1000 ? true : undefined));
    for (let i = 0; i < 5; i++) await added();
  });

  it('leaks resident memory at the given rate, as /metrics shows', async () => {
    const url = await shop({ faults: ['memory-leak:60MB/s'] });
    const memory = async () => ({
      resident: (await metric(url, 'process_resident_memory_bytes')) ?? 0,
      external: (await metric(url, 'nodejs_external_memory_bytes')) ?? 0,
    });
    // Memory, truth, truth, memory: a pause between two requests can only enlarge the measured growth.
    const first = await memory();
    const { leaked_bytes: before } = await truthOf(url);
    const { leaked_bytes, elapsed_ms } = await until(async () => {
      const truth = await truthOf(url);
      return truth.leaked_bytes - before > 60e6 ? truth : undefined;
    });
    const last = await memory();
    expect(leaked_bytes).to.be.at.most((60e6 * elapsed_ms) / 1000);
    expect(last.external - first.external).to.be.above(55e6);
    // The garbage collector may free memory of the start meanwhile.
    expect(last.resident - first.resident).to.be.above(30e6);
  });

  it('leaks no memory without the fault', async () => {
    expect((await truthOf(await shop({}))).leaked_bytes).to.equal(0);
  });

  it("queues for its pool's connections, reports how many requests wait, and drops clients that left", async () => {
    const url = await shop({ connections: 2, faults: ['slow:GET /products/:id=700ms'] });
    const leaver = new AbortController();
    const stayed = callMany(6, 6, () => call(url, 'GET /products/1'));
    await until(async () => ((await metric(url, 'db_connections_waiting')) === 4 ? true : undefined));
    const left = fetch(`${url}/products/1`, { signal: leaver.signal }).catch(() => 'left');
    await until(async () => ((await metric(url, 'db_connections_waiting')) === 5 ? true : undefined));
    expect([await metric(url, 'db_connections_in_use'), await metric(url, 'db_connections_max')]).to.deep.equal([2, 2]);
    leaver.abort();
    expect(await left).to.equal('left');
    await until(async () => ((await metric(url, 'http_requests_total', { status: '499' })) === 1 ? true : undefined));

    const replies = await stayed;
    const byNumber = replies.toSorted((a, b) => (a.number ?? 0) - (b.number ?? 0));
    const waited = byNumber.map(({ poolMs }) => poolMs);
    // The first two find a connection; each of the others waits for a service time, hundreds of times as long.
    expect(Math.min(...waited.slice(2))).to.be.above(10 * Math.max(...waited.slice(0, 2)));
    expect([await metric(url, 'db_connections_in_use'), await metric(url, 'db_connections_waiting')]).to.deep.equal([
      0, 0,
    ]);
  });
});

/** The decision for each request by its number. */
function decisionsOf(replies: readonly Reply[]): Map<number, [baseMs: number, status: number]> {
  const sorted = replies.toSorted((a, b) => (a.number ?? 0) - (b.number ?? 0));
  return new Map(sorted.map(({ number, baseMs, status }) => [number ?? 0, [baseMs, status]]));
}
