// Failures that can hit a run of hours, caused in real runs: npm run test:faults. docs/reliability.md has a row for each.

import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageRoot } from '../../runner/system/package-root.ts';
import { secretsStayIn } from './canaries.ts';
import { hostileNames } from './hostile-names.ts';
import {
  command,
  discard,
  eventually,
  type Hurt,
  PROGRAM,
  processesOf,
  project,
  resultIn,
  resultOfRun,
  runs,
  start,
} from './runner.ts';

type Context = { skip(): never };

interface Fault {
  /** As in the first column of docs/reliability.md; `quick`: also in CI. */
  readonly title: string;
  readonly quick?: true;
  run(dir: string, context: Context): Promise<void>;
}

/** The report of a run that was not cut short. */
async function expectPassed(dir: string): Promise<void> {
  const result = await resultOfRun(dir);
  expect(result.status).to.equal('pass');
  expect(result.partial).to.equal(false);
}

/** Node processes of this project's run. */
async function runnerOf(dir: string): Promise<number> {
  let pids: number[] = [];
  await eventually('a runner', async () => {
    pids = await processesOf(dir, 'node');
    return pids.length > 0;
  });
  return Math.min(...pids);
}

async function k6Under(dir: string): Promise<number> {
  let pids: number[] = [];
  await eventually('k6 to run', async () => {
    pids = await processesOf(dir, 'k6');
    // A k6 inspect ends soon.
    const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
    pids = pids.filter((_, index) => lines[index]?.split('\0')[1] === 'run');
    return pids.length > 0;
  });
  return pids[0] ?? 0;
}

/** Waits until load is under way: the archive has its header. */
async function underLoad(dir: string): Promise<void> {
  await k6Under(dir);
  await eventually('an archive', async () => {
    const [folder = dir] = await runs(dir);
    return (await readdir(folder).catch(() => [])).some((name) => name.startsWith('archive'));
  });
}

/** Kills the runner, and with `alsoK6` everything of the run in the same instant, as when a container ends. */
async function killedRunner(dir: string, seconds: number, alsoK6 = false): Promise<void> {
  const hurt = start(dir, command(60));
  await underLoad(dir);
  const runner = await runnerOf(dir);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const others = alsoK6 ? [...(await processesOf(dir, 'k6')), ...(await processesOf(dir, 'sh'))] : [];
  const killedAtMs = Date.now();
  for (const pid of [runner, ...others]) process.kill(pid, 'SIGKILL');
  await hurt.ended;
  await eventually('k6 to be gone', async () => (await processesOf(dir, 'k6')).length === 0, 15_000);
  const [folder = ''] = await runs(dir);
  const report = spawnSync(process.execPath, [PROGRAM, 'report', folder, '--json'], { cwd: dir, encoding: 'utf8' });
  expect(report.stderr).not.to.include('novaperf itself failed');
  const result = await resultIn(folder);
  expect(result.partial).to.equal(true);
  const lostMs = killedAtMs - Date.parse(result.ended_at);
  expect(lostMs, 'what the report lacks before the death, ms').to.be.below(2000);
  const next = start(dir, command(1));
  expect(await next.ended).to.equal(0);
  expect(next.output(), 'the next run closes the cycle that was left open').to.match(/progress 1\b|closed|Progress 1/i);
}

/** What the live page of a run is sent. */
async function livePage(hurt: Hurt): Promise<{ saw(text: string): Promise<void> }> {
  let address: string | undefined;
  await eventually('an address of the live page', async () => {
    address = /http:\/\/127\.0\.0\.1:\d+\/[^\s/]+\//.exec(hurt.output())?.[0];
    return address !== undefined;
  });
  const { body } = await fetch(`${address}events`);
  if (body === null) throw new Error('Expected a stream of events, got none');
  let sent = '';
  const reading = (async () => {
    for await (const part of body.pipeThrough(new TextDecoderStream())) sent += part;
  })();
  // The page is cut off when the run ends.
  reading.catch(() => undefined);
  return { saw: (text) => eventually(`"${text}" on the live page`, async () => sent.includes(text)) };
}

const FAULTS: readonly Fault[] = [
  {
    title: 'stdout and stderr are closed',
    quick: true,
    async run(dir) {
      expect(await start(dir, `${command(2)} >&- 2>&-`).ended).to.equal(0);
      await expectPassed(dir);
    },
  },
  {
    title: 'stdout and stderr are full (/dev/full)',
    quick: true,
    async run(dir) {
      expect(await start(dir, `${command(2)} > /dev/full 2> /dev/full`).ended).to.equal(0);
      await expectPassed(dir);
    },
  },
  {
    title: '--json cannot write to stdout',
    async run(dir) {
      const hurt = start(dir, `${command(1, '--json')} > /dev/full`);
      expect(await hurt.ended).to.equal(0);
      expect(hurt.output()).to.include('could not be written to stdout (ENOSPC)');
      await expectPassed(dir);
    },
  },
  {
    title: 'the reader of a pipe goes away',
    async run(dir) {
      const hurt = start(dir, `${command(2)} 2>&1 | head -1; exit \${PIPESTATUS[0]}`);
      expect(await hurt.ended).to.equal(0);
      await expectPassed(dir);
    },
  },
  {
    title: 'the terminal is closed (EIO and SIGHUP)',
    quick: true,
    async run(dir) {
      const hurt = start(dir, `exec script -qefc ${JSON.stringify(command(4))} /dev/null`);
      await underLoad(dir);
      process.kill(-(hurt.child.pid ?? 0), 'SIGKILL');
      await eventually('the report', async () => {
        const [folder = ''] = await runs(dir);
        return (await readdir(folder)).includes('result.json');
      });
      await expectPassed(dir);
      await eventually('the runner to end', async () => (await processesOf(dir, 'node')).length === 0);
    },
  },
  {
    title: 'the runner gets SIGHUP',
    async run(dir) {
      const hurt = start(dir, command(4));
      await underLoad(dir);
      process.kill(await runnerOf(dir), 'SIGHUP');
      expect(await hurt.ended).to.equal(0);
      await expectPassed(dir);
    },
  },
  {
    title: 'the runner is killed in the first second of load (SIGKILL)',
    run: (dir) => killedRunner(dir, 0.8),
  },
  {
    title: 'the runner is killed at a random moment (SIGKILL)',
    quick: true,
    run: (dir) => killedRunner(dir, 2 + Math.random() * 4),
  },
  {
    title: 'the runner and k6 are killed in the same instant (SIGKILL)',
    run: (dir) => killedRunner(dir, 3 + Math.random() * 3, true),
  },
  {
    title: 'the whole process group gets SIGHUP',
    async run(dir) {
      const hurt = start(dir, `exec ${command(4)}`);
      await underLoad(dir);
      process.kill(-(hurt.child.pid ?? 0), 'SIGHUP');
      expect(await hurt.ended).to.equal(0);
      await expectPassed(dir);
    },
  },
  {
    title: 'k6 is killed (SIGKILL)',
    async run(dir) {
      const hurt = start(dir, command(30));
      await underLoad(dir);
      await new Promise((resolve) => setTimeout(resolve, 2000));
      process.kill(await k6Under(dir), 'SIGKILL');
      expect(await hurt.ended).to.equal(105);
      expect((await resultOfRun(dir)).status).to.equal('aborted');
    },
  },
  {
    title: 'k6 crashes',
    quick: true,
    async run(dir) {
      const hurt = start(dir, command(30));
      await underLoad(dir);
      // Go's runtime answers SIGQUIT as it does a panic: it prints all stacks and ends with 2.
      process.kill(await k6Under(dir), 'SIGQUIT');
      expect(await hurt.ended).to.equal(109);
      expect((await resultOfRun(dir)).exit_code).to.equal(109);
    },
  },
  {
    title: 'the disk fills during the load',
    quick: true,
    async run(dir, context) {
      const disk = join(dir, '.nova');
      await mkdir(disk);
      if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]).status !== 0) context.skip();
      try {
        const hurt = start(dir, `${command(8)} --live --json > doc.json`);
        await underLoad(dir);
        const page = await livePage(hurt);
        const fill = spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'fill')}`, 'bs=4k'], { encoding: 'utf8' });
        expect(fill.stderr).to.include('No space left');
        const filledAtMs = Date.now();
        await hurt.saw('The test is still running');
        await page.saw('The test is still running');
        expect(Date.now() - filledAtMs, 'ms until the terminal and the live page say it').to.be.below(6000);
        expect(await hurt.ended, hurt.output()).to.equal(0);
        const document: unknown = JSON.parse(await readFile(join(dir, 'doc.json'), 'utf8'));
        expect(document).to.include({ outcome: 'pass', exit_code: 0 });
        expect(JSON.stringify(document)).to.include('Could not write');
      } finally {
        spawnSync('umount', ['-l', disk]);
      }
    },
  },
  {
    title: 'no report can be written anywhere',
    quick: true,
    async run(dir) {
      // 64 blocks of 1,024 bytes: the archive fits, the page does not, in --out and in the temporary folder.
      const hurt = start(dir, `ulimit -f 64; ${command(2)} 2> err.txt`);
      expect(await hurt.ended).to.equal(0);
      const text = hurt.output();
      expect(JSON.parse(text.slice(text.indexOf('\n{\n')))).to.include({ outcome: 'pass', exit_code: 0 });
    },
  },
  {
    title: 'k6 inspect never ends, and the runner is killed',
    async run(dir) {
      const endless = await project('while (true) {}\nexport default function () {}\n');
      try {
        const hurt = start(endless, command(1));
        await eventually('k6 inspect', async () => (await processesOf(endless, 'k6')).length > 0);
        process.kill(await runnerOf(endless), 'SIGKILL');
        await hurt.ended;
        await eventually('k6 to be gone', async () => (await processesOf(endless, 'k6')).length === 0, 15_000);
      } finally {
        await discard(endless);
      }
      expect(await runs(dir)).to.deep.equal([]);
    },
  },
  {
    title: 'k6 inspect never ends',
    async run(dir) {
      const endless = await project('while (true) {}\nexport default function () {}\n');
      try {
        const hurt = start(endless, command(1));
        expect(await hurt.ended).to.equal(2);
        expect(hurt.output()).to.include('within 30 s');
        expect(await processesOf(endless, 'k6')).to.deep.equal([]);
      } finally {
        await discard(endless);
      }
      expect(await runs(dir)).to.deep.equal([]);
    },
  },
  {
    title: 'a monitored command never ends, and the runner is killed',
    async run(dir) {
      const hurt = start(dir, `${command(30)} --server-metrics 'stream:echo time,x; exec sleep 4242'`);
      await underLoad(dir);
      await eventually('the command', async () => (await processesOf(dir, 'sleep')).length > 0);
      process.kill(await runnerOf(dir), 'SIGKILL');
      await hurt.ended;
      await eventually('the command to be gone', async () => (await processesOf(dir, 'sleep')).length === 0, 15_000);
    },
  },
  {
    title: 'a monitored command starts others and ignores signals, and the runner is killed',
    async run(dir) {
      const source = 'stream:trap "" INT TERM HUP; echo time,x; sleep 4243 & sleep 4243 & sleep 4243';
      const hurt = start(dir, `${command(30)} --server-metrics '${source}'`);
      await underLoad(dir);
      await eventually('the commands', async () => (await processesOf(dir, 'sleep')).length === 3);
      process.kill(await runnerOf(dir), 'SIGKILL');
      await hurt.ended;
      await eventually('the commands to be gone', async () => (await processesOf(dir, 'sleep')).length === 0, 20_000);
    },
  },
  {
    title: 'the disk is full from the start',
    async run(dir, context) {
      const disk = join(dir, '.nova');
      await mkdir(disk);
      if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status !== 0) context.skip();
      try {
        spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'fill')}`, 'bs=4k']);
        const hurt = start(dir, `${command(2)} --json > doc.json`);
        const exitCode = await hurt.ended;
        expect(exitCode, hurt.output()).to.be.oneOf([0, 2]);
        expect(hurt.output()).not.to.include('    at ').and.not.to.include('novaperf itself failed');
        if (exitCode === 2) expect(hurt.output()).to.match(/--out|no space/i);
      } finally {
        spawnSync('umount', ['-l', disk]);
      }
    },
  },
  {
    title: 'only the reports do not fit on the disk',
    async run(dir, context) {
      const disk = join(dir, '.nova');
      await mkdir(disk);
      // The archive of two seconds fits, the page does not.
      if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=96k', 'tmpfs', disk]).status !== 0) context.skip();
      try {
        const hurt = start(dir, `${command(2)} --json > doc.json`);
        expect(await hurt.ended, hurt.output()).to.equal(0);
        const document: unknown = JSON.parse(await readFile(join(dir, 'doc.json'), 'utf8'));
        expect(document).to.include({ outcome: 'pass', exit_code: 0 });
        expect(JSON.stringify(document)).to.include('Could not write');
      } finally {
        spawnSync('umount', ['-l', disk]);
      }
    },
  },
  {
    title: 'HOME lies below /proc, or the file system is read-only',
    async run(dir, context) {
      const disk = join(dir, 'closed');
      await mkdir(disk);
      if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=64k', 'tmpfs', disk]).status !== 0) context.skip();
      try {
        const cache = { NOVAPERF_CACHE: cacheOf(process.env) };
        const rows: Array<[env: Record<string, string>, flags: string[], exitCode: number, says: string[]]> = [
          [{ HOME: '/proc/x', NOVAPERF_CACHE: '', XDG_CACHE_HOME: '' }, [], 2, ['/proc/x']],
          [{ TMPDIR: disk, ...cache }, [], 0, ['report.html']],
          [{}, ['--out', join(disk, 'out')], 2, ['--out', '(EROFS)']],
          [{}, ['--out', disk], 2, ['--out', '(EROFS)']],
          [{}, ['--conport', join(disk, 'records')], 2, ['--conport', '(EROFS)']],
          [{}, ['--conport', disk], 2, ['--conport', '(EROFS)']],
          [{ NOVAPERF_CACHE: join(disk, 'cache') }, [], 2, ['NOVAPERF_CACHE', '(EROFS)']],
        ];
        for (const [env, flags, exitCode, says] of rows) {
          const hurt = start(dir, command(1, ...flags), env);
          expect(await hurt.ended, hurt.output()).to.equal(exitCode);
          expect(hurt.output()).to.not.include('    at ');
          for (const words of says) expect(hurt.output()).to.include(words);
        }
      } finally {
        spawnSync('umount', ['-l', disk]);
      }
    },
  },
  {
    title: '--out cannot be written to, or its name is too long',
    quick: true,
    async run(dir) {
      await mkdir(join(dir, 'closed'));
      await chmod(join(dir, 'closed'), 0o500);
      const places = ['/proc/x', `${'y'.repeat(300)}`, ...(process.getuid?.() === 0 ? [] : ['closed'])];
      for (const out of places) {
        const hurt = start(dir, command(1, '--out', out));
        expect(await hurt.ended, out).to.equal(2);
        expect(hurt.output()).to.include('--out').and.not.to.include('    at ');
      }
    },
  },
  {
    title: 'HOME or TMPDIR does not exist',
    async run(dir) {
      const env = { HOME: '/nonexistent', TMPDIR: '/nonexistent', NOVAPERF_CACHE: cacheOf(process.env) };
      const hurt = start(dir, command(1), env);
      expect(await hurt.ended, hurt.output()).to.be.oneOf([0, 2]);
      expect(hurt.output()).not.to.include('novaperf itself failed');
    },
  },
  {
    title: 'there are too few open files',
    async run(dir) {
      const hurt = start(dir, `ulimit -n 40; ${command(1)}`);
      expect(await hurt.ended).to.equal(3);
      expect(hurt.output()).to.include('open files').and.not.to.include('    at ');
    },
  },
  {
    title: 'another user of the machine has run before',
    async run(dir) {
      expect(await start(dir, `umask 077; ${command(1, '--base-url', await listening())}`).ended).to.equal(0);
      const locks = join(process.env.TMPDIR ?? '/tmp', 'novaperf-target-locks');
      const { mode } = await stat(locks);
      expect((mode & 0o777).toString(8)).to.equal('777');
    },
  },
  { title: "names of objects' own properties, and values at the edge of numbers", run: hostileNames },
  { title: 'secrets in URLs, tags, checks, groups, messages and variables', quick: true, run: secretsStayIn },
];

function cacheOf({ NOVAPERF_CACHE, XDG_CACHE_HOME, HOME = '' }: NodeJS.ProcessEnv): string {
  return NOVAPERF_CACHE ?? join(XDG_CACHE_HOME ?? join(HOME, '.cache'), 'novaperf');
}

const servers: Array<() => void> = [];

/** The address of a server that answers every request. */
async function listening(): Promise<string> {
  const { createServer } = await import('node:http');
  const server = createServer((_, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(() => void server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

describe('a run survives', function () {
  this.timeout(120_000);
  after(() => {
    for (const close of servers) close();
  });

  for (const { title, quick, run } of FAULTS) {
    it(`${title}${quick === true ? ' @quick' : ''}`, async function () {
      if (process.platform !== 'linux') this.skip();
      const dir = await project();
      try {
        await run(dir, this);
      } finally {
        await discard(dir);
      }
    });
  }

  it('docs/reliability.md has a row for each of these @quick', async () => {
    const text = await readFile(join(packageRoot, 'docs/reliability.md'), 'utf8');
    const rows = text.split('\n').flatMap((line) => /^\| (.+?) \|/.exec(line)?.[1] ?? []);
    expect(rows.filter((row) => row !== 'fault' && !/^-+$/.test(row))).to.deep.equal(FAULTS.map(({ title }) => title));
  });
});
