// k6 runs in the user's folder: relative paths, handleSummary(), further outputs, and scripts from archives, stdin and
// URLs.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { cacheFolder } from '../../runner/system/cache-folder.ts';
import { needsK6, realK6 } from '../k6/real-k6.ts';
import { authority } from '../verify/certificates.ts';
import { novaperf } from './in-process.ts';
import { readResult, start } from './novaperf.ts';

const NO_IDLE = ['--baseline-time', '0s', '--recovery-time', '0s'];

async function onlyResult(dir: string) {
  const entries = await readdir(dir, { withFileTypes: true });
  const [folder] = entries.filter((entry) => entry.isDirectory());
  return readResult(join(dir, folder?.name ?? ''));
}

const SCRIPT = `
import secrets from 'k6/secrets';
const data = open('./data.txt');
export const options = { vus: 1, iterations: 3, thresholds: { iterations: ['count>1'] } };
export default async function () {
  if (data !== 'hello' || (await secrets.get('key')) !== 'value') throw new Error('not as in k6');
}
export function handleSummary({ metrics }) {
  const { values, thresholds } = metrics.iterations;
  return { 'summary.json': JSON.stringify({ count: values.count, ok: thresholds['count>1'].ok }), stdout: 'THE SUMMARY' };
}
`;

describe("k6 in the user's folder", function () {
  this.timeout(120_000);
  needsK6();
  let dir = '';

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'novaperf-folder-'));
    await mkdir(join(dir, 'load'));
    await writeFile(join(dir, 'load', 'shop.js'), SCRIPT);
    await writeFile(join(dir, 'load', 'data.txt'), 'hello');
    await writeFile(join(dir, 'secrets.env'), 'key=value\n');
    await writeFile(
      join(dir, 'plain.js'),
      'export const options = { iterations: 2, thresholds: { iterations: ["count==2"] } };\nexport default function () {}\n',
    );
  });
  after(() => rm(dir, { recursive: true }));

  const env = { K6_SECRET_SOURCE: 'file=secrets.env' };

  it('reads secrets and writes files of handleSummary() and outputs there, while open() is relative to the script', async () => {
    const ended = await novaperf(
      ['run', 'load/shop.js', '--no-records', '--out', 'runs', ...NO_IDLE, '--', '-o', 'csv=all.csv'],
      {
        cwd: dir,
        env,
      },
    );
    expect(ended.code, ended.stderr).to.equal(0);
    expect(JSON.parse(await readFile(join(dir, 'summary.json'), 'utf8'))).to.deep.equal({ count: 3, ok: true });
    expect(await readFile(join(dir, 'all.csv'), 'utf8')).to.match(/^metric_name,timestamp,/);
    expect(ended.stderr).to.include('THE SUMMARY');
    const result = await onlyResult(join(dir, 'runs'));
    expect(result).to.deep.include({ status: 'pass' });
    expect(result.stream).to.deep.include({ bad_lines: 0, lost_lines: 0, complete: true });
  });

  it('writes the outputs of K6_OUT too, and keeps those of two scripts with one name apart', async () => {
    for (const folder of ['svc-a', 'svc-b']) {
      await mkdir(join(dir, folder));
      await writeFile(join(dir, folder, 'test.js'), await readFile(join(dir, 'plain.js')));
    }
    const ended = await novaperf(['run', 'svc-a/test.js', 'svc-b/test.js', '--no-records', '--out', 'two'], {
      cwd: dir,
      env: { K6_OUT: 'csv=env.csv' },
    });
    expect(ended.code, ended.stderr).to.equal(0);
    expect(await readFile(join(dir, 'env.csv'), 'utf8')).to.match(/^metric_name,timestamp,/);
    const folders = (await readdir(join(dir, 'two'))).filter((name) => /^svc-[ab]-test_/.test(name));
    expect(folders).to.have.length(2);
  });

  it('skips handleSummary() with --no-handle-summary', async () => {
    await rm(join(dir, 'summary.json'), { force: true });
    const ended = await novaperf(['run', 'load/shop.js', '--no-records', '--out', 'silent', '--no-handle-summary'], {
      cwd: dir,
      env,
    });
    expect(ended.code, ended.stderr).to.equal(0);
    expect(await readFile(join(dir, 'summary.json')).catch(() => 'none')).to.equal('none');
  });

  it('runs archives with the files in them', async () => {
    const { path } = await realK6();
    await promisify(execFile)(path, ['archive', '-O', 'shop.tar', 'load/shop.js'], {
      cwd: dir,
      env: { ...process.env, ...env },
    });
    const ended = await novaperf(['run', 'shop.tar', '--no-records', '--out', 'archived'], { cwd: dir, env });
    expect(ended.code, ended.stderr).to.equal(0);
    const result = await onlyResult(join(dir, 'archived'));
    expect(result).to.deep.include({ scenario: 'shop', status: 'pass' });
    expect(result.iterations).to.include({ completed: 3 });
  });

  it('runs a script from stdin', async () => {
    const stdin = await readFile(join(dir, 'plain.js'), 'utf8');
    const { ended } = start(['run', '-', '--no-records', '--out', 'piped'], { cwd: dir, stdin });
    const { code, stderr } = await ended;
    expect(code, stderr).to.equal(0);
    expect((await onlyResult(join(dir, 'piped'))).iterations).to.include({ completed: 2 });
  });

  it('runs a script from a URL, with what it imports from there', async () => {
    const files: Readonly<Record<string, string>> = {
      '/lib/n.js': 'export const n = 4;\n',
      '/a.js':
        "import { n } from './lib/n.js';\nexport const options = { iterations: n, thresholds: { iterations: ['count==4'] } };\nexport default function () {}\n",
    };
    const { cert, issue } = await authority();
    const own = await issue({ toDays: 30, names: [{ type: 'ip', value: '127.0.0.1' }] });
    await writeFile(join(dir, 'ca.pem'), cert);
    const trusted = { SSL_CERT_FILE: join(dir, 'ca.pem'), NODE_EXTRA_CA_CERTS: join(dir, 'ca.pem') };
    const server = createServer(own, ({ url = '' }, response) =>
      response.end(files[url.replace(/\?.*/, '')] ?? ''),
    ).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      // NODE_EXTRA_CA_CERTS is read as a process begins.
      const ended = await start(['run', `https://127.0.0.1:${port}/a.js`, '--no-records', '--out', 'remote'], {
        cwd: dir,
        env: trusted,
      }).ended;
      expect(ended.code, ended.stderr).to.equal(0);
      expect((await onlyResult(join(dir, 'remote'))).iterations).to.include({ completed: 4 });
    } finally {
      server.close();
    }
  });

  it('reads the samples stream of a k6 that a build service provides, which lacks our output', async () => {
    const { path } = await realK6();
    const other = Buffer.from(
      `#!/bin/sh\ncase "$K6_OUT $*" in *novaperf=*) echo 'invalid output type novaperf' >&2; exit 255;; esac\nexec '${path}' "$@"\n`,
    );
    const checksum = createHash('sha256').update(other).digest('hex');
    const asked: unknown[] = [];
    const service = createHttpServer(async (request, response) => {
      const { host = '' } = request.headers;
      const body = await text(request);
      const artifact = { id: 'other', url: `http://${host}/k6`, checksum, dependencies: {} };
      if (request.url === '/build') asked.push(JSON.parse(body));
      response.end(request.url === '/build' ? JSON.stringify({ artifact }) : other);
    }).listen(0, '127.0.0.1');
    await once(service, 'listening');
    try {
      const { port } = service.address() as AddressInfo;
      await writeFile(
        join(dir, 'needs.js'),
        `'use k6 with k6/x/other >= v0.1.0';\n${await readFile(join(dir, 'plain.js'), 'utf8')}`,
      );
      const ended = await novaperf(['run', 'needs.js', '--no-records', '--out', 'fetched'], {
        cwd: dir,
        env: {
          K6_BUILD_SERVICE_URL: `http://127.0.0.1:${port}`,
          NOVAPERF_CACHE: cacheFolder(process.env),
          XDG_CACHE_HOME: join(dir, 'cache'),
        },
      });
      expect(ended.code, ended.stderr).to.equal(0);
      expect(asked[0]).to.deep.include({ dependencies: [{ name: 'k6/x/other', constraints: '>=v0.1.0' }] });
      const result = await onlyResult(join(dir, 'fetched'));
      expect(result.k6.stream).to.equal('samples');
      expect(result.iterations).to.include({ completed: 2 });
      expect(result.findings.some(({ title }) => title.includes('k6/x/other'))).to.equal(true);
    } finally {
      service.close();
    }
  });

  it('runs one iteration of an archive, of stdin and of a URL with --verify', async () => {
    let requests = 0;
    const { cert, issue } = await authority();
    const own = await issue({ toDays: 30, names: [{ type: 'ip', value: '127.0.0.1' }] });
    await writeFile(join(dir, 'ca.pem'), cert);
    const env = { SSL_CERT_FILE: join(dir, 'ca.pem'), NODE_EXTRA_CA_CERTS: join(dir, 'ca.pem') };
    const server = createServer(own, ({ url }, response) => {
      if (url === '/') requests++;
      response.end(url === '/' ? 'ok' : code);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const base = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const code = `import http from 'k6/http';
export const options = { vus: 1, iterations: 3 };
export default function () { http.get('${base}/'); }
`;
    try {
      await writeFile(join(dir, 'asks.js'), code);
      const { path } = await realK6();
      await promisify(execFile)(path, ['archive', '-O', 'asks.tar', 'asks.js'], {
        cwd: dir,
        env: { ...process.env, ...env },
      });
      for (const [script, out] of [
        ['asks.tar', 'verified-archive'],
        ['-', 'verified-stdin'],
        [`${base}/asks.js`, 'verified-url'],
      ] as const) {
        requests = 0;
        const { ended } = start(['run', script, '--verify', '--no-records', '--out', out], {
          cwd: dir,
          env,
          stdin: script === '-' ? code : '',
        });
        const { code: exitCode, stderr } = await ended;
        expect(exitCode, stderr).to.equal(0);
        expect(requests, script).to.equal(4);
        const result = await onlyResult(join(dir, out));
        expect(
          result.verification?.find(({ id }) => id === 'trial'),
          script,
        ).to.include({ state: 'passed' });
        expect(result.iterations, script).to.include({ completed: 3 });
      }
    } finally {
      server.close();
    }
  });

  it('lets a script load for as long as the configuration allows', async () => {
    const loads = 'const until = Date.now() + 1500; while (Date.now() < until) {}\nexport default function () {}\n';
    await writeFile(join(dir, 'loads.js'), loads);
    const config = join(dir, 'novaperf.config.json');
    for (const [timeout, code] of [
      ['1s', 2],
      ['1m', 0],
    ] as const) {
      await writeFile(config, JSON.stringify({ load_timeout: timeout }));
      const ended = await novaperf(['run', 'loads.js', '--no-records', '--out', 'loads'], { cwd: dir });
      expect(ended.code, ended.stderr).to.equal(code);
      if (code !== 0) expect(ended.stderr).to.match(/within 1 s[\s\S]*load_timeout/);
    }
    await rm(config);
  });
});
