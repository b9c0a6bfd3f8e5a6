// Two scenarios of two environments in one cycle of real k6: each system gets only its own requests, one after the other.

import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { novaperf } from './in-process.ts';
import { project, readResult, runFolders } from './novaperf.ts';

const scenario = (name: string) => `import { baseUrl, defineScenario, http } from 'novaperf';
export const options = defineScenario({ component: '${name}', environment: '${name}', load: { vus: 1 } });
export default function () { http.get(\`\${baseUrl}/${name}\`, { headers: { 'X-From': '${name}' } }); }
`;

describe('a cycle over several systems', function () {
  this.timeout(240_000);
  const seen = new Map<string, Set<string>>();
  const times = new Map<string, number[]>();
  const servers = ['shop', 'pay'].map((name) =>
    createServer((request, response) => {
      const from = request.headers['x-from'];
      if (typeof from === 'string') {
        seen.set(name, (seen.get(name) ?? new Set()).add(from));
        times.set(name, [...(times.get(name) ?? []), Date.now()]);
      }
      setTimeout(() => response.end('{}'), 20);
    }),
  );

  after(() => {
    for (const server of servers) server.close();
  });

  it('loads each system with its own scenarios, one after the other', async () => {
    const urls = await Promise.all(
      servers.map(async (server) => {
        await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
        return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      }),
    );
    const [shop, pay] = urls;
    const { dir, remove } = await project();
    try {
      await mkdir(join(dir, 'scenarios'));
      await writeFile(join(dir, 'scenarios/one.ts'), scenario('shop'));
      await writeFile(join(dir, 'scenarios/two.ts'), scenario('pay'));
      await writeFile(join(dir, 'novaperf.config.json'), JSON.stringify({ environments: { shop, pay } }));
      const { code, stdout, stderr } = await novaperf(['run', '--profile', 'smoke', '--duration', '2s', '--json'], {
        cwd: dir,
      });
      expect([0, 98], stderr).to.include(code);
      expect(JSON.parse(stdout)).to.deep.include({ environment: 'shop, pay' });
      const results = await Promise.all((await runFolders(dir)).map(readResult));
      expect(results.map(({ scenario: name, environment }) => [name, environment])).to.have.deep.members([
        ['one', 'shop'],
        ['two', 'pay'],
      ]);
      expect([...seen].map(([name, from]) => [name, [...from]])).to.have.deep.members([
        ['shop', ['shop']],
        ['pay', ['pay']],
      ]);
      const [first = [], second = []] = [times.get('shop'), times.get('pay')];
      expect(Math.max(...first)).to.be.lessThan(Math.min(...second));

      const dry = await novaperf(['run', '--profile', 'smoke', '--dry-run'], { cwd: dir });
      expect(dry.stdout).to.contain(`system under test: shop at ${shop}, by one`).and.contain(`BASE_URL=${pay}`);
    } finally {
      await remove();
    }
  });

  it('rejects a comparison of two builds of several systems', async () => {
    const { dir, remove } = await project();
    try {
      await mkdir(join(dir, 'scenarios'));
      await writeFile(join(dir, 'scenarios/one.ts'), scenario('shop'));
      await writeFile(join(dir, 'scenarios/two.ts'), scenario('pay'));
      const environments = { shop: 'http://127.0.0.1:1', pay: 'http://127.0.0.1:2' };
      await writeFile(join(dir, 'novaperf.config.json'), JSON.stringify({ environments }));
      const { code, stderr } = await novaperf(['run', '--against', 'http://127.0.0.1:3'], { cwd: dir });
      expect(code).to.equal(2);
      expect(stderr).to.contain('found 2: one (shop), two (pay)');
    } finally {
      await remove();
    }
  });

  for (const [what, url, flags, found] of [
    ['a plain script with its own address', "'http://127.0.0.1:3'", ['--base-url', 'http://127.0.0.1:4'], 'fixed URL'],
    ['a plain script without the address of the new build', '__ENV.BASE_URL', [], 'the build under test, found none'],
    ['none: a plain script that reads BASE_URL', '__ENV.BASE_URL', ['--base-url', 'http://127.0.0.1:4'], undefined],
  ] as const) {
    it(`says why two builds cannot be compared: ${what}`, async () => {
      const { dir, remove } = await project();
      try {
        const script = `import http from 'k6/http';\nexport default () => http.get(${url});\n`;
        await writeFile(join(dir, 'plain.js'), script);
        const args = ['run', 'plain.js', '--against', 'http://127.0.0.1:3', ...flags, '--dry-run'];
        const { code, stderr } = await novaperf(args, { cwd: dir });
        expect(code, stderr).to.equal(found === undefined ? 0 : 2);
        if (found !== undefined) expect(stderr).to.contain(found);
      } finally {
        await remove();
      }
    });
  }
});
