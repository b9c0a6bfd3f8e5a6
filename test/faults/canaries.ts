// Secrets in every place where a script can put one; every file, both streams, the live page and the process list are searched.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { command, resultOfRun, start } from './runner.ts';

/** Each is redacted by a different rule; none may be left anywhere. */
const CANARIES = {
  queryByName: 'cnry01hunter',
  jsonWebToken: 'eyJhbGciOiJIUzI1NiJ9.eyJjbnJ5MDIiOjF9.c25yeTAyY25yeTAyY25yeTAy',
  issuedKey: `ghp_${'cnry03A1b2C3d4E5f6G7'.repeat(2)}`,
  password: 'cnry04Pa55word',
  variable: 'cnry05 it"s (a) secret',
  environment: 'cnry06Kp9Xw2Rb8',
  configured: 'cnry07',
  tag: 'cnry08Zx81Qw',
  header: 'cnry09Lm4Vc6',
} as const;
/** The variable's spellings in URLs and JSON. */
const SPELLINGS = [encodeURIComponent(CANARIES.variable), 'cnry05+it%22s+%28a%29+secret', 'cnry05 it\\"s'];

const script = (base: string) => `import http from 'k6/http';
import { check, group, sleep } from 'k6';
import exec from 'k6/execution';
const variable = __ENV.SCRIPT_TOKEN;
const session = __ENV.SESSION_COOKIE;
// So that k6 inspect runs long enough to be observed.
for (const until = Date.now() + 400; Date.now() < until; );
export const options = {
  scenarios: { own: { executor: 'constant-vus', vus: 1, duration: '4s', tags: { access_token: '${CANARIES.tag}' } } },
  thresholds: {
    'http_reqs{name:${base}/a?token=${CANARIES.queryByName}}': ['count>0'],
    ['checks{check:knows ' + session + '}']: ['rate<0.5'],
  },
};
export default function () {
  http.get('${base}/a?token=${CANARIES.queryByName}');
  http.get('${base}/b?token=${CANARIES.queryByName}-' + exec.vu.iterationInInstance);
  http.get('${base}/c?next=${CANARIES.jsonWebToken}', { tags: { session: session } });
  http.get('${base}/d', { tags: { name: 'key ${CANARIES.issuedKey}', tenant: 'x${CANARIES.configured}-0001' } });
  http.get('${base.replace('//', `//ann:${CANARIES.password}@`)}/e', { headers: { 'X-Session': '${CANARIES.header}' } });
  http.get('${base}/f?q=' + encodeURIComponent(variable), { tags: { user: session } });
  http.get('http://ann:${CANARIES.password}@127.0.0.1:1/refused?sig=${CANARIES.queryByName}');
  group('of ' + variable, () => check(null, { ['knows ' + session]: () => false, ['has ' + variable]: () => false }));
  console.log('log ' + variable + ' ' + session + ' ${CANARIES.jsonWebToken}');
  sleep(0.2);
  if (exec.vu.iterationInInstance % 3 === 2) throw new Error('boom ' + variable + ' at ${base}/g?password=${CANARIES.queryByName}');
}
`;

function isCanary(text: string): string | undefined {
  return [...Object.values(CANARIES), ...SPELLINGS].find((canary) => text.includes(canary));
}

async function textOf(path: string): Promise<string> {
  const bytes = await readFile(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** Arguments of all processes of the machine except one. */
async function commandLines(own: number): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== own);
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.map((line) => line.replaceAll('\0', ' ').trim()).filter((line) => line !== '');
}

/** Everything that the live page is sent until its end. */
async function followed(live: string, take: (text: string) => void): Promise<void> {
  try {
    take(await (await fetch(live)).text());
    const events = await fetch(new URL('events', live));
    for await (const chunk of events.body ?? []) take(Buffer.from(chunk).toString('utf8'));
  } catch {
    // It ends with the run.
  }
}

/** Runs it with real k6, and searches everything that the run writes or shows. */
export async function secretsStayIn(dir: string): Promise<void> {
  const server = createServer((_, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const base = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  try {
    await writeFile(join(dir, 'load.js'), script(base));
    await writeFile(
      join(dir, 'novaperf.config.json'),
      JSON.stringify({ secrets: { patterns: [`x${CANARIES.configured}-\\d+`] } }),
    );
    const line = command(
      ...[4, '-e', `SCRIPT_TOKEN=${CANARIES.variable}`, '--no-bundle', '--live'],
      ...['--base-url', base.replace('//', `//ann:${CANARIES.password}@`)],
    );
    const hurt = start(dir, `exec ${line}`, { SESSION_COOKIE: CANARIES.environment });
    const seen = new Set<string>();
    let page = '';
    let follows: Promise<void> | undefined;
    let isOver = false;
    const over = hurt.ended.finally(() => {
      isOver = true;
    });
    /** The runner's own command line, which contains what was typed until it has started. */
    let ownLine = '';
    const own = hurt.child.pid ?? 0;
    while (!isOver) {
      ownLine = await readFile(`/proc/${own}/cmdline`, 'utf8').then(
        (line) => line || ownLine,
        () => ownLine,
      );
      for (const each of await commandLines(own)) seen.add(each);
      const live = /live page\s+(\S+)/.exec(hurt.output())?.[1];
      if (live !== undefined && follows === undefined)
        follows = followed(live, (text) => {
          page += text;
        });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const exitCode = await over;
    await follows;
    expect(exitCode, hurt.output()).to.be.oneOf([0, 98, 99]);

    const found = [...seen].filter((each) => isCanary(each) !== undefined);
    expect(found, 'process list').to.deep.equal([]);
    expect(isCanary(ownLine), `the runner's own line: ${ownLine}`).to.equal(undefined);
    expect(
      [...seen].some((each) => /k6 inspect/.test(each)),
      'k6 inspect was seen',
    ).to.equal(true);
    expect(
      [...seen].some((each) => /k6 run/.test(each)),
      'k6 run was seen',
    ).to.equal(true);
    expect(page.includes('REDACTED'), 'the live page was read').to.equal(true);
    expect(isCanary(page), 'live page').to.equal(undefined);
    expect(isCanary(hurt.output()), 'stdout and stderr').to.equal(undefined);

    const paths = (await readdir(dir, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !/load\.js$|novaperf\.config\.json$/.test(path));
    expect(
      paths.some((path) => /bundle\.js/.test(path)),
      '--no-bundle',
    ).to.equal(false);
    for (const part of ['report.html', 'report.md', 'result.json', 'archive.ndjson.gz', 'k6.log', 'completion.json'])
      expect(
        paths.some((path) => path.endsWith(part)),
        part,
      ).to.equal(true);
    for (const path of paths) {
      expect(isCanary(path), 'a file name').to.equal(undefined);
      expect(isCanary(await textOf(path)), path).to.equal(undefined);
    }

    const result = await resultOfRun(dir);
    expect(result.kpis.length).to.equal(2);
    for (const { id, samples } of result.kpis) expect(samples, `${id} finds the series that it names`).to.be.above(0);
    const [threshold] = result.kpis.filter(({ metric }) => metric === 'http_reqs');
    const endpoints = result.endpoints.filter(({ name }) => name.includes('/b?'));
    expect(endpoints.length, 'series that differ only in a secret are one').to.equal(1);
    expect(endpoints[0]?.requests).to.equal(threshold?.actual);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
