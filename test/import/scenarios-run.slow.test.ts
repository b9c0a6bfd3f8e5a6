// Scenarios from what exists compile under strict and run on k6; large files take seconds.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { importScenario } from '../../runner/import/import-scenario.ts';
import type { K6 } from '../../runner/k6/find.ts';
import { bundleScript } from '../../runner/scenario/bundle.ts';
import { typecheckScenarios } from '../../runner/scenario/typecheck.ts';
import { packageRoot } from '../../runner/system/package-root.ts';
import { K6_BUILD_TIMEOUT_MS, runOnK6, testK6 } from '../scenario/real-k6.ts';
import { removeTemporaryProjects, temporaryProject } from '../scenario/temporary-project.ts';
import { CURL, HAR, harEntry, OPENAPI, POSTMAN } from './samples.ts';

const OPTIONS = { name: 'shop', component: 'Shop' };

describe('scenarios from what exists', () => {
  let k6: K6;
  let server: Server;
  let base = '';
  const seen: string[] = [];
  before(async function () {
    this.timeout(K6_BUILD_TIMEOUT_MS);
    k6 = await testK6();
    server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`.trim());
      request.resume();
      response.setHeader('content-type', 'application/json');
      if (request.url?.startsWith('/orders?') === true && request.method === 'POST') {
        response.writeHead(201).end('{"order":{"id":777}}');
      } else response.end('{"auth":{"token":"fresh-token-1"}}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    base = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  });
  after(() => {
    server.close();
    removeTemporaryProjects();
  });

  it('compile under strict, with hostile texts too', async () => {
    const root = temporaryProject({
      'scenarios/tsconfig.json': readFileSync(join(packageRoot, 'scenarios/tsconfig.json'), 'utf8'),
      'shop.har': JSON.stringify(HAR),
      'api.json': JSON.stringify(OPENAPI),
      'postman.json': JSON.stringify(POSTMAN),
    });
    const rendered = {
      har: await importScenario({ kind: 'har', path: join(root, 'shop.har') }, OPTIONS),
      api: await importScenario({ kind: 'openapi', path: join(root, 'api.json') }, OPTIONS),
      postman: await importScenario({ kind: 'postman', path: join(root, 'postman.json') }, OPTIONS),
      curl: await importScenario({ kind: 'curl', command: CURL }, OPTIONS),
    };
    mkdirSync(join(root, 'scenarios'), { recursive: true });
    for (const [name, { source }] of Object.entries(rendered))
      writeFileSync(join(root, `scenarios/${name}.ts`), source);
    expect(await typecheckScenarios(root)).to.deep.equal([]);
    for (const name of Object.keys(rendered)) await bundleScript(join(root, `scenarios/${name}.ts`));
  });

  it('pass tokens and ids of fresh responses to later requests', async () => {
    const root = temporaryProject({ 'shop.har': JSON.stringify(HAR) });
    const { source } = await importScenario({ kind: 'har', path: join(root, 'shop.har') }, OPTIONS);
    writeFileSync(join(root, 'shop.ts'), source.replace(/sleep\([\d.]+\);/g, ''));
    const env = { BASE_URL: base, API_EXAMPLE_COM_URL: base, NOVAPERF_TRIAL: '1', KEY: 'k' };
    const { exitCode } = await runOnK6(k6, await bundleScript(join(root, 'shop.ts')), env);
    expect(exitCode).to.equal(0);
    expect(seen).to.deep.equal([
      'GET /',
      'POST /login',
      'POST /cart Bearer fresh-token-1',
      'POST /orders?key=k Bearer fresh-token-1',
      'GET /orders/777 Bearer fresh-token-1',
      'PATCH /orders/777 Bearer fresh-token-1',
    ]);
  });

  it('fail checks, and do not throw, if a response is not JSON or missing', async () => {
    const html = createServer((request, response) => {
      request.resume();
      response.setHeader('content-type', 'text/html').end('<html>Sorry</html>');
    });
    await new Promise<void>((resolve) => html.listen(0, '127.0.0.1', resolve));
    const address = html.address();
    const page = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
    const root = temporaryProject({ 'shop.har': JSON.stringify(HAR), 'api.json': JSON.stringify(OPENAPI) });
    const options = { name: 'shop', component: 'Shop' };
    const har = await importScenario({ kind: 'har', path: join(root, 'shop.har') }, options);
    const api = await importScenario({ kind: 'openapi', path: join(root, 'api.json') }, options);
    writeFileSync(join(root, 'har.ts'), har.source.replace(/sleep\([\d.]+\);/g, ''));
    writeFileSync(join(root, 'api.ts'), api.source.replace('sleep(1);', 'for (const [, each] of operations) each();'));
    try {
      for (const [script, requests, failed] of [
        ['har.ts', 6, 3],
        ['api.ts', 5, 2],
      ] as const) {
        const bundle = await bundleScript(join(root, script));
        for (const url of [page, 'http://127.0.0.1:1']) {
          const env = { BASE_URL: url, API_EXAMPLE_COM_URL: url, NOVAPERF_TRIAL: '1' };
          const { failedChecks, samples, log } = await runOnK6(k6, bundle, env);
          const sent = [...samples].reduce((sum, [key, n]) => sum + (key.startsWith('http_reqs{') ? n : 0), 0);
          expect(sent, log.join('\n')).to.be.at.least(requests);
          expect(failedChecks).to.be.at.least(failed);
          expect(log.filter((line) => /GoError|TypeError/.test(line))).to.deep.equal([]);
        }
      }
    } finally {
      html.close();
    }
  });

  it('are made within seconds and bounded memory from a HAR of 50 MB and a description of 2,000 operations', async function () {
    this.timeout(120_000);
    const answer = JSON.stringify({
      items: Array.from({ length: 300 }, (_, index) => ({ id: index, text: 'x'.repeat(60) })),
    });
    const entries = Array.from({ length: 2000 }, (_, index) =>
      harEntry('GET', `http://a.test/items/${index}?session=abc${index}`, {
        at: index,
        page: `p${index % 50}`,
        answer,
      }),
    );
    const paths = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [`/things${index}`, OPENAPI.paths['/pets']]),
    );
    const root = temporaryProject({
      'big.har': JSON.stringify({ log: { entries } }),
      'big.json': JSON.stringify({ ...OPENAPI, paths }),
    });
    expect(readFileSync(join(root, 'big.har')).length).to.be.above(50_000_000);
    const startedCpu = process.cpuUsage();
    const big = await importScenario({ kind: 'har', path: join(root, 'big.har') }, OPTIONS);
    const many = await importScenario({ kind: 'openapi', path: join(root, 'big.json') }, OPTIONS);
    const cpu = process.cpuUsage(startedCpu);
    expect((cpu.user + cpu.system) / 1e6).to.be.below(20);
    expect(big.source.match(/http\.get\(/g)).to.have.length(2000);
    expect(many.source.match(/^function /gm)).to.have.length(2000);
  });
});
