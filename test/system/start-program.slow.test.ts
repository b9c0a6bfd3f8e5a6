import { chmod, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageVersion } from '../../runner/system/package-root.ts';
import { start } from '../cli/novaperf.ts';

describe('The compiled code that novaperf keeps between calls', () => {
  let cache: string;
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'compiled-'));
  });
  afterEach(() => rm(cache, { recursive: true, force: true }));

  const call = async (args: readonly string[], env: Record<string, string> = {}) =>
    start(args, { cwd: cache, env: { NOVAPERF_CACHE: cache, ...env } }).ended;

  async function kept(): Promise<string[]> {
    const names = await readdir(join(cache, 'compiled'), { recursive: true }).catch(() => []);
    return names
      .filter((name) => name.endsWith('.bin') || name.endsWith('.tmp'))
      .map((name) => join(cache, 'compiled', name));
  }

  async function keptByVersion(): Promise<string> {
    expect((await call(['--version'])).code).to.equal(0);
    const [path, ...others] = await kept();
    expect(others).to.deep.equal([]);
    if (path === undefined) throw new Error(`nothing was kept in ${cache}`);
    return path;
  }

  it('is readable and writable only by its user, and is not rewritten by the same call', async () => {
    const path = await keptByVersion();
    const before = await stat(path);
    expect(before.mode & 0o777).to.equal(0o600);
    await call(['--version']);
    expect((await stat(path)).ino).to.equal(before.ino);
  });

  const spoiled: [string, (path: string) => Promise<unknown>][] = [
    [
      'a changed byte',
      async (path) => {
        const bytes = await readFile(path);
        bytes[bytes.length - 1000] = (bytes[bytes.length - 1000] ?? 0) ^ 1;
        await writeFile(path, bytes);
      },
    ],
    ['only half of it', async (path) => truncate(path, Math.floor((await stat(path)).size / 2))],
    ['no content', (path) => truncate(path, 0)],
    ['write permission for others', (path) => chmod(path, 0o666)],
  ];
  for (const [what, spoil] of spoiled) {
    it(`is replaced and not run if it has ${what}`, async () => {
      const path = await keptByVersion();
      const whole = await stat(path);
      await spoil(path);
      const { code, stdout } = await call(['--version']);
      expect({ code, stdout }).to.deep.equal({ code: 0, stdout: `${packageVersion}\n` });
      const after = await stat(path);
      expect(after.ino).not.to.equal(whole.ino);
      expect(after.size).to.be.within(whole.size * 0.9, whole.size * 1.1);
      expect(after.mode & 0o777).to.equal(0o600);
    });
  }

  it('can evaluate files of the user', async () => {
    await writeFile(join(cache, 'novaperf.config.ts'), 'export default { out: "reports" };');
    const first = await call(['config', 'check', '--json']);
    const second = await call(['config', 'check', '--json']);
    expect(await kept()).to.have.lengthOf(1);
    expect(first.stdout).to.contain('reports');
    expect(second).to.deep.equal(first);
  });

  it("is not kept in a read-only cache, after wrong usage, or if Node's cache is disabled", async () => {
    await call(['list', '--wrong']);
    await call(['--version'], { NODE_DISABLE_COMPILE_CACHE: '1' });
    expect(await kept()).to.deep.equal([]);
    const { code, stdout } = await call(['--version'], { NOVAPERF_CACHE: '/proc/novaperf' });
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: `${packageVersion}\n` });
  });
});
