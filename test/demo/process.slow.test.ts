import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { build } from 'esbuild';
import { z } from 'zod';
import { type DemoOptions, startDemo } from '../../runner/demo/start.ts';
import { UserError } from '../../runner/system/errors.ts';
import { packageRoot } from '../../runner/system/package-root.ts';
import { type Bundled, bundled } from '../bundled.ts';
import { call, truthOf, until } from './shop-client.ts';

/** The shop as built by `npm run build`. */
const MAIN = join(packageRoot, 'dist/demo.js');
const HOLDER = fileURLToPath(new URL('./holds-a-shop.ts', import.meta.url));
const HeldShop = z.object({ url: z.string(), pid: z.number() });

describe('demo: the process', () => {
  const children: ChildProcess[] = [];
  let holderModule: Bundled;
  before(async () => {
    holderModule = await bundled(HOLDER);
  });
  after(() => holderModule.remove());
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  function run(script: string, args: string[], env: Record<string, string> = {}): Run {
    const child = spawn(process.execPath, [script, ...args], {
      stdio: 'pipe',
      detached: true,
      env: { ...process.env, ...env },
    });
    children.push(child);
    return watch(child);
  }

  it('starts, prints address and version, and has ended after stop(), which may be called twice', async () => {
    const demo = await startDemo({ version: '2.7.1' });
    expect(demo.url).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await call(demo.url, 'GET /health')).body).to.deep.equal({ status: 'ready', version: '2.7.1' });
    expect(isAlive(demo.pid)).to.equal(true);
    await demo.stop();
    await demo.stop();
    expect(isAlive(demo.pid)).to.equal(false);
    expect(await demo.exited).to.deep.equal({ code: 0, signal: null, stderr: '' });
  });

  it('answers 503 while it starts, and startDemo waits until it is ready', async () => {
    const shop = run(MAIN, ['--starting-ms', '60000', '--version', '9']);
    const { port } = z.object({ port: z.number() }).parse(JSON.parse(await shop.line()));
    const url = `http://127.0.0.1:${port}`;
    const health = await call(url, 'GET /health');
    expect([health.status, health.body]).to.deep.equal([503, { status: 'starting', version: '9' }]);
    expect((await call(url, 'GET /products')).status).to.equal(503);
    expect((await truthOf(url)).started_at).to.equal(null);

    const demo = await startDemo({ startingMs: 300 });
    expect((await call(demo.url, 'GET /products')).status).to.equal(200);
    await demo.stop();
  });

  for (const [title, options, message, next, exitCode] of [
    ['a port out of range', { port: 70_000 }, /port .* 70000/, /--help/, 2],
    ['an empty version', { version: '' }, /version/, /--help/, 2],
    ['a pool without connections', { connections: 0 }, /connections/, /--help/, 2],
    ['a seed that is not an integer', { seed: 1.5 }, /seed .* 1\.5/, /--help/, 2],
    ['an unknown fault', { faults: ['slow:GET /serch=1s'] }, /GET \/serch/, /GET \/search/, 2],
    ['a bad variable', { env: { NOVAPERF_DEMO_FAULTS: 'errors:5%' } }, /like errors/, /Example/, 2],
    ['a bad number in a variable', { env: { NOVAPERF_DEMO_SEED: 'x' } }, /seed .* "x"/, /--help/, 2],
    [
      'a shop that never gets ready',
      { startingMs: 60_000, readyWithinMs: 3000 },
      /ready in time.*503/,
      /--base-url/,
      3,
    ],
    ['a process that exits at once', { env: { NODE_OPTIONS: '--no-such-flag' } }, /code 9.*no-such-flag/s, /build/, 3],
  ] satisfies Array<[string, DemoOptions, RegExp, RegExp, number]>) {
    it(`gives an error for ${title}`, async () => {
      const userError = await errorOf(startDemo(options));
      expect(userError.message).to.match(message);
      expect(userError.next).to.match(next);
      expect(userError.exitCode).to.equal(exitCode);
    });
  }

  it('names the port that is in use and the next step', async () => {
    const holder = createServer();
    const port = await new Promise<number>((resolve) => {
      holder.listen(0, '127.0.0.1', () => {
        const address = holder.address();
        if (typeof address === 'object' && address !== null) resolve(address.port);
      });
    });
    try {
      const userError = await errorOf(startDemo({ port }));
      expect(userError.message).to.contain(`127.0.0.1:${port}`).and.contain('another process');
      expect(userError.where).to.equal(`port ${port}`);
      expect(userError.next).to.contain('free one').and.contain(`lsof -i :${port}`);
      expect(userError.exitCode).to.equal(3);
    } finally {
      holder.close();
    }
  });

  it('reads its configuration from the environment, and flags override it', async () => {
    const env = {
      NOVAPERF_DEMO_SEED: '5',
      NOVAPERF_DEMO_CONNECTIONS: '3',
      NOVAPERF_DEMO_FAULTS: 'errors:POST /orders=5%; slow:GET /search=1s',
    };
    const demo = await startDemo({ seed: 6, env });
    const truth = await truthOf(demo.url);
    expect([truth.seed, truth.connections]).to.deep.equal([6, 3]);
    expect(truth.faults.map(({ kind }) => kind)).to.deep.equal(['errors', 'slow']);
    expect(truth.routes['GET /search']).to.include({ median_ms: 1000, healthy_median_ms: 30 });
    await demo.stop();
  });

  for (const flags of [['--nope'], ['--fault', 'x'], ['--port', 'x'], ['extra']]) {
    it(`exits with 2 and an error for ${flags.join(' ')}`, async () => {
      const shop = run(MAIN, flags);
      const said = JSON.parse(await shop.line());
      expect(await shop.ended).to.deep.equal([2, null]);
      expect(shop.stderr())
        .to.contain(said.userError.message)
        .and.not.match(/\n\s+at .*\.ts:\d/);
    });
  }

  it('prints its usage with --help', async () => {
    const shop = run(MAIN, ['--help']);
    expect(await shop.ended).to.deep.equal([0, null]);
    expect(shop.stdout()).to.match(/^Usage: /);
  });

  for (const [title, end] of [
    ['its stdin closes', (child: ChildProcess) => child.stdin?.end()],
    ['it gets SIGTERM', (child: ChildProcess) => child.kill('SIGTERM')],
    ['it gets SIGINT', (child: ChildProcess) => child.kill('SIGINT')],
  ] satisfies Array<[string, (child: ChildProcess) => unknown]>) {
    it(`exits with 0 when ${title}`, async () => {
      const shop = run(MAIN, []);
      const { pid } = z.object({ pid: z.number() }).parse(JSON.parse(await shop.line()));
      expect(pid).to.equal(shop.child.pid);
      end(shop.child);
      expect(await shop.ended).to.deep.equal([0, null]);
    });
  }

  it('ends when the runner is killed', async () => {
    const holder = run(holderModule.path, ['wait']);
    const { pid } = HeldShop.parse(JSON.parse(await holder.line()));
    expect(isAlive(pid)).to.equal(true);
    holder.child.kill('SIGKILL');
    expect(await holder.ended).to.deep.equal([null, 'SIGKILL']);
    await until(() => (isAlive(pid) ? undefined : true));
  });

  it("keeps running when Ctrl-C reaches the runner's process group", async () => {
    const holder = run(holderModule.path, ['wait']);
    const { url, pid } = HeldShop.parse(JSON.parse(await holder.line()));
    process.kill(-(holder.child.pid ?? Number.NaN), 'SIGINT');
    await until(() => (holder.stdout().includes('interrupted') ? true : undefined));
    expect((await call(url, 'GET /health')).status).to.equal(200);
    holder.child.kill('SIGKILL');
    await until(() => (isAlive(pid) ? undefined : true));
  });

  it("does not keep the runner's process from ending", async () => {
    const holder = run(holderModule.path, ['forget']);
    const { pid } = HeldShop.parse(JSON.parse(await holder.line()));
    expect(await holder.ended).to.deep.equal([0, null]);
    await until(() => (isAlive(pid) ? undefined : true));
  });

  it('reports a crash of the shop', async () => {
    const demo = await startDemo();
    process.kill(demo.pid, 'SIGKILL');
    expect(await demo.exited).to.deep.include({ code: null, signal: 'SIGKILL' });
    await demo.stop();
  });

  it('is found next to the bundle', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'demo-bundle-'));
    try {
      await writeFile(join(folder, 'package.json'), '{"name":"novaperf","version":"0.0.0","type":"module"}');
      await symlink(join(packageRoot, 'node_modules'), join(folder, 'node_modules'));
      await build({
        entryPoints: {
          novaperf: join(packageRoot, 'runner/demo/start.ts'),
          demo: join(packageRoot, 'runner/demo/main.ts'),
        },
        outdir: join(folder, 'dist'),
        bundle: true,
        platform: 'node',
        format: 'esm',
        packages: 'external',
      });
      const bundle: { startDemo: typeof startDemo } = await import(
        pathToFileURL(join(folder, 'dist/novaperf.js')).href
      );
      const demo = await bundle.startDemo({ version: '3' });
      expect((await call(demo.url, 'GET /health')).body).to.deep.equal({ status: 'ready', version: '3' });
      await demo.stop();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

interface Run {
  child: ChildProcess;
  /** Resolves with the first line of stdout. */
  line(): Promise<string>;
  stdout(): string;
  stderr(): string;
  ended: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
}

function watch(child: ChildProcess): Run {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return {
    child,
    line: () => until(() => (stdout.includes('\n') ? stdout.slice(0, stdout.indexOf('\n')) : undefined)),
    stdout: () => stdout,
    stderr: () => stderr,
    ended: new Promise((resolve) => {
      child.once('close', (code, signal) => resolve([code, signal]));
    }),
  };
}

/** Whether a process still runs; a zombie (state Z) does not. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    // No such process, or no /proc: then the signal decides.
    return error instanceof Error && 'syscall' in error && error.syscall === 'open' && process.platform !== 'linux';
  }
}

async function errorOf(promise: Promise<unknown>): Promise<UserError> {
  const error = await promise.then(
    () => new Error('expected an error, it started'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof UserError) return error;
  throw error;
}
