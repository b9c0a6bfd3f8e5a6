// What is verified before load: errors, exit code 3, no load, and the checks in the result.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { completionSchema } from '../../runner/model/completion.ts';
import { novaperf } from './in-process.ts';
import { project, readResult, runFolders, start } from './novaperf.ts';

describe('before the load', function () {
  this.timeout(180_000);
  let server: Server;
  let port: number;
  let requests: number;
  let dir: string;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    requests = 0;
    server = createServer((request, response) => {
      if (request.url !== '/') requests++;
      if (request.url === '/hang') return;
      response.statusCode = request.url === '/broken' ? 500 : 200;
      response.end('ok');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
    ({ dir, remove } = await project());
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await remove();
  });

  const script = (body: string) =>
    writeFile(
      join(dir, 'script.js'),
      `import http from 'k6/http'; import ws from 'k6/ws'; import grpc from 'k6/net/grpc'; import { check } from 'k6'; export const options = { vus: 1, iterations: 5 }; export default function () { ${body} }`,
    );
  const forbid = async (...patterns: string[]) => {
    await mkdir(join(dir, 'conport/custom_data/ProjectConfig'), { recursive: true });
    await writeFile(
      join(dir, 'conport/custom_data/ProjectConfig/ActiveConfig.yaml'),
      `category: ProjectConfig\nkey: ActiveConfig\nvalue:\n  testing:\n    performance:\n      forbid: ${JSON.stringify(patterns)}\n`,
    );
  };
  const progress = async () => parse(await readFile(join(dir, 'conport/progress/1.yaml'), 'utf8'));

  it('no connection is made to a forbidden host, and the records say why', async () => {
    await forbid('127.0.0.0/8');
    await script("http.get(__ENV.BASE_URL + '/x');");
    const args = ['run', 'script.js', '--base-url', `http://127.0.0.1:${port}`];
    const { code, stderr } = await novaperf(args, { cwd: dir });
    expect(code, stderr).to.equal(3);
    expect(stderr).to.include('testing.performance.forbid of ProjectConfig has 127.0.0.0/8');
    expect(requests).to.equal(0);
    expect(await progress()).to.have.property('status', 'FAILED');
  });

  it('k6 cannot connect to a forbidden host that the script builds at run time', async () => {
    await forbid('*.shop.localhost', '127.0.0.2');
    await script(
      `const where = ['www', 'shop', 'localhost'].join('.'); http.get('http://' + where + ':${port}/x'); http.get('http://' + [127, 0, 0, 2].join('.') + ':${port}/x'); http.get('http://127.0.0.1:${port}/y');`,
    );
    const { code, stderr } = await novaperf(['run', 'script.js'], { cwd: dir });
    const result = await readResult((await runFolders(dir))[0] ?? '');
    expect(requests, 'only those to 127.0.0.1').to.equal(5);
    expect(result.errors.map(({ message }) => message).join('; ')).to.match(/blocked/i);
    expect(code, stderr).to.equal(0);
  });

  it('k6 cannot connect to a forbidden host over WebSocket and gRPC', async () => {
    await forbid('*.shop.localhost', '127.0.0.2');
    let connections = 0;
    server.on('connection', () => connections++);
    await script(
      `const to = __ITER % 2 === 0 ? 'www.shop.localhost' : '127.0.0.2'; const client = new grpc.Client();
       const session = ws.connect('ws://' + to + ':${port}/x', () => {}); let refused = '';
       try { client.connect(to + ':${port}', { plaintext: true, timeout: '200ms' }); } catch (error) { refused = String(error); }
       check(null, { websocket: () => /blocked|blacklisted/.test(session.error), grpc: () => /blocked|blacklisted/.test(refused) });`,
    );
    const { code, stderr } = await novaperf(['run', 'script.js'], { cwd: dir });
    const result = await readResult((await runFolders(dir))[0] ?? '');
    expect(result.checks.map(({ name, passes, fails }) => [name, passes, fails])).to.have.deep.members([
      ['websocket', 5, 0],
      ['grpc', 5, 0],
    ]);
    expect(connections).to.equal(0);
    expect(code, stderr).to.equal(0);
  });

  it('k6 connects only to the hosts of "only", whatever the script requests', async () => {
    await mkdir(join(dir, 'conport/custom_data/ProjectConfig'), { recursive: true });
    await writeFile(
      join(dir, 'conport/custom_data/ProjectConfig/ActiveConfig.yaml'),
      'category: ProjectConfig\nkey: ActiveConfig\nvalue:\n  testing:\n    performance:\n      only: [192.0.2.7]\n',
    );
    await script(
      `http.get('http://' + [203, 0, 113, 9].join('.') + '/x', { timeout: '5s' }); http.get('http://127.0.0.1:${port}/y');`,
    );
    const { code, stderr } = await novaperf(['run', 'script.js'], { cwd: dir });
    const result = await readResult((await runFolders(dir))[0] ?? '');
    expect(requests, 'this machine is always allowed').to.equal(5);
    expect(result.errors.map(({ message }) => message).join('; ')).to.match(/black|block/i);
    expect(result.hosts.map(({ host, requests }) => [host, requests])).to.deep.equal([
      ['127.0.0.1', 5],
      ['203.0.113.9', 5],
    ]);
    expect(code, stderr).to.equal(0);
  });

  it('--verify sends no load after a failed iteration', async () => {
    await script("http.get(__ENV.BASE_URL + '/broken', { tags: { name: 'GET /broken' } });");
    const { code, stdout, stderr } = await novaperf(
      ['run', 'script.js', '--verify', '--base-url', `http://127.0.0.1:${port}`, '--json'],
      { cwd: dir },
    );
    expect(code, stderr).to.equal(3);
    const completion = completionSchema.parse(JSON.parse(stdout));
    expect(completion).to.include({ outcome: 'error', exit_code: 3, decision: 'no-go' });
    expect(completion.error?.message).to.include('GET /broken');
    expect(completion.records?.test_execution_report?.local).to.match(/_Performance_/);
    expect(stderr).to.include('found GET /broken → 500');
    expect(requests, 'one iteration').to.equal(1);
    expect(await progress()).to.have.property('status', 'FAILED');
  });

  it('a call that cannot start a cycle is printed, and recorded in a project with records', async () => {
    await mkdir(join(dir, 'conport'), { recursive: true });
    const refused = await novaperf(['run', 'no-such-scenario', '--json'], { cwd: dir });
    expect(refused.code).to.equal(2);
    const completion = completionSchema.parse(JSON.parse(refused.stdout));
    expect(completion).to.include({ outcome: 'error', exit_code: 2, decision: 'no-go' });
    expect(completion.records?.progress.local).to.be.greaterThan(0);
    expect(refused.stderr).to.include('no-such-scenario');
    const without = await novaperf(['run', 'no-such-scenario', '--json', '--no-records'], { cwd: dir });
    expect(completionSchema.parse(JSON.parse(without.stdout)).records).to.equal(null);
  });

  it('an interrupt while --verify waits for an iteration ends the cycle with 105, and no run', async () => {
    await script("http.get(__ENV.BASE_URL + '/x'); http.get(__ENV.BASE_URL + '/hang', { timeout: '50s' });");
    const args = ['run', 'script.js', '--verify', '--base-url', `http://127.0.0.1:${port}`];
    const { child, ended } = start(args, { cwd: dir });
    while (requests < 2) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code, stderr).to.equal(105);
    expect(stderr).not.to.include('Expected');
    expect(requests).to.equal(2);
    expect(await runFolders(dir)).to.deep.equal([]);
    expect(await progress()).to.have.property('status', 'BLOCKED');
  });

  it('every check is in the result and in the report, also after novaperf report', async () => {
    await script("http.get(__ENV.BASE_URL + '/x');");
    const { code, stdout, stderr } = await novaperf(
      ['run', 'script.js', '--verify', '--base-url', `http://127.0.0.1:${port}`],
      { cwd: dir },
    );
    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(
      /verified {2}script: 1 request, none failed; 0 checks\. The first request got: .* → 200 in/,
    );
    expect(requests, 'one for the trial, five for the run').to.equal(6);
    const folder = (await runFolders(dir))[0] ?? '';
    const { verification } = await readResult(folder);
    expect(verification?.map(({ id, state }) => `${id} ${state}`)).to.deep.equal([
      'name skipped',
      'allowed passed',
      'tcp passed',
      'tls skipped',
      'health passed',
      'build skipped',
      'clock passed',
      'hosts skipped',
      'files passed',
      'ports passed',
      'trial passed',
    ]);
    await novaperf(['report', folder], { cwd: dir });
    expect((await readResult(folder)).verification).to.deep.equal(verification);
    const html = await readFile(join(folder, 'report.html'), 'utf8');
    expect(html).to.include('One iteration').and.to.include('Accepts connections');
  });
});
