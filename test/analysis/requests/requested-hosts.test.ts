// The hosts of a run come from its tags; one outside of the environment is a finding.

import { expect } from 'chai';
import { otherHostsFinding, requestedHosts } from '../../../runner/analysis/requests/requested-hosts.ts';
import { Windower } from '../../../runner/metrics/samples/windower.ts';
import { MetricsStore } from '../../../runner/metrics/store/store.ts';
import { METRICS, Samples } from '../../report/sample-run.ts';

function run(urls: ReadonlyArray<Readonly<Record<string, string>>>): MetricsStore {
  const store = new MetricsStore({ timeline: true });
  const windower = new Windower(store.sink);
  for (const tags of urls) {
    const series = windower.seriesOf(windower.declare(METRICS.http_reqs), windower.tagSetOf(tags));
    windower.add(series, 1_700_000_000_000, 0, 1);
  }
  windower.flush();
  return store;
}

describe('requested hosts', () => {
  const hosts = requestedHosts(
    run([
      { url: 'http://shop.example/a', name: 'http://shop.example/a' },
      { url: 'http://shop.example/b', name: 'http://shop.example/b' },
      { url: 'https://cdn.example:8443/x.js', name: 'https://cdn.example:8443/x.js' },
      { url: 'GET /orders', name: 'GET /orders' },
    ]),
    { typed: false, targetUrl: 'http://shop.example' },
  );

  it('include those from names of the typed client', () => {
    const named = [
      'GET /orders',
      'POST /orders/:id',
      'GET cdn.example/x.js',
      'GET 127.0.0.1:27190/token',
      'login',
      'GET it',
    ].map((name) => ({ name, url: name }));
    expect(requestedHosts(run(named), { typed: true, targetUrl: 'http://shop.example:8080/v1' })).to.deep.equal([
      { host: 'shop.example', requests: 2 },
      { host: '127.0.0.1', requests: 1 },
      { host: 'cdn.example', requests: 1 },
    ]);
  });

  it('include those of every protocol', () => {
    const samples = new Samples();
    const browser = { name: 'browser_http_req_duration', type: 'trend', contains: 'time' } as const;
    for (const [metric, url] of [
      [METRICS.http_reqs, 'http://shop.example/a'],
      [browser, 'https://cdn.example/x.js'],
      [browser, 'https://cdn.example/y.js'],
      [METRICS.ws_sessions, 'wss://live.example:444/feed'],
      [METRICS.grpc_req_duration, 'cart.example:50051/shop.Cart/Add'],
      [METRICS.grpc_req_duration, 'dns:///cart.example:50051/shop.Cart/Add'],
    ] as const)
      samples.add(metric, { url, name: url }, 0, 1);
    const found = requestedHosts(samples.done(), { typed: false, targetUrl: '' });
    expect(Object.fromEntries(found.map(({ host, requests }) => [host, requests]))).to.deep.equal({
      'shop.example': 1,
      'cdn.example': 2,
      'live.example': 1,
      'cart.example': 2,
    });
  });

  it('are those of the URLs in the tags, with their requests', () => {
    expect(hosts).to.deep.equal([
      { host: 'shop.example', requests: 2 },
      { host: 'cdn.example', requests: 1 },
    ]);
  });

  for (const [target, others] of [
    ['http://shop.example:80/', 1],
    ['http://elsewhere.example', 2],
    ['', 0],
  ] as const) {
    it(`outside of ${target || 'a script with its own URL'}: ${others}`, () => {
      const [finding] = otherHostsFinding(hosts, target);
      expect(finding?.title).to.equal(
        others === 0
          ? undefined
          : `Requests also went to ${others} host${others === 1 ? '' : 's'} outside the environment`,
      );
    });
  }
});
