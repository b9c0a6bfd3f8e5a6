// Scenarios that use the request helper, on real k6: what is kept of failed requests, and what is not.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { Result, ResultError } from '../../runner/model/result.ts';
import { ARCHIVE_FILE } from '../../runner/model/run-files.ts';
import { novaperf } from './in-process.ts';
import { archived, project, readResult, runFolders, start } from './novaperf.ts';

const SECRETS = {
  bearer: 'opaque-Bearer-text-1',
  password: 'hunter2-very-secret',
  cookie: 'c00kie-value-of-a-session',
  apiKey: 'plain api key value',
  query: 'query-secret-value',
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N',
  card: '4111 1111 1111 1111',
  random: 'q7Zt3Kp9Xw2Rb8Lm4Vc6Nf1Hd5',
  environment: 'vault.value.of.an.environment',
};

async function target(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void) {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => answer(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const { port }: AddressInfo =
    typeof address === 'object' && address !== null ? address : { address: '', family: '', port: 0 };
  // Node closes idle connections after 5 s; on a busy machine k6 may then write to a closed one and get a reset.
  server.keepAliveTimeout = 0;
  // A test that fails before it closes its server must not keep the process alive.
  server.unref();
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

/** A project with one scenario, with `body` as its default function; runs it against `url`. */
async function run(
  body: string,
  { url, options = '{ vus: 1, iterations: 1 }', env = {}, head = '' }: RunOptions,
): Promise<{ result: Result; folder: string; dir: string; said: string; remove(): Promise<void> }> {
  const { dir, remove } = await project({ shipped: true });
  const script = join(dir, 'scenarios', 'failing.ts');
  await writeFile(
    script,
    `import { group } from 'k6';
import { baseUrl, check, http } from 'novaperf';
export const options = ${options};
${head}
export default function (): void { ${body} }
group; check;
`,
  );
  const args = ['run', script, '--script-env', `BASE_URL=${url}`];
  const { stdout, stderr } = await novaperf(args, { cwd: dir, env });
  const [folder = ''] = await runFolders(dir);
  return { result: await readResult(folder), folder, dir, said: `${stdout}${stderr}`, remove };
}

interface RunOptions {
  readonly url: string;
  readonly options?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly head?: string;
}

function only(errors: readonly ResultError[], kind: ResultError['kind']): ResultError {
  const found = errors.filter((error) => error.kind === kind);
  expect(found).to.have.length(1);
  const [error] = found;
  if (error === undefined) throw new Error('unreachable');
  return error;
}

/** Every file below a folder as text, the gzipped ones unpacked. */
async function everyFile(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    files.set(path, (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
  }
  return files;
}

describe('samples of failed requests', function () {
  this.timeout(240_000);

  it('show request and response of a failed request and of a failed check, also after novaperf report', async () => {
    const server = await target((_request, response) => {
      response.writeHead(503, { 'content-type': 'application/json' }).end('{"error":"the pool is empty"}');
    });
    const { result, folder, dir, said, remove } = await run(
      `group('shop', () => { const response = http.post(baseUrl + '/orders/17?page=2', JSON.stringify({ productId: 5 }), { headers: { 'Content-Type': 'application/json' } });
       check(response, { 'is created': ({ status }) => status === 201, 'has a status': ({ status }) => status > 0 }); });`,
      { url: server.url, options: '{ vus: 1, iterations: 5 }' },
    );
    server.close();
    const failed = only(result.errors, 'http');
    expect(failed).to.include({ endpoint: 'POST /orders/:id', status: '503', count: 5 });
    expect(failed.samples).to.have.length(3);
    expect(failed.samples[0]?.request).to.deep.include({
      method: 'POST',
      url: `${server.url}/orders/17?page=2`,
      body: '{"productId":5}',
    });
    expect(failed.samples[0]?.response).to.deep.include({
      status: 503,
      body: '{"error":"the pool is empty"}',
      error: '',
    });
    expect(failed.samples[0]).to.include({ vu: 1, iteration: 0, scenario: 'default' });
    const check = only(result.errors, 'check');
    expect(check).to.include({ endpoint: '::shop', message: 'is created' });
    expect(check.samples.map(({ response }) => response.status)).to.deep.equal([503, 503, 503]);
    expect(`${said}${await readFile(join(folder, 'k6.log'), 'utf8')}`).not.to.include('novaperf-sample');
    await novaperf(['report', folder], { cwd: dir });
    expect(await readResult(folder)).to.deep.equal(result);
    await remove();
  });

  it('exist for each request of a batch and for refused connections, but not for statuses that the script expects', async () => {
    const server = await target((request, response) => {
      response.writeHead(request.url === '/missing' ? 404 : 500).end('broken');
    });
    const { result, remove } = await run(
      `http.batch([baseUrl + '/a', ['POST', baseUrl + '/b', 'x=1'], { method: 'GET', url: baseUrl + '/c', params: { name: 'the third' } }, http.url\`\${baseUrl}/d/\${7}\`]);
       const { e } = http.batch({ e: { method: 'PUT', url: baseUrl + '/e', body: 'y' } });
       if (e.status !== 500) throw new Error('not the response of e');
       http.get(baseUrl + '/missing', { responseCallback: http.expectedStatuses(404) });
       http.get('http://127.0.0.1:1/refused', { name: 'refused' });`,
      { url: server.url },
    );
    server.close();
    expect(result.errors.map(({ endpoint, kind, samples }) => [endpoint, kind, samples.length]).sort()).to.deep.equal(
      [
        ['GET /a', 'http', 1],
        ['POST /b', 'http', 1],
        ['PUT /e', 'http', 1],
        ['$\u007b}/d/$\u007b}', 'http', 1],
        ['refused', 'transport', 1],
        ['the third', 'http', 1],
      ].sort(),
    );
    expect(only(result.errors, 'transport').samples[0]?.response).to.deep.include({
      status: 0,
      body: null,
      error: 'dial: connection refused',
    });
    await remove();
  });

  it('exist for checks on expected responses, each under the check that failed, and checks count as in k6', async () => {
    const server = await target((_request, response) => {
      response.writeHead(200).end('fine');
    });
    const { result, remove } = await run(
      `const response = http.get(baseUrl + '/x');
       check(response, { 'is fine': ({ body }) => body === 'fine', 'is better': ({ body }) => body === 'better' });
       check(response, { 'throws': () => { throw new Error('in a check'); }, 'is never made': () => true });`,
      { url: server.url, options: '{ vus: 1, iterations: 4 }' },
    );
    server.close();
    expect(result.checks.map(({ name, passes, fails }) => [name, passes, fails]).sort()).to.deep.equal([
      ['is better', 0, 4],
      ['is fine', 4, 0],
      ['throws', 0, 4],
    ]);
    const samplesOf = (message: string) => result.errors.find((error) => error.message === message)?.samples;
    expect(samplesOf('is better')?.map(({ iteration }) => iteration)).to.deep.equal([1, 2, 3]);
    expect(samplesOf('throws')).to.have.length(3);
    const thrown = only(result.errors, 'exception');
    expect(thrown).to.include({ message: 'Error: in a check', count: 4 });
    expect(thrown.where).to.match(/failing\.ts:\d+:\d+$/);
    await remove();
  });

  it('leave no secret in any file of the run, in the records or on the terminal', async () => {
    const server = await target((_request, response, body) => {
      response
        .writeHead(500, { 'set-cookie': `sid=${SECRETS.cookie}; Path=/`, 'x-auth-echo': SECRETS.bearer })
        .end(
          `<p>${body}</p> env=${SECRETS.environment} ${SECRETS.jwt} ${SECRETS.card} ${SECRETS.random} ${'.'.repeat(3000)}`,
        );
    });
    const { dir, said, result, remove } = await run(
      `const params = { headers: { Authorization: 'Bearer ' + s.bearer, 'X-Api-Key': s.apiKey, 'X-Vault': String(__ENV.VAULT_TOKEN) }, cookies: { sid: s.cookie } };
       http.post(baseUrl + '/json?access_token=' + s.query, JSON.stringify({ user: { password: s.password }, note: s.jwt + ' ' + s.random, card: s.card }), params);
       http.post(baseUrl + '/form', { password: s.password, card_number: s.card, q: s.random }, params);
       http.post(baseUrl + '/text', 'password: ' + s.password + ', key ' + s.random + ' ' + __ENV.VAULT_TOKEN, params);
       http.get(baseUrl.replace('://', '://user:' + s.password + '@') + '/login', params);
       http.get('http://127.0.0.1:1/refused?token=' + s.query);
       console.warn('calling ' + baseUrl + '?token=' + s.query + ' as ' + __ENV.VAULT_TOKEN);`,
      {
        url: server.url,
        env: { VAULT_TOKEN: SECRETS.environment },
        // Built at run time, because the source of the script is kept with the run.
        head: `declare const console: { warn(text: string): void };
        const s: Record<${Object.keys(SECRETS)
          .map((name) => `'${name}'`)
          .join(' | ')}, string> = JSON.parse(decodeURIComponent('${[...JSON.stringify(SECRETS)]
          .map((character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
          .join('')}'));`,
      },
    );
    server.close();
    expect(result.errors.filter(({ samples }) => samples.length > 0)).to.have.length(5);
    for (const [path, text] of [...(await everyFile(join(dir, '.nova'))), ...(await everyFile(join(dir, 'conport')))]) {
      for (const [kind, secret] of Object.entries(SECRETS))
        expect(text.includes(secret), `${kind} in ${path}`).to.equal(false);
    }
    for (const [kind, secret] of Object.entries(SECRETS))
      expect(said.includes(secret), `${kind} in ${said}`).to.equal(false);
    await remove();
  });

  it('stay few and short when everything fails, for any number of VUs', async () => {
    const server = await target((_request, response) => {
      response.writeHead(500, { 'x-long': 'h'.repeat(4000) }).end(`${'long "text" of an error '.repeat(500)}`);
    });
    const { result, folder, said, remove } = await run(
      `http.get(baseUrl + '/kind' + (__ITER % 15) + '?x=' + 'u'.repeat(5000));`,
      {
        url: server.url,
        options: "{ scenarios: { all: { executor: 'per-vu-iterations', vus: 12, iterations: 17 } } }",
      },
    );
    server.close();
    expect(
      result.errors.filter(({ kind }) => kind !== 'http').map(({ message, count }) => ({ message, count })),
    ).to.deep.equal([]);
    expect(result.errors).to.have.length(15);
    for (const { samples } of result.errors) expect(samples.length).to.be.within(1, 3);
    expect((await readFile(join(folder, 'result.json'))).length).to.be.below(400_000);
    expect((await readFile(join(folder, ARCHIVE_FILE))).length).to.be.below(120_000);
    const longest = result.errors[0]?.samples[0];
    expect(longest?.response.body)
      .to.match(/… \(\d+ more characters\)$/)
      .and.to.have.length.below(1100);
    expect(longest?.request.url).to.have.length.below(1100);
    expect(said).not.to.include('long "text"');
    await remove();
  });

  it('survive a killed run', async () => {
    const server = await target((_request, response) => {
      response.writeHead(500).end('broken');
    });
    const { dir, remove } = await project({ shipped: true });
    const script = join(dir, 'scenarios', 'failing.ts');
    await writeFile(
      script,
      `import { sleep } from 'k6';
import { baseUrl, http } from 'novaperf';
export const options = { vus: 1, duration: '120s' };
export default function (): void { http.get(baseUrl + '/x'); sleep(0.2); }
`,
    );
    const { child, ended } = start(['run', script, '--script-env', `BASE_URL=${server.url}`], { cwd: dir });
    await archived(dir, ({ samples, metrics }) => samples.length >= 3 && metrics.total('http_reqs') !== undefined);
    child.kill('SIGKILL');
    await ended;
    server.close();
    const [folder = ''] = await runFolders(dir);
    await novaperf(['report', folder], { cwd: dir });
    expect(only((await readResult(folder)).errors, 'http').samples).to.have.length(3);
    await remove();
  });
});
