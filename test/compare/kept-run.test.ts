import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readComparableRun } from '../../runner/compare/kept-run.ts';
import { makeOutFolder } from '../../runner/runs/run-folder.ts';
import { UserError } from '../../runner/system/errors.ts';
import { resultOf, shopSamples } from '../report/sample-run.ts';

const WHOLE = JSON.stringify(resultOf(shopSamples({ seconds: 5, requestsPerSecond: 10 }), { build_version: '1.1.0' }));

describe('a kept run', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kept-run-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const rows: readonly [what: string, files: Readonly<Record<string, string>>, message: RegExp][] = [
    ['without a result', {}, /neither result\.json nor an archive/],
    ['with half a result', { 'result.json': '{"schema_version":' }, /not JSON/],
    ['with a result of another version', { 'result.json': '{"schema_version":9}' }, /schema_version/],
  ];
  for (const [what, files, message] of rows) {
    it(`${what} is an error that gives the reason`, async () => {
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
      const error = await readComparableRun(folder).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(UserError);
      expect(String(error)).to.match(message);
    });
  }

  it('without its archive is read from its result.json', async () => {
    await writeFile(join(folder, 'result.json'), WHOLE);
    const { result, metrics } = await readComparableRun(folder);
    expect(result.build_version).to.equal('1.1.0');
    expect(metrics.total('http_reqs')).to.equal(undefined);
  });
});

describe('a folder for runs', () => {
  for (const [out, reason] of [
    ['/dev/null/runs', 'ENOTDIR'],
    [import.meta.filename, 'EEXIST'],
  ] as const) {
    it(`that cannot be made because of ${reason} is an error with the path and the reason`, async () => {
      const error = await makeOutFolder(out).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(UserError).and.to.include({ where: out });
      expect(String(error)).to.include('--out').and.to.include(reason);
    });
  }
});
