import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readYamlFile } from '../../runner/config/record-file.ts';
import { UserError } from '../../runner/system/errors.ts';

describe('a file of the store', () => {
  let dir = '';
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'novaperf-records-'));
  });
  after(() => rm(dir, { recursive: true }));

  async function refused(path: string): Promise<UserError> {
    const error = await readYamlFile(path, 'a record').then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error instanceof UserError) return error;
    throw new Error('Expected an error');
  }

  it('that is a pipe is rejected at once', async function () {
    if (process.platform === 'win32') this.skip();
    const path = join(dir, 'pipe.yaml');
    execFileSync('mkfifo', [path]);
    expect((await refused(path)).where).to.equal(path);
  });

  it('in Latin-1 is rejected with the line, because rewriting it would lose characters', async () => {
    const path = join(dir, 'latin-1.yaml');
    await writeFile(path, Buffer.from('a: 1\nb: M\xfcller\n', 'latin1'));
    const error = await refused(path);
    expect(error.message).to.include('UTF-8');
    expect(error.where).to.equal(`${path}:2`);
  });
});
