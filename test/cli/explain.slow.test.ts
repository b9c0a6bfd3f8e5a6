import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { simulateResult } from '../../bench/verdicts/simulated-result.ts';
import { novaperf } from './in-process.ts';

describe('novaperf explain', function () {
  this.timeout(120_000);
  let out: string;
  const result = simulateResult({
    seconds: 100,
    rate: 20,
    seed: 1,
    profile: 'soak',
    faults: ['memory-leak:1MB/s'],
    thresholds: [['http_req_duration', 'p(95)<300']],
  });
  before(async () => {
    out = await mkdtemp(join(tmpdir(), 'novaperf-explain-'));
    await mkdir(join(out, result.run));
    await writeFile(join(out, result.run, 'result.json'), JSON.stringify(result));
  });
  after(() => rm(out, { recursive: true, force: true }));
  const explain = (...args: string[]) => novaperf(['explain', result.run, ...args, '--out', out], { cwd: out });

  it('shows how each verdict of a kept run was reached', async () => {
    const { code, stdout } = await explain();
    expect(code).to.equal(0);
    for (const { expression } of result.kpis) expect(stdout).to.include(expression);
    expect(stdout)
      .to.include('exit code 99')
      .and.to.match(/Resident memory rose/);
  });

  it('explains one target, as text and as JSON', async () => {
    const { stdout } = await explain('p(95)<300', '--json');
    const { targets } = JSON.parse(stdout);
    expect(targets).to.have.length(1);
    expect(targets[0]).to.include({ id: 'http_req_duration p(95)<300', verdict: 'pass' });
  });

  it('looks for the run in the configured folder if --out is missing', async () => {
    await writeFile(join(out, 'novaperf.config.json'), JSON.stringify({ out: 'build/runs' }));
    await mkdir(join(out, 'build/runs', 'kept'), { recursive: true });
    await writeFile(join(out, 'build/runs/kept/result.json'), JSON.stringify({ ...result, run: 'kept' }));
    const { code, stdout } = await novaperf(['explain', 'kept', '--json'], { cwd: out });
    expect(code).to.equal(0);
    expect(JSON.parse(stdout)).to.include({ run: 'kept' });
  });

  it('rejects an unknown target and lists those of the run', async () => {
    const { code, stderr } = await explain('p(42)');
    expect(code).to.equal(2);
    expect(stderr).to.include(result.kpis[0]?.expression);
  });
});
