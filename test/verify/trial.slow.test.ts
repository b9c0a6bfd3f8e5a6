// One iteration in real k6 before any load, against a real server, with every result that is not plausible.

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { findK6, type K6 } from '../../runner/k6/find.ts';
import { inspectScript } from '../../runner/k6/inspect.ts';
import { prepareScenario } from '../../runner/scenario/prepare.ts';
import { plausible, trialFlags, tryOnce } from '../../runner/verify/trial.ts';

const UNINTERRUPTED = {
  isRequested: false,
  onRequest: () => () => undefined,
  request: () => undefined,
  release: () => undefined,
};

describe('one iteration before the load', function () {
  this.timeout(120_000);
  let k6: K6;
  let server: Server;
  let url: string;
  let dir: string;
  let asked: string[];

  before(async () => {
    k6 = await findK6({ k6Flag: undefined, env: process.env, onProgress: () => undefined });
    dir = await mkdtemp(join(tmpdir(), 'trial-'));
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.statusCode = request.url?.startsWith('/broken') ? 503 : 200;
      response.end('{"items":[]}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  });
  beforeEach(() => {
    asked = [];
  });
  after(async () => {
    server.close();
    await rm(dir, { recursive: true, force: true });
  });

  async function tried(code: string) {
    const scriptPath = join(dir, 'script.js');
    await writeFile(scriptPath, code);
    const inspect = (...[bundle, env]: Parameters<Parameters<typeof prepareScenario>[0]['inspect']>) =>
      inspectScript(k6, bundle, env);
    const prepared = await prepareScenario({ scriptPath, flags: {}, inspect });
    const scenario = {
      ...prepared,
      kpis: [],
      needsEnvironment: true,
      environment: undefined,
      k6Args: [],
      k6Env: process.env,
      warnings: [],
      unread: [],
    };
    return plausible(await tryOnce({ scenario, k6, url, interrupt: UNINTERRUPTED }));
  }

  const BASE = "import http from 'k6/http'; import { check } from 'k6'; const b = __ENV.BASE_URL;";
  const LOAD = 'export const options = { vus: 50, duration: "1h" };';

  it('that succeeds passes, with the response to the first request', async () => {
    const found = await tried(
      `${BASE}${LOAD} export default () => { check(http.get(b + '/a', { tags: { name: 'GET /a' } }), { ok: (r) => r.status === 200 }); http.get(b + '/b'); }`,
    );
    expect(found.state, found.detail).to.equal('passed');
    expect(found.detail).to.match(
      /^2 requests, none failed; 1 check, all passed\. The first request got: GET \/a → 200 in [\d.]+ (ms|µs)\.$/,
    );
    expect(asked, 'one VU, one iteration, whatever the script asks for').to.deep.equal(['/a', '/b']);
    expect(await readdir(dir), 'nothing is written').to.deep.equal(['script.js']);
  });

  it('is one iteration of one VU despite K6_ variables', async () => {
    const variables = { K6_VUS: '7', K6_ITERATIONS: '30', K6_DURATION: '1h' };
    Object.assign(process.env, variables);
    try {
      const found = await tried(`${BASE}${LOAD} export default () => { http.get(b + '/a'); }`);
      expect(found.state, found.detail).to.equal('passed');
      expect(asked).to.deep.equal(['/a']);
    } finally {
      for (const name of Object.keys(variables)) delete process.env[name];
    }
  });

  it('runs every function of the script once', async () => {
    const found = await tried(`${BASE} export const options = { scenarios: {
      one: { executor: 'constant-arrival-rate', rate: 90, duration: '1h', preAllocatedVUs: 9, exec: 'first' },
      two: { executor: 'ramping-vus', stages: [{ duration: '1h', target: 9 }], exec: 'second', env: { WHAT: 'x' } } } };
      export function first() { http.get(b + '/first'); } export function second() { http.get(b + '/second/' + __ENV.WHAT); }`);
    expect(found.state, found.detail).to.equal('passed');
    expect(asked.toSorted()).to.deep.equal(['/first', '/second/x']);
  });

  const rows: [string, string, 'failed' | 'warning', RegExp][] = [
    [
      'a request that fails',
      `http.get(b + '/a', { tags: { name: 'GET /a' } }); http.get(b + '/broken/7', { tags: { name: 'GET /broken' } });`,
      'failed',
      /found GET \/broken → 503\. The first request got: GET \/a → 200/,
    ],
    ['a connection that is refused', `http.get('http://127.0.0.1:1/');`, 'failed', /no response \(.*refused/],
    [
      'a check that fails',
      `check(http.get(b + '/a'), { 'has items': () => false, fine: () => true });`,
      'failed',
      /found failing: "has items"\./,
    ],
    ['an exception', `http.get(b + '/a'); null.x;`, 'failed', /found TypeError: .* in iteration at .*script\.js:1:\d+/],
    ['no request at all', '', 'warning', /sent no request/],
  ];
  for (const [what, body, state, detail] of rows) {
    it(`is not plausible with ${what}`, async () => {
      const found = await tried(`${BASE}${LOAD} export default () => { ${body} }`);
      expect(found.state, found.detail).to.equal(state);
      expect(found.detail).to.match(detail);
    });
  }

  it('reports an exception in setup()', async () => {
    const found = await tried(
      `${BASE} export function setup() { throw new Error('no users'); } export default () => {}`,
    );
    expect(found.state).to.equal('failed');
    expect(found.detail).to.match(/found Error: no users in setup/);
  });

  const flagRows: [string[], string[]][] = [
    [
      ['--vus', '3', '--duration=4s', '--tag', 'a=b'],
      ['--tag', 'a=b'],
    ],
    [['--iterations', '9', '--out', 'csv=x', '--insecure-skip-tls-verify'], ['--insecure-skip-tls-verify']],
    [
      ['--console-output', 'x', '--out=json=y', '--max-redirects', '0'],
      ['--max-redirects', '0'],
    ],
    [
      ['--stage', '5s:10', '--stage=5s:0', '--user-agent', 'x'],
      ['--user-agent', 'x'],
    ],
  ];
  for (const [args, kept] of flagRows) {
    it(`keeps only ${kept.join(' ')} of ${args.join(' ')}`, () => {
      expect(trialFlags(args)).to.deep.equal(kept);
    });
  }
});
