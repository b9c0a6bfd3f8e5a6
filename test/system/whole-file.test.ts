// Files appear whole or not at all. test/faults tests writes to a full disk.

import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { writeWholeFile } from '../../runner/system/whole-file.ts';

describe('a whole file', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'novaperf-whole-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('replaces an existing file, and leaves no temporary file', async () => {
    await writeWholeFile(join(dir, 'a'), 'one');
    await writeWholeFile(join(dir, 'a'), Uint8Array.of(50));
    expect(await readFile(join(dir, 'a'), 'utf8')).to.equal('2');
    expect(await readdir(dir)).to.deep.equal(['a']);
  });

  it('replaces a link and does not write through it', async () => {
    await writeFile(join(dir, 'precious'), 'kept');
    await symlink(join(dir, 'precious'), join(dir, 'comment.md'));
    await writeWholeFile(join(dir, 'comment.md'), 'new');
    expect(await readFile(join(dir, 'precious'), 'utf8')).to.equal('kept');
    expect(await readFile(join(dir, 'comment.md'), 'utf8')).to.equal('new');
  });

  it('keeps the existing file if it cannot be written', async () => {
    const error = await writeWholeFile(join(dir, 'gone', 'a'), 'x').catch((thrown: unknown) => thrown);
    expect(error).to.have.property('code', 'ENOENT');
    expect(await readdir(dir)).to.deep.equal([]);
  });
});
