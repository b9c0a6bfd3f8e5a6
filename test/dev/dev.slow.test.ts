// novaperf dev with real k6: files are edited while it watches, and Ctrl-C leaves nothing running.

import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { project, start } from '../cli/novaperf.ts';

const SCENARIO = `
import { baseUrl, check, defineScenario, http } from 'novaperf';
import { sleep } from 'k6';

export const options = defineScenario({ component: 'Shop', load: { vus: 5 } });

export default function (): void {
  const response = http.post(\`\${baseUrl}/orders?n=first\`, JSON.stringify({ id: 7 }));
  check(response, { 'is created': ({ status }) => status === 201 });
  sleep(0);
}
`;

describe('novaperf dev', function () {
  this.timeout(120_000);
  const children: ChildProcess[] = [];
  const dev = (args: readonly string[], cwd: string) => {
    const started = start(['dev', ...args], { cwd });
    children.push(started.child);
    return started;
  };
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGINT');
  });
  const seen: string[] = [];
  const server = createServer((request, response) => {
    // The checks before load request the target.
    if (request.url !== '/') seen.push(request.url ?? '');
    response.writeHead(201, { 'Content-Type': 'application/json' }).end('{"order":"4711"}');
  });
  let dir = '';
  let remove = async () => {};

  before(async () => {
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    ({ dir, remove } = await project({ shipped: true, typed: true }));
  });
  after(async () => {
    server.close();
    await remove();
  });

  it('runs one iteration at each change, shows type errors by line, and ends k6 with Ctrl-C', async () => {
    const { port } = server.address() as AddressInfo;
    const file = join(dir, 'scenarios/orders.ts');
    await writeFile(file, SCENARIO);
    const mark = `dev-${process.pid}-${Date.now()}`;
    const target = `http://127.0.0.1:${port}`;
    const { child, ended, saw } = dev(['orders', '--base-url', target, '-e', `MARK=${mark}`], dir);

    await saw('watching orders');
    expect(seen).to.deep.equal(['/orders?n=first']);

    const edited = SCENARIO.replace('n=first', 'n=second').replace('is created', 'is made');
    await writeFile(file, edited);
    await saw('✓ is made');
    // A slow write may trigger two runs: the file is emptied, then written.
    await until(() => seen.includes('/orders?n=second'));

    await writeFile(file, edited.replace('n=second', 'n=third').replace('vus: 5', "vus: 'five'"));
    await saw("scenarios/orders.ts:5:68: Type 'string' is not assignable");

    await writeFile(file, edited.replace('sleep(0)', 'sleep('));
    await saw('  at scenarios/orders.ts:1');

    await writeFile(file, edited.replace('n=second', 'n=last').replace('sleep(0)', 'sleep(60)'));
    await until(() => seen.at(-1) === '/orders?n=last');
    expect(holding(mark)).to.have.length.greaterThan(0);
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).to.equal(0);
    expect(holding(mark)).to.deep.equal([]);

    expect(seen).to.include('/orders?n=second');
    const lines = stdout.split('\n');
    expect(lines.filter((line) => line.length > 80)).to.deep.equal([]);
    for (const text of [
      `→ POST 127.0.0.1:${port}/orders?n=first`,
      '{"id":7}',
      '← 201 Created · application/json · 16 B',
      '{"order":"4711"}',
    ])
      expect(stdout).to.contain(text);
    expect(await readFile(file, 'utf8')).to.contain('sleep(60)');
  });

  it('runs a plain script with several k6 scenarios once each', async () => {
    const { port } = server.address() as AddressInfo;
    seen.length = 0;
    await writeFile(
      join(dir, 'plain.js'),
      `import http from 'k6/http';
export const options = { scenarios: {
  one: { executor: 'constant-vus', vus: 3, duration: '1m', exec: 'one' },
  two: { executor: 'ramping-arrival-rate', preAllocatedVUs: 2, startTime: '30s', stages: [{ target: 5, duration: '1m' }], exec: 'two' },
} };
export function one() { http.get('http://127.0.0.1:${port}/one'); }
export function two() { http.get('http://127.0.0.1:${port}/two'); }
`,
    );
    const { child, ended, saw } = dev(['plain.js'], dir);
    await saw('watching plain');
    child.kill('SIGINT');
    expect((await ended).code).to.equal(0);
    expect(seen.toSorted()).to.deep.equal(['/one', '/two']);
  });
});

async function until(test: () => boolean): Promise<void> {
  while (!test()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** The k6 processes with the mark in their environment. */
function holding(mark: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`MARK=${mark}`);
    } catch {
      return false;
    }
  });
}
