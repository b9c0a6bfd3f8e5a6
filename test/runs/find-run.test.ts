import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { findRun, findRunsOfBuilds } from '../../runner/runs/find-run.ts';
import { UserError } from '../../runner/system/errors.ts';
import { resultOf, shopSamples } from '../report/sample-run.ts';

const metrics = shopSamples({ seconds: 5, requestsPerSecond: 10 });

describe('the run with a given name', () => {
  let out: string;
  before(async () => {
    out = await mkdtemp(join(tmpdir(), 'find-run-'));
    for (const [run, scenario, minute, build] of [
      ['search_1', 'search', 1, '1.0'],
      ['search_2', 'search', 2, '1.1'],
      ['browse_1', 'browse', 3, '1.1'],
      ['browse_2', 'browse', 3.5, '1.2'],
      ['search_3', 'search', 4, '1.1'],
    ] as const) {
      await mkdir(join(out, run));
      const started_at = new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
      const result = { ...resultOf(metrics), run, scenario, started_at, build_version: build };
      await writeFile(join(out, run, 'result.json'), JSON.stringify(result));
    }
  });
  after(() => rm(out, { recursive: true, force: true }));

  for (const [name, folder] of [
    ['latest', 'search_3'],
    ['previous', 'search_2'],
    ['browse_1', 'browse_1'],
  ] as const) {
    it(`is ${folder} for ${name}`, async () => {
      expect(basename(await findRun(name, out))).to.equal(folder);
    });
  }

  for (const [from, to, a, b] of [
    ['1.0', '1.1', 'search_1', 'search_3'],
    ['1.1', '1.2', 'browse_1', 'browse_2'],
    ['1.1', '1.1', 'search_2', 'search_3'],
  ] as const) {
    it(`is ${a} and ${b} for the builds ${from} and ${to}: runs of one scenario`, async () => {
      expect((await findRunsOfBuilds(from, to, out)).map((path) => basename(path))).to.deep.equal([a, b]);
    });
  }

  it('is an error for builds that ran different scenarios', async () => {
    const error = await findRunsOfBuilds('1.0', '1.2', out).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(UserError);
    for (const named of ['search (load)', 'browse (load)', '1.0', '1.2']) expect(String(error)).to.include(named);
  });

  it('is an error that lists the kept runs', async () => {
    const error = await findRunsOfBuilds('1.0', '9', out).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(UserError);
    expect(error instanceof UserError && error.next).to.include('1.1, 1.2, 1.0');
    const near = await findRun('serch_1', out).catch((thrown: unknown) => thrown);
    expect(near instanceof UserError && near.next).to.include('search_1');
  });
});
