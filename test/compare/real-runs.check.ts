// Three real runs of two and a half minutes side by side: one build twice, and once with a fault. Too long for `npm test`;
// `npm run test:compare` runs it.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { type Comparison, comparisonSchema } from '../../runner/model/comparison.ts';
import { novaperf, project } from '../cli/novaperf.ts';

const SLOW = 'GET /products/:id';

describe('real runs of two and a half minutes', function () {
  this.timeout(400_000);
  let dir: string;
  let remove: () => Promise<void>;
  let folders: string[];

  before(async () => {
    ({ dir, remove } = await project({ shipped: true }));
    const run = async (build: string, fault: string, delayMs: number) => {
      // Each on its own server; a second apart, so that the names of their folders show their order.
      await pause(delayMs);
      const args = [
        'run',
        'browse-catalog',
        '--profile',
        'load',
        '--duration',
        '155s',
        '--vus',
        '25',
        '--build',
        build,
      ];
      return novaperf([...args, '--out', 'runs'], { cwd: dir, env: { NOVAPERF_DEMO_FAULTS: fault } });
    };
    await Promise.all([run('1.0', '', 0), run('1.0', '', 1500), run('1.1', `step:0s=${SLOW}=+50%`, 3000)]);
    folders = (await readdir(join(dir, 'runs'))).filter((name) => name.startsWith('browse-catalog_')).sort();
    expect(folders).to.have.length(3);
  });
  after(() => remove());

  const compare = async (a = '', b = ''): Promise<Comparison> => {
    const { stdout, stderr } = await novaperf(['compare', a, b, '--out', 'runs', '--json'], { cwd: dir });
    expect(stderr).to.equal('');
    return comparisonSchema.parse(JSON.parse(stdout));
  };
  const having = ({ metrics }: Comparison, verdict: string) => metrics.filter((metric) => metric.verdict === verdict);

  it('of the same build show no difference', async () => {
    const comparison = await compare(folders[0], folders[1]);
    expect([...having(comparison, 'worse'), ...having(comparison, 'better')]).to.deep.equal([]);
    expect(having(comparison, 'same')).to.have.length.above(2);
  });

  it('are slower only where times were raised by 50 %', async () => {
    const comparison = await compare(folders[0], folders[2]);
    const worse = having(comparison, 'worse');
    expect(having(comparison, 'better')).to.deep.equal([]);
    const there = worse.filter(({ endpoint }) => endpoint === SLOW);
    expect(there.map(({ statistic }) => statistic)).to.include.members(['p50', 'p95']);
    for (const { change } of there) expect(change).to.be.within(0.35, 0.65);
    // A third of all requests got slower, so the whole run may be slower too.
    expect(worse.filter(({ endpoint }) => endpoint !== SLOW && endpoint !== null)).to.deep.equal([]);
  });
});
