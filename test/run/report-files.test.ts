import { lstat, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { writeCiFiles } from '../../runner/run/results/report-files.ts';

describe('files of a cycle', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'novaperf-files-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  for (const name of ['comment.md', 'metrics.txt', 'openmetrics.txt']) {
    it(`replace a link at ${name} and are not written through it`, async () => {
      await writeFile(join(dir, 'precious'), 'kept');
      await symlink(join(dir, 'precious'), join(dir, name));
      await writeCiFiles(dir, [], ['browse']);
      expect(await readFile(join(dir, 'precious'), 'utf8')).to.equal('kept');
      expect((await lstat(join(dir, name))).isFile()).to.equal(true);
    });
  }
});
