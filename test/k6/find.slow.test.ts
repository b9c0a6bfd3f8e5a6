import { spawn } from 'node:child_process';
import { chmod, copyFile, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { builtK6Path } from '../../runner/k6/build.ts';
import { type FindK6Options, findK6, type K6 } from '../../runner/k6/find.ts';
import { canBuild, findGo } from '../../runner/k6/go-toolchain.ts';
import { describeK6Sources } from '../../runner/k6/sources.ts';
import { compareVersions, MINIMUM_K6, PINNED_K6 } from '../../runner/k6/version.ts';
import { cacheFolder } from '../../runner/system/cache-folder.ts';
import { UserError } from '../../runner/system/errors.ts';
import { packageRoot } from '../../runner/system/package-root.ts';
import { type Bundled, bundled } from '../bundled.ts';
import { fixture, needsK6, realK6, withFolder } from './real-k6.ts';

/** A simulated machine: an empty cache, a PATH with only the test's files, no Go, no network. */
interface Machine {
  readonly env: NodeJS.ProcessEnv;
  readonly bin: string;
  readonly progress: string[];
  find(options?: Partial<FindK6Options>): Promise<K6>;
  install(name: string, fixtureName: string): Promise<void>;
}

async function onMachine(work: (machine: Machine) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const bin = join(folder, 'bin');
    await mkdir(bin);
    const progress: string[] = [];
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      PATH: bin,
      GOROOT: '',
      K6_BIN: '',
      NOVAPERF_CACHE: join(folder, 'cache'),
      NOVAPERF_K6_DOWNLOAD: 'http://127.0.0.1:2', // connections are refused
    };
    await work({
      env,
      bin,
      progress,
      find: (options) => findK6({ env, goFolders: [], onProgress: (line) => progress.push(line), ...options }),
      install: async (name, fixtureName) => {
        await copyFile(fixture(fixtureName).path, join(bin, name));
        await chmod(join(bin, name), 0o755);
      },
    });
  });
}

async function errorOf(finding: Promise<unknown>): Promise<UserError> {
  const error = await finding.then(
    () => new Error('Expected an error, but a k6 was found'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof UserError) return error;
  throw error;
}

/** A small Go module with a program that answers `version --json` like a k6 with our output. */
async function smallModule(folder: string, body = ''): Promise<string> {
  const sources = join(folder, 'sources');
  await mkdir(join(sources, 'cmd', 'k6'), { recursive: true });
  await writeFile(join(sources, 'go.mod'), 'module small\n\ngo 1.21\n');
  const answer = '{"version":"v2.2.0","extensions":[{"outputs":["novaperf"]}]}';
  await writeFile(
    join(sources, 'cmd', 'k6', 'main.go'),
    `package main\n\nimport "os"\n\nfunc main() { ${body} os.Stdout.WriteString(\`${answer}\`) }\n`,
  );
  return sources;
}

const realGo = await findGo(process.env, '1.21');
const goFolders = realGo === undefined ? [] : [dirname(realGo.path)];

describe('finding k6', () => {
  it('prefers the k6 of --k6', () =>
    onMachine(async ({ env, find, install }) => {
      await install('k6', 'lists-the-windows-output');
      env.K6_BIN = fixture('stock-but-silent').path;
      const path = fixture('ignores-interrupts').path;
      expect(await find({ k6Flag: path })).to.deep.equal({
        path,
        version: '2.2.0',
        hasHistograms: false,
        origin: 'flag',
        notes: [],
      });
      expect(await find()).to.include({ path: env.K6_BIN, origin: 'env' });
    }));

  it('looks up a bare name on PATH, as a shell does', () =>
    onMachine(async ({ bin, find, install }) => {
      await install('k6-nightly', 'stock-but-silent');
      expect(await find({ k6Flag: 'k6-nightly' })).to.include({ path: join(bin, 'k6-nightly'), origin: 'flag' });
    }));

  const refused: ReadonlyArray<readonly [name: string, message: RegExp]> = [
    ['does-not-exist', /Expected --k6 to be a k6 executable, found no such file \(ENOENT\)/],
    ['is-not-executable', /found a file without execute permission \(EACCES\)/],
    ['.', /a folder/],
    ['writes-garbage', /`version` is not that of k6: "hello, this is no JSON {"/],
    ['prints-an-old-version', /Expected k6 1\.3\.0 or later, found 0\.49\.0/],
  ];
  for (const [name, message] of refused) {
    it(`rejects --k6 ${name} and uses no other k6`, () =>
      onMachine(async ({ find, install }) => {
        await install('k6', 'lists-the-windows-output');
        const userError = await errorOf(find({ k6Flag: fixture(name).path }));
        expect(userError.message).to.match(message);
        expect(userError.next).to.be.a('string');
        expect(userError.exitCode).to.equal(2);
      }));
  }

  it('uses the k6 on PATH if it has our output, and builds nothing', () =>
    onMachine(async ({ bin, find, install, progress }) => {
      await install('k6', 'lists-the-windows-output');
      expect(await find({ goFolders })).to.deep.equal({
        path: join(bin, 'k6'),
        version: '2.2.0',
        hasHistograms: true,
        imports: [],
        origin: 'path',
        notes: [],
      });
      expect(progress).to.deep.equal([]);
    }));

  it('uses a stock k6 on PATH if Go is missing, and gives the reason', () =>
    onMachine(async ({ find, install }) => {
      await install('k6', 'stock-but-silent');
      const found = await find();
      expect(found).to.include({ origin: 'path', hasHistograms: false });
      expect(found.notes).to.have.length(1);
      expect(found.notes[0]).to.match(/no Go toolchain/);
    }));

  it('skips a Go that is too old', () =>
    onMachine(async ({ env, find, install }) => {
      env.PATH = `${env.PATH}:${join(packageRoot, 'test', 'fixtures', 'k6', 'old-go')}`;
      await install('k6', 'stock-but-silent');
      const found = await find();
      expect(found.origin).to.equal('path');
      expect(found.notes[0]).to.match(/Go 1\.20\.14 at .* is too old/);
    }));

  it('says what to install if there is neither k6 nor Go nor a network', () =>
    onMachine(async ({ find, install }) => {
      await install('k6', 'prints-an-old-version');
      const userError = await errorOf(find());
      expect(userError.message).to.match(/found 0\.49\.0/);
      expect(userError.message).to.match(/no Go toolchain/);
      expect(userError.message).to.match(/the connection failed/);
      expect(userError.next).to.match(/install Go 1\.\d+.* or later .*or k6 2\.2\.0/);
    }));

  it('makes no network request if downloads are not allowed', () =>
    onMachine(async ({ find }) => {
      const userError = await errorOf(find({ allowDownload: false }));
      expect(userError.message).not.to.match(/download k6/);
    }));

  it('describes its sources without building or downloading', () =>
    onMachine(async ({ env, install }) => {
      await install('k6', 'prints-an-old-version');
      const { sources, cacheFolder: folder } = await describeK6Sources(env, fixture('stock-but-silent').path);
      const states = Object.fromEntries(sources.map(({ name, state }) => [name, state]));
      expect(states).to.include({ '--k6': 'usable', cache: 'absent', PATH: 'unusable', download: 'absent' });
      expect(folder).to.equal(env.NOVAPERF_CACHE);
      expect(await readdir(join(folder, '..'))).to.deep.equal(['bin']);
    }));
});

describe('building k6', function () {
  this.timeout(120_000);
  before(function () {
    if (realGo === undefined) this.skip();
  });

  it('builds once, reports its progress, and later uses the cache, even without Go', () =>
    onMachine(async ({ env, bin, find, progress }) => {
      const sourceFolder = await smallModule(bin);
      const built = await find({ sourceFolder, goFolders });
      expect(built).to.include({ origin: 'built', hasHistograms: true, path: await builtK6Path(env, sourceFolder) });
      expect(progress[0]).to.match(/^k6: building it with Go 1\.\d+/);
      expect(progress.at(-1)).to.match(/^k6: built in \d+ s$/);
      expect(await find({ sourceFolder, goFolders })).to.deep.include({ origin: 'cache', path: built.path, notes: [] });
      expect(await find({ sourceFolder })).to.deep.include({ origin: 'cache', path: built.path });
      expect(await readdir(dirname(built.path))).to.deep.equal(['k6']);
    }));

  it('rebuilds after a change of a source, but not of a test', () =>
    onMachine(async ({ env, bin }) => {
      const sourceFolder = await smallModule(bin);
      const before = await builtK6Path(env, sourceFolder);
      await writeFile(join(sourceFolder, 'cmd', 'k6', 'main_test.go'), 'package main\n');
      expect(await builtK6Path(env, sourceFolder)).to.equal(before);
      await writeFile(join(sourceFolder, 'cmd', 'k6', 'more.go'), 'package main\n');
      expect(await builtK6Path(env, sourceFolder)).not.to.equal(before);
    }));

  it('ignores GOFLAGS, GOOS and go.work', () =>
    onMachine(async ({ env, bin, find }) => {
      const sourceFolder = await smallModule(bin);
      await writeFile(join(bin, 'go.work'), 'go 1.21\n');
      Object.assign(env, { GOFLAGS: '-mod=vendor', GOOS: 'plan9', GOARCH: '386' });
      expect(await find({ sourceFolder, goFolders })).to.include({ origin: 'built' });
    }));

  it("tries the next way to get k6 if the build fails, and shows Go's last lines", () =>
    onMachine(async ({ bin, find, install, progress }) => {
      await install('k6', 'stock-but-silent');
      const found = await find({ sourceFolder: await smallModule(bin, 'no such thing'), goFolders });
      expect(found.origin).to.equal('path');
      expect(found.notes[0]).to.match(/Building k6 failed: go \w+ ended with exit code 1[\s\S]*main\.go:5/);
      expect(progress.join('\n')).to.contain('main.go:5');
    }));

  it('builds once if two processes need it at the same time', () =>
    onMachine(async ({ env, bin }) => {
      const sourceFolder = await smallModule(bin);
      const results = await Promise.all([0, 1].map(() => findInProcess(env, sourceFolder)));
      expect(results.map(({ origin }) => origin)).to.have.members(['built', 'built']);
      expect(new Set(results.map(({ path }) => path)).size).to.equal(1);
      expect(results.filter(({ progress }) => progress.some((line) => line.includes('waiting')))).to.have.length(1);
      const folder = dirname(results[0]?.path ?? '');
      expect(await readdir(folder)).to.deep.equal(['k6']);
    }));

  const locks: ReadonlyArray<readonly [title: string, content: string, ageS: number]> = [
    ['of a process that has ended', JSON.stringify({ host: hostname(), pid: 999999999, started: '' }), 0],
    ['of another machine that was not renewed', JSON.stringify({ host: 'elsewhere', pid: 1, started: '' }), 60],
    ['that is empty and old', '', 60],
  ];
  for (const [title, content, ageS] of locks) {
    it(`takes over a lock ${title}, and removes its unfinished build`, () =>
      onMachine(async ({ env, bin, find }) => {
        const sourceFolder = await smallModule(bin);
        const folder = dirname(await builtK6Path(env, sourceFolder));
        await mkdir(folder, { recursive: true });
        await writeFile(join(folder, 'unfinished-999999999-k6'), 'half a k6');
        await writeFile(join(folder, 'lock'), content);
        const then = new Date(Date.now() - ageS * 1000);
        await utimes(join(folder, 'lock'), then, then);
        expect(await find({ sourceFolder, goFolders })).to.include({ origin: 'built' });
        expect(await readdir(folder)).to.deep.equal(['k6']);
      }));
  }

  it('replaces a cached k6 that does not run', () =>
    onMachine(async ({ env, bin, find }) => {
      const sourceFolder = await smallModule(bin);
      const path = await builtK6Path(env, sourceFolder);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, '\u007fELF cut short', { mode: 0o755 });
      expect(await find({ sourceFolder, goFolders })).to.include({ origin: 'built', path });
    }));

  it('reports a cache that cannot be written, and the variable that moves it', () =>
    onMachine(async ({ env, bin, find, install }) => {
      await install('k6', 'stock-but-silent');
      env.NOVAPERF_CACHE = join(bin, 'k6'); // a file
      const found = await find({ sourceFolder: await smallModule(bin), goFolders });
      expect(found.origin).to.equal('path');
      expect(found.notes[0]).to.match(/cache folder[\s\S]*NOVAPERF_CACHE/);
    }));
});

let finder: Promise<Bundled> | undefined;
after(async () => (await finder)?.remove());

/** findK6 in a process of its own. */
async function findInProcess(
  env: NodeJS.ProcessEnv,
  sourceFolder: string,
): Promise<{ origin: string; path: string; progress: string[] }> {
  finder ??= bundled(join(packageRoot, 'test', 'fixtures', 'k6', 'finder.ts'));
  const child = spawn(process.execPath, [(await finder).path], {
    cwd: packageRoot,
    env: { ...env, FINDER_SOURCES: sourceFolder, FINDER_GO: goFolders[0] ?? '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  return JSON.parse(text);
}

describe('versions', () => {
  const rows: ReadonlyArray<readonly [a: string, b: string, sign: number]> = [
    ['2.2.0', '2.2.0', 0],
    ['v2.2.0', '2.2.0', 0],
    ['2.10.0', '2.9.9', 1],
    ['0.49.0', '1.3.0', -1],
    ['2.0.0-rc1', '2.0.0', -1],
    ['2.0.0-rc1', '1.9.0', 1],
    ['2.2.0+dirty', '2.2.0', 0],
    ['1.25', '1.25.0', 0],
    ['go1.26.8', '1.25.0', 1],
  ];
  for (const [a, b, sign] of rows) {
    it(`${a} is ${sign === 0 ? 'as old as' : sign < 0 ? 'older than' : 'newer than'} ${b}`, () =>
      expect(Math.sign(compareVersions(a, b))).to.equal(sign));
  }

  it('of k6 is the one that go.mod pins', async () => {
    const goMod = await readFile(join(packageRoot, 'runner', 'k6', 'output', 'go.mod'), 'utf8');
    expect(goMod).to.contain(`go.k6.io/k6/v2 v${PINNED_K6}\n`);
    expect(compareVersions(PINNED_K6, MINIMUM_K6)).to.be.above(0);
  });

  it('of Go determine whether it can build', () => {
    const go = (version: string) => ({ path: 'go', version });
    expect(canBuild(go('1.25.0'), '1.25.0', {})).to.equal(true);
    expect(canBuild(go('1.24.1'), '1.25.0', {})).to.equal(true); // downloads the toolchain by itself
    expect(canBuild(go('1.24.1'), '1.25.0', { GOTOOLCHAIN: 'local' })).to.equal(false);
    expect(canBuild(go('1.20'), '1.25.0', {})).to.equal(false);
  });
});

describe('the cache', () => {
  const rows: ReadonlyArray<readonly [platform: NodeJS.Platform, env: NodeJS.ProcessEnv, folder: string]> = [
    ['linux', { HOME: '/home/a' }, '/home/a/.cache/novaperf'],
    ['linux', { HOME: '/home/a', XDG_CACHE_HOME: '/var/c' }, '/var/c/novaperf'],
    ['linux', { HOME: '/home/a', XDG_CACHE_HOME: 'relative' }, '/home/a/.cache/novaperf'],
    ['darwin', { HOME: '/Users/a' }, '/Users/a/Library/Caches/novaperf'],
    ['linux', { HOME: '/home/a', NOVAPERF_CACHE: '/opt/c' }, '/opt/c'],
  ];
  for (const [platform, env, folder] of rows) {
    it(`is ${folder} on ${platform} with ${Object.keys(env).join(', ')}`, () =>
      expect(cacheFolder(env, platform)).to.equal(folder));
  }
});

describe('the k6 that tests run', () => {
  needsK6();

  it('is one', async () =>
    expect(await realK6())
      .to.have.property('version')
      .that.matches(/^\d+\.\d+\.\d+/));
});
