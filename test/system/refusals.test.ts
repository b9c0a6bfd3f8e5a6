import { expect } from 'chai';
import { makeWritableFolder } from '../../runner/system/folder.ts';
import { reasonOf } from '../../runner/system/refusals.ts';

describe('the reason of a system error', () => {
  for (const [code, words] of [
    ['EACCES', /permission denied/],
    ['EROFS', /read-only/],
    ['ENOSPC', /no space/],
    ['ENOENT', /no such file/],
    ['ENOTDIR', /is a file/],
  ] as const) {
    it(`is in words with its code: ${code}`, () => {
      const error = Object.assign(new Error(`${code}: as Node words it, mkdir '/x'`), { code, syscall: 'mkdir' });
      expect(reasonOf(error)).to.match(words).and.include(`(${code})`).and.not.include('mkdir');
    });
  }

  it('is the message of any other error', () => {
    expect(reasonOf(new Error('odd'))).to.equal('odd');
    expect(reasonOf(Object.assign(new Error('odd'), { code: 'constructor' }))).to.equal('odd');
  });

  it("is the system's own for a folder below a file", async () => {
    const error: unknown = await makeWritableFolder(`${import.meta.filename}/below/further`).catch(
      (each: unknown) => each,
    );
    expect(reasonOf(error)).to.include('(ENOTDIR)');
  });
});
