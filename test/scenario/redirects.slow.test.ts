// Requests of `http` against those of k6/http: the server must get the same, while every redirect has its own name.

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import type { K6 } from '../../runner/k6/find.ts';
import { bundleScript } from '../../runner/scenario/bundle.ts';
import { K6_BUILD_TIMEOUT_MS, runOnK6, testK6 } from './real-k6.ts';
import { removeTemporaryProjects, temporaryProject } from './temporary-project.ts';

/** The parts of a request that must be equal. */
interface Seen {
  readonly request: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

const COMPARED = ['authorization', 'content-type', 'cookie', 'referer', 'x-own'];

class RedirectingServer {
  readonly seen: Seen[] = [];
  readonly #server: Server;
  url = '';

  constructor() {
    this.#server = createServer(async (request, response) => {
      this.seen.push(await seenOf(request));
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://server');
      const status = Number(/^\/r(\d{3})/.exec(pathname)?.[1] ?? 200);
      const to = searchParams.get('to');
      // Requests of a batch are concurrent: no cookie of one may be in another.
      const cookie = { 'set-cookie': `at${pathname.replaceAll('/', '-')}=1; Path=/` };
      const headers: Record<string, string> = searchParams.has('plain') ? {} : cookie;
      response.writeHead(status, to === null ? headers : { ...headers, location: to });
      response.end('{}');
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${addressOf(this.#server).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address;
}

async function seenOf(request: IncomingMessage): Promise<Seen> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const headers = Object.fromEntries(COMPARED.map((name) => [name, request.headers[name]?.toString()]));
  return { request: `${request.method} ${request.url}`, headers, body };
}

const requests: [what: string, call: string, names: string[]][] = [
  [
    'a login that leads home',
    `http.post(base + '/r302/login?to=/home', { user: 'a' }, { headers: { 'X-Own': '1', Authorization: 'Bearer x' } })`,
    ['POST /r302/login', 'GET /home'],
  ],
  [
    '307, which keeps method and body',
    `http.put(base + '/r307/a?to=/r308/b%3Fto=/c', 'text', { headers: { 'Content-Type': 'text/plain' } })`,
    ['PUT /r307/a', 'PUT /r308/b', 'PUT /c'],
  ],
  ['HEAD, which stays HEAD', `http.head(base + '/r303/a?to=/home')`, ['HEAD /r303/a', 'HEAD /home']],
  [
    'another site, which gets no credentials',
    `http.get(base + '/r301/a?to=' + encodeURIComponent(base.replace('127.0.0.1', 'localhost') + '/x'), { headers: { Authorization: 'Bearer x', Cookie: 'own=1' } })`,
    ['GET /r301/a', 'GET localhost:PORT/x'],
  ],
  ['no place to go to', `http.get(base + '/r302/a')`, ['GET /r302/a']],
  ['redirects: 0', `http.get(base + '/r302/a?to=/home', { redirects: 0 })`, ['GET /r302/a']],
  [
    'redirects: 1 of two',
    `http.get(base + '/r302/a?to=/r302/b%3Fto=/home', { redirects: 1 })`,
    ['GET /r302/a', 'GET /r302/b'],
  ],
  ['maxRedirects of the options', `http.get(base + '/r302/loop?to=/r302/loop%3Fto=/r302/loop')`, ['GET /r302/loop']],
  ['a relative place', `http.get(base + '/r302/deep/a?to=../b')`, ['GET /r302/deep/a', 'GET /r302/b']],
  ['a name of its own', `http.get(base + '/r302/a?to=/home', { name: 'begin' })`, ['begin', 'GET /home']],
  ["k6's own name tag", `http.get(base + '/r302/a?to=/home', { tags: { name: 'begin' } })`, ['begin']],
  [
    'a batch',
    `http.batch([['GET', base + '/r302/a?plain&to=/r302/b%3Fplain%26to=/c%3Fplain'], { method: 'POST', url: base + '/ok?plain', body: 'x' }])`,
    ['GET /r302/a', 'POST /ok', 'GET /r302/b', 'GET /c'],
  ],
  [
    'an awaited request',
    `await http.asyncRequest('POST', base + '/r302/a?to=/home', 'x')`,
    ['POST /r302/a', 'GET /home'],
  ],
];

describe('requests of the scenario API', function () {
  this.timeout(120_000);
  let k6: K6;
  const server = new RedirectingServer();

  before(async function () {
    this.timeout(K6_BUILD_TIMEOUT_MS);
    k6 = await testK6();
    await server.listen();
  });
  after(() => {
    server.close();
    removeTemporaryProjects();
  });

  /** The requests and the `name` tags of one script that makes every call. */
  const runWith = async (imported: string) => {
    const calls = requests.map(
      ([, call]) => `{ const r = ${call}; if (r.status) console.log(r.status + ' ' + r.url); }`,
    );
    const root = temporaryProject({
      'script.js': `import { baseUrl } from 'novaperf';\n${imported}\nexport const options = { iterations: 1, maxRedirects: 3, noCookiesReset: true };\nconst base = __ENV.BASE_URL;\nexport default async function () { ${calls.join('\n')} }`,
    });
    server.seen.length = 0;
    const run = await runOnK6(k6, await bundleScript(join(root, 'script.js')), { BASE_URL: server.url });
    expect(run.exitCode).to.equal(0);
    const names = [...run.samples.keys()].flatMap((key) =>
      key.startsWith('http_reqs{') ? (/name=([^,}]*)/.exec(key)?.[1] ?? '').replace(/:\d{4,5}/, ':PORT') : [],
    );
    return { seen: [...server.seen], names: new Set(names), log: run.log };
  };

  it("are the same on the wire as k6's, including redirects, with the same result", async () => {
    const plain = await runWith(`import http from 'k6/http';`);
    const named = await runWith(`import { http } from 'novaperf';`);
    expect(inOrder(named.seen)).to.deep.equal(inOrder(plain.seen));
    expect(plain.seen.length).to.be.above(requests.length);
    expect(named.log).to.deep.equal(plain.log);
  });

  it('have names by method and path, and redirects have their own', async () => {
    const { names } = await runWith(`import { http } from 'novaperf';`);
    expect([...names].sort()).to.deep.equal([...new Set(requests.flatMap(([, , expected]) => expected))].sort());
  });

  it('have one name per method, in upper or lower case', async () => {
    const root = temporaryProject({
      'script.js': `import { baseUrl, http } from 'novaperf';
export const options = { iterations: 1 };
export default async () => {
  http.request('post', baseUrl + '/ok', 'x');
  await http.asyncRequest('Post', baseUrl + '/ok', 'x');
  http.batch([['get', baseUrl + '/ok'], { method: 'get', url: baseUrl + '/ok?b=1' }, baseUrl + '/ok?c=2']);
};`,
    });
    const run = await runOnK6(k6, await bundleScript(join(root, 'script.js')), { BASE_URL: server.url });
    const counts = [...run.samples].flatMap(([key, count]) =>
      key.startsWith('http_reqs{') ? [`${/name=([^,}]*)/.exec(key)?.[1]}: ${count}`] : [],
    );
    expect(counts.sort()).to.deep.equal(['GET /ok: 3', 'POST /ok: 2']);
  });

  const urls: [url: string, name: string][] = [
    ['/orders/01ARZ3NDEKTSV4RRFFQ69G5FAV', 'GET /orders/:id'],
    ['/users/ada%40example.com/orders/2024-05-01', 'GET /users/:id/orders/:id'],
    ['/orders/7?x=1#top', 'GET /orders/:id'],
    ['/v2/files/report.pdf', 'GET /v2/files/report.pdf'],
    ['', 'GET /'],
    ['0/token', 'GET 127.0.0.1:PORT/token'],
  ];
  it('are named after their path below the base URL, and after host and path elsewhere', async () => {
    const root = temporaryProject({
      'script.js': `import { baseUrl, http } from 'novaperf';\nexport const options = { iterations: 1 };\nexport default () => { for (const url of ${JSON.stringify(urls.map(([url]) => url))}) http.get(baseUrl + url, { timeout: 200 }); }`,
    });
    const run = await runOnK6(k6, await bundleScript(join(root, 'script.js')), { BASE_URL: 'http://127.0.0.1:1' });
    const names = [...run.samples.keys()].flatMap((key) =>
      key.startsWith('http_reqs{') ? (/name=([^,}]*)/.exec(key)?.[1] ?? '') : [],
    );
    const expected = urls.map(([, name]) => name.replace('PORT', '10'));
    expect([...new Set(names)].sort()).to.deep.equal([...new Set(expected)].sort());
  });
});

/** Requests of a batch arrive in any order. */
function inOrder(seen: readonly Seen[]): string[] {
  return seen.map((one) => JSON.stringify(one)).sort();
}
