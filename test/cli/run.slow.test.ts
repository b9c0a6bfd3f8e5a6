// novaperf run as a new user starts it, with real k6, the demo and the shipped scenarios, and how it can end.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { completionSchema } from '../../runner/model/completion.ts';
import { novaperf as calledHere } from './in-process.ts';
import { archived, novaperf, project, readResult, runFolders, start } from './novaperf.ts';

/** A server other than the demo: answers everything with 200, or as `answer` says. */
async function listen(
  answer: (path: string) => number = () => 200,
): Promise<{ url: string; server: Server; hits: () => number }> {
  let hits = 0;
  const server = createServer((request, response) => {
    hits++;
    response.statusCode = answer(request.url ?? '/');
    response.setHeader('content-type', 'application/json');
    response.end('{"ok":true}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const { port }: AddressInfo =
    typeof address === 'object' && address !== null ? address : { address: '', family: '', port: 0 };
  return { url: `http://127.0.0.1:${port}`, server, hits: () => hits };
}

const PLAIN = (body: string, options = '{ vus: 2, iterations: 10 }') => `
import http from 'k6/http';
import { check, sleep } from 'k6';
export const options = ${options};
export default function () { ${body} }
`;

/** Waits until `hits` has not changed for a second; fails where it goes on for 20. */
async function silence(hits: () => number): Promise<void> {
  for (let seconds = 0; seconds < 20; seconds++) {
    const before = hits();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    if (hits() === before) return;
  }
  expect.fail('requests go on after the kill');
}

describe('novaperf run', function () {
  this.timeout(240_000);

  it('runs every shipped scenario against the demo, writes reports and records, and leaves no process', async () => {
    const { dir, remove } = await project({ shipped: true, typed: true });
    const { code, stdout, stderr } = await novaperf(['run', '--profile', 'smoke', '--duration', '2s', '--json'], {
      cwd: dir,
    });
    expect(code, stderr).to.equal(0);
    const document = completionSchema.parse(JSON.parse(stdout));
    expect(document).to.include({ outcome: 'pass', exit_code: 0, decision: 'go' });
    expect(stdout.length).to.be.below(10_000);
    expect(document.scenarios.map(({ scenario }) => scenario)).to.deep.equal(['browse-catalog', 'checkout', 'search']);
    const out = join(dir, '.nova/reports/qa/performance');
    expect(JSON.parse(await readFile(join(out, 'completion.json'), 'utf8'))).to.deep.equal(document);
    expect(await readFile(join(out, 'completion.md'), 'utf8')).to.match(/^# Go: Catalog, Checkout, Search\n/);
    const folders = await runFolders(dir);
    expect(folders).to.have.length(3);
    for (const folder of folders) {
      const result = await readResult(folder);
      const files = await readdir(folder);
      expect(files).to.include.members(Object.values(result.files));
      expect(files.filter((file) => file.endsWith('.part'))).to.deep.equal([]);
      expect(result.iterations.completed).to.be.above(0);
      expect(result.kpis.every(({ verdict }) => verdict === 'pass')).to.equal(true);
      expect(result.partial).to.equal(false);
    }
    const active = await readFile(join(dir, 'conport/active_context.yaml'), 'utf8');
    expect(active).to.include('state_of_the_union');
    const target = new URL((await readResult(folders[0] ?? '')).target_url);
    const isGone = await fetch(target).then(
      () => false,
      () => true,
    );
    expect(isGone, 'the demo shop is gone').to.equal(true);
    await remove();
  });

  it('exits with 99 and names the missed target', async () => {
    const { dir, remove } = await project();
    const { url, server } = await listen((path) => (path === '/slow' ? 503 : 200));
    const script = join(dir, 'script.js');
    await writeFile(
      script,
      PLAIN(`http.get('${url}/slow');`, `{ vus: 1, iterations: 5, thresholds: { http_req_failed: ['rate<0.01'] } }`),
    );
    const { code, stdout, stderr } = await novaperf(['run', 'script.js'], { cwd: dir });
    server.close();
    expect(code, stderr).to.equal(99);
    expect(stdout)
      .to.match(/FAILED .*rate of http_req_failed/)
      .and.to.match(/rate of http_req_failed │ < 1 %.*✗ missed/);
    await remove();
  });

  it('warns of a threshold without samples, suggests the nearest tag that occurred, and exits with 0 as k6 does', async () => {
    const { dir, remove } = await project();
    const { url, server } = await listen();
    await writeFile(
      join(dir, 'script.js'),
      PLAIN(
        `http.get('${url}/', { tags: { name: 'home page' } });`,
        `{ iterations: 3, thresholds: { 'http_req_duration{name:homepage}': ['p(95)<500'] } }`,
      ),
    );
    const { code, stderr } = await calledHere(['run', 'script.js'], { cwd: dir });
    server.close();
    expect(code, stderr).to.equal(0);
    const [folder = ''] = await runFolders(dir);
    const { kpis, findings } = await readResult(folder);
    const [kpi] = kpis;
    expect(kpi).to.include({ verdict: 'no_data', no_data_passes: true });
    expect(findings.find(({ kind }) => kind === 'no_data')?.severity).to.equal('medium');
    expect(kpi?.actual).to.equal(null);
    expect(kpi?.note).to.include('home page');
    await remove();
  });

  it('exits with 107 when every iteration throws, with file and line of the TypeScript', async () => {
    const { dir, remove } = await project();
    await writeFile(
      join(dir, 'throws.ts'),
      `export const options = { iterations: 4 };\ninterface A { b: number }\nexport default function () {\n  const a: A = { b: 1 };\n  throw new Error('no ' + a.b);\n}\n`,
    );
    const { code, stdout, stderr } = await novaperf(['run', 'throws.ts'], { cwd: dir });
    expect(stdout).to.match(/^ +at throws\.ts:5:\d+$/m);
    expect(code, stderr).to.equal(107);
    expect(stdout).to.include('the script threw an exception in every iteration (4)');
    const [folder = ''] = await runFolders(dir);
    const [error] = (await readResult(folder)).errors;
    expect(error?.count).to.equal(4);
    expect(error?.where).to.match(/throws\.ts:5:\d+$/);
    await remove();
  });

  it('gives no verdict on response times if no request reached a server', async () => {
    const { dir, remove } = await project();
    const { url, server } = await listen();
    server.close();
    await writeFile(
      join(dir, 'script.js'),
      PLAIN(`http.get('${url}/');`, `{ iterations: 5, thresholds: { http_req_duration: ['p(95)<500'] } }`),
    );
    const { code, stderr } = await calledHere(['run', 'script.js'], { cwd: dir });
    expect(code, stderr).to.equal(99);
    const [folder = ''] = await runFolders(dir);
    const result = await readResult(folder);
    expect(result.kpis[0]?.verdict).to.equal('no_data');
    expect(result.errors[0]).to.include({ kind: 'transport', count: 5 });
    await remove();
  });

  it('ends the run early when a threshold with abortOnFail is crossed', async () => {
    const { dir, remove } = await project();
    const { url, server } = await listen(() => 500);
    await writeFile(
      join(dir, 'script.js'),
      PLAIN(
        `http.get('${url}/'); sleep(0.02);`,
        `{ vus: 1, duration: '60s', thresholds: { http_req_failed: [{ threshold: 'rate<0.5', abortOnFail: true, delayAbortEval: '1s' }] } }`,
      ),
    );
    const { code, stderr } = await calledHere(['run', 'script.js'], { cwd: dir });
    server.close();
    expect(code, stderr).to.equal(99);
    const [folder = ''] = await runFolders(dir);
    const result = await readResult(folder);
    expect(result.duration_ms).to.be.below(30_000);
    expect(result.partial).to.equal(true);
    expect(result.status_reason).to.include('abortOnFail');
    await remove();
  });

  it('reports an interrupted run as partial and exits with 105', async () => {
    const { dir, remove } = await project();
    const { url, server, hits } = await listen();
    await writeFile(join(dir, 'script.js'), PLAIN(`http.get('${url}/'); sleep(0.005);`, `{ vus: 1, duration: '60s' }`));
    const { child, ended } = start(['run', 'script.js'], { cwd: dir });
    while (hits() < 200) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    server.close();
    expect(code, stderr).to.equal(105);
    expect(stdout).to.include('ABORTED');
    const [folder = ''] = await runFolders(dir);
    const result = await readResult(folder);
    expect(result).to.include({ status: 'aborted', partial: true });
    expect(result.metrics.http_reqs?.count).to.be.at.least(200);
    await remove();
  });

  it('can be killed: k6 ends too, and novaperf report renders the run as partial', async () => {
    const { dir, remove } = await project();
    const { url, server, hits } = await listen();
    await writeFile(join(dir, 'script.js'), PLAIN(`http.get('${url}/'); sleep(0.02);`, `{ vus: 1, duration: '120s' }`));
    const { child, ended } = start(['run', 'script.js'], { cwd: dir });
    await archived(dir, ({ metrics }) => metrics.total('http_reqs') !== undefined);
    child.kill('SIGKILL');
    await ended;
    // k6 ends at its first write after the reader of its stream is gone.
    await silence(hits);
    server.close();
    const [folder = ''] = await runFolders(dir);
    const { code, stdout, stderr } = await novaperf(['report', folder], { cwd: dir });
    expect(code, stderr).to.equal(105);
    expect(stdout).to.include('ABORTED');
    const result = await readResult(folder);
    expect(result.partial).to.equal(true);
    expect(result.metrics.http_reqs?.count).to.be.above(0);
    expect(await readFile(join(folder, 'report.html'), 'utf8')).to.include('</html>');
    await remove();
  });

  it('prints the plan and the k6 command line with --dry-run, and runs nothing', async () => {
    const { dir, remove } = await project({ shipped: true });
    const { code, stdout, stderr } = await calledHere(
      ['run', 'search', '--profile', 'soak', '--duration', '90s', '--dry-run'],
      {
        cwd: dir,
      },
    );
    expect(code, stderr).to.equal(0);
    expect(stdout)
      .to.include('search: soak')
      .and.to.match(/k6 run .*--out/)
      .and.to.include('NOVAPERF_DURATION=90s');
    expect(await readdir(dir)).not.to.include('.nova');
    const asData = await calledHere(['run', 'search', '--dry-run', '--json'], { cwd: dir });
    const document = JSON.parse(asData.stdout);
    expect(document).to.include({ dry_run: true, environment: 'demo' });
    expect(document.scenarios[0]).to.include({ scenario: 'search', profile: 'load', component: 'Search' });
    await remove();
  });

  for (const stream of ['histograms', 'samples']) {
    it(`gives k6's exact counts through the ${stream} stream, and the same numbers when the run is rendered again`, async () => {
      const { dir, remove } = await project();
      const { url, server, hits } = await listen((path) => (path.endsWith('3') ? 404 : 200));
      await writeFile(
        join(dir, 'script.js'),
        PLAIN(
          `http.get('${url}/' + __ITER, { tags: { name: 'item' } }); check(1, { odd: () => __ITER % 2 === 1 });`,
          '{ vus: 1, iterations: 50 }',
        ),
      );
      const { code, stderr } = await calledHere(['run', 'script.js', '--stream', stream, '--keep-raw'], { cwd: dir });
      server.close();
      expect(code, stderr).to.equal(0);
      const [folder = ''] = await runFolders(dir);
      const result = await readResult(folder);
      expect(result.k6.stream).to.equal(stream);
      expect(hits()).to.equal(50);
      expect(result.metrics.http_reqs?.count).to.equal(50);
      expect(result.endpoints[0]).to.include({ name: 'item', requests: 50, failed: 5 });
      expect(result.endpoints[0]?.statuses).to.deep.equal({ '200': 45, '404': 5 });
      expect(result.checks[0]).to.include({ name: 'odd', passes: 25, fails: 25 });
      await calledHere(['report', folder], { cwd: dir });
      expect(await readResult(folder)).to.deep.equal(result);
      await remove();
    });
  }
});
