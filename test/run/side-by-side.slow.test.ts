import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startDemo } from '../../runner/demo/start.ts';
import { resultSchema } from '../../runner/model/result.ts';
import { novaperf } from '../cli/in-process.ts';

const SCRIPT = `import http from 'k6/http';
export const options = { scenarios: { shop: { executor: 'constant-arrival-rate', rate: 40, timeUnit: '1s', duration: '30s', preAllocatedVUs: 20 } } };
export function setup() { return http.get(__ENV.BASE_URL + '/health').json('version'); }
export default async function (version) {
  await Promise.resolve();
  http.get(__ENV.BASE_URL + '/products', { tags: { name: 'GET /products', seen: version } });
}`;

describe('two systems side by side in one run', () => {
  it('get half of the load each with their own setup, and the slower one is found', async function () {
    this.timeout(180_000);
    const folder = await mkdtemp(join(tmpdir(), 'sides-'));
    const old = await startDemo({ version: 'old' });
    const fresh = await startDemo({ version: 'new', faults: ['slow:GET /products=40ms'] });
    try {
      await writeFile(join(folder, 'shop.js'), SCRIPT);
      await writeFile(
        join(folder, 'novaperf.config.json'),
        JSON.stringify({ records: false, environment_of: { 'shop.js': 'new' }, environments: { new: fresh.url } }),
      );
      const args = ['run', 'shop.js', '--side-by-side', old.url, fresh.url, '--out', 'out', '--fail-on', 'regression'];
      const { code, stderr } = await novaperf([...args, '--baseline-time', '0s', '--recovery-time', '0s', '--json'], {
        cwd: folder,
      });
      expect(code, stderr).to.equal(96);
      const run = (await readdir(join(folder, 'out'))).find((name) => name.startsWith('shop_')) ?? '';
      const text = await readFile(join(folder, 'out', run, 'result.json'), 'utf8');
      const { baseline, endpoints } = resultSchema.parse(JSON.parse(text));
      expect(baseline).to.include({ design: 'side_by_side', verdict: 'slower' });
      const p50 = baseline?.figures.find(
        ({ endpoint, statistic }) => endpoint === 'GET /products' && statistic === 'p50',
      );
      expect(p50?.change).to.be.above(0.5);
      const requests = endpoints.find(({ name }) => name === 'GET /products')?.requests ?? 0;
      expect(requests).to.be.within(1000, 1250);
    } finally {
      await Promise.all([old.stop(), fresh.stop()]);
      await rm(folder, { recursive: true, force: true });
    }
  });
});
