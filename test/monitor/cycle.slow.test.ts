// Monitoring with real k6: the demo is monitored by default, and result.json has everything, also after novaperf report.

import { join } from 'node:path';
import { expect } from 'chai';
import { novaperf } from '../cli/in-process.ts';
import { archived, type Ended, project, readResult, runFolders, start } from '../cli/novaperf.ts';

const IDLE_MS = 4000;
const LOAD = [
  'run',
  'search',
  '--profile',
  'smoke',
  '--duration',
  '6s',
  '--baseline-time',
  '2s',
  '--recovery-time',
  '2s',
];

async function only(dir: string) {
  const [folder] = await runFolders(dir);
  if (folder === undefined) throw new Error('Expected the folder of a run');
  return folder;
}

describe('a run with monitoring', function () {
  this.timeout(120_000);

  it('samples the demo by default, before, during and after the load, and novaperf report gives the same', async () => {
    const { dir, remove } = await project({ shipped: true });
    const beganMs = performance.now();
    const { stdout, stderr, code }: Ended = await novaperf(LOAD, { cwd: dir });
    const tookMs = performance.now() - beganMs;
    expect(code, stderr).to.equal(0);
    expect(stdout).to.include('monitoring demo, demo-metrics');
    const folder = await only(dir);
    const result = await readResult(folder);
    expect(result.server.sources?.map(({ name, state }) => [name, state])).to.deep.equal([
      ['demo', 'ok'],
      ['demo-metrics', 'ok'],
    ]);
    const of = (name: string) => result.server.metrics?.find((metric) => metric.name === name);
    for (const name of [
      'server.cpu_percent',
      'server.memory_bytes',
      'server.db_connections_in_use',
      'server.nodejs_heap_size_used_bytes',
    ]) {
      const metric = of(name);
      expect(metric?.before?.samples, name).to.be.above(0);
      expect(metric?.during?.samples, name).to.be.above(2);
      expect(metric?.after?.samples, name).to.be.above(0);
    }
    expect(of('server.memory_bytes')?.during?.avg).to.be.above(20_000_000);
    expect(Object.keys(result.metrics).filter((name) => name.startsWith('server.'))).to.deep.equal([]);
    // The duration of the load, without idle time.
    expect(result.duration_ms).to.be.at.most(tookMs - IDLE_MS);
    const again = await novaperf(['report', folder, '--json'], { cwd: dir });
    expect(JSON.parse(again.stdout).server).to.deep.equal(result.server);
    await remove();
  });

  it('reports an unreachable source and still passes', async () => {
    const { dir, remove } = await project({ shipped: true });
    const { code, stderr } = await novaperf(
      [...LOAD, '--server-metrics', 'gone=http://127.0.0.1:1/metrics', '--server-metrics', 'machine'],
      { cwd: dir },
    );
    expect(code, stderr).to.equal(0);
    const { server } = await readResult(await only(dir));
    expect(server.sources?.map(({ name, state, samples }) => [name, state, samples === 0])).to.deep.equal([
      ['gone', 'failed', true],
      ['machine', 'ok', false],
    ]);
    expect(server.sources?.[0]?.gaps[0]?.reason).to.match(/ECONNREFUSED|bad port/);
    await remove();
  });

  it('skips the rest of monitoring when it is interrupted', async () => {
    const { dir, remove } = await project({ shipped: true });
    const args = [
      'run',
      'search',
      '--profile',
      'smoke',
      '--duration',
      '60s',
      '--baseline-time',
      '1s',
      '--recovery-time',
      '10m',
    ];
    const run = start(args, { cwd: dir });
    await archived(dir, ({ metrics }) => metrics.total('http_reqs') !== undefined);
    run.child.kill('SIGINT');
    const { code } = await run.ended;
    expect(code).to.equal(105);
    const result = await readResult(join(await only(dir)));
    expect(result.server.sources?.[0]?.state).to.equal('ok');
    await remove();
  });
});
