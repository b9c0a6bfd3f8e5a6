import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';

import { ExceptionCounter } from '../../runner/k6/exceptions.ts';
import type { K6 } from '../../runner/k6/find.ts';
import { type LaunchOptions, launchK6, type RunningK6 } from '../../runner/k6/launch.ts';
import type { LogEntry } from '../../runner/k6/log.ts';
import { capture } from '../../runner/system/capture.ts';
import { UserError } from '../../runner/system/errors.ts';
import { packageRoot } from '../../runner/system/package-root.ts';
import { isAlive } from '../../runner/system/process-identity.ts';
import { type Bundled, bundled } from '../bundled.ts';
import { fixture, needsK6, realK6, script } from './real-k6.ts';

interface Recorded {
  readonly running: RunningK6;
  readonly log: LogEntry[];
  stdout(): string;
  /** Resolves when stdout holds the text. */
  saw(text: string): Promise<void>;
}

async function launch(k6: K6, code: string, options: Partial<LaunchOptions> = {}): Promise<Recorded> {
  const chunks: Buffer[] = [];
  const log: LogEntry[] = [];
  const stdout = () => Buffer.concat(chunks).toString('utf8');
  const running = await launchK6({
    k6,
    script: script(code),
    variables: {},
    args: [],
    stream: 'samples',
    onStdout: (chunk) => chunks.push(chunk),
    onLog: (entry) => log.push(entry),
    ...options,
  });
  const saw = async (text: string) => {
    while (!stdout().includes(text)) {
      if (!isAlive(running.pid)) throw new Error(`k6 ended before it wrote ${text}: ${JSON.stringify(log)}`);
      await pause(20);
    }
  };
  return { running, log, stdout, saw };
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** Processes of a group, as `pid command`; zombies are left out. */
async function processesOf(group: number): Promise<string[]> {
  const { stdout } = await capture('ps', ['-A', '-o', 'pgid=,stat=,pid=,args='], { timeoutMs: 5000 });
  return stdout
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null && Number(match[1]) === group && !match[2]?.startsWith('Z'))
    .map((match) => match?.[3] ?? '');
}

async function eventually(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (await isTrue()) return;
    await pause(50);
  }
  throw new Error(`Expected ${what} within 15 s`);
}

const QUIET_FOREVER = `
  import { sleep } from 'k6';
  export const options = { setupTimeout: '120s', scenarios: { a: { executor: 'constant-vus', vus: 1, duration: '60s' } } };
  export function setup() { console.log('setup began'); sleep(60); }
  export default function () {}`;

const LONG = `
  import { sleep } from 'k6';
  export const options = { scenarios: { a: { executor: 'constant-vus', vus: 1, duration: '60s' } } };
  export default function () { sleep(0.05); }
  export function teardown() { console.log('torn down'); }`;

describe('a launched k6', () => {
  needsK6();

  it('delivers its whole stream, its log and how it ended', async () => {
    const { running, log, stdout } = await launch(
      await realK6(),
      `import { Counter } from 'k6/metrics';
       const seen = new Counter('seen');
       export const options = { iterations: 200, vus: 4, thresholds: { seen: ['count<0'] } };
       export default function () { seen.add(1, { who: __ENV.WHO }); }
       export function teardown() { console.log('bye'); }`,
      { variables: { WHO: 'a b="c"' }, args: ['--tag', 'build=7'] },
    );
    const end = await running.ended;
    expect(end).to.include({ exitCode: 0, signal: null, wasStopped: false, wasKilled: false });
    expect(end.endedAtMs).to.be.at.least(end.startedAtMs);
    const points = stdout()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
      .filter((line) => line.type === 'Point' && line.metric === 'seen');
    expect(points).to.have.length(200);
    expect(points[0].data.tags).to.include({ who: 'a b="c"', build: '7' });
    expect(log.map(({ message, source }) => [message, source])).to.deep.equal([['bye', 'console']]);
    expect(running.command.at(-1)).to.equal('-');
    expect(running.command).to.include.members(['--no-thresholds', '--summary-mode=disabled', 'json=-', 'WHO=a b="c"']);
  });

  it('reports every exception of every iteration, though k6 exits with 0', async () => {
    const { running, log } = await launch(
      await realK6(),
      "export const options = { iterations: 40 }; export default function () { throw new Error('always ' + __ITER); }",
    );
    expect((await running.ended).exitCode).to.equal(0);
    const counter = new ExceptionCounter();
    for (const entry of log) counter.add(entry);
    expect(counter.iterationCount).to.equal(40);
    expect(counter.exceptions()).to.have.length(1);
  });

  const ends: ReadonlyArray<readonly [title: string, code: string, exitCode: number]> = [
    ['an exception in setup', "export function setup() { throw new Error('x'); } export default () => {}", 107],
    ['test.abort()', "import exec from 'k6/execution'; export default () => exec.test.abort('x');", 108],
    ['test.fail()', "import exec from 'k6/execution'; export default () => exec.test.fail('x');", 110],
  ];
  for (const [title, code, exitCode] of ends) {
    it(`returns k6's exit code for ${title}`, async () => {
      expect((await (await launch(await realK6(), code)).running.ended).exitCode).to.equal(exitCode);
    });
  }

  it('stops gracefully, including teardown()', async () => {
    const { running, log, saw } = await launch(await realK6(), LONG);
    await saw('"metric":"vus"');
    running.stop();
    const end = await running.ended;
    expect(end).to.include({ exitCode: 105, wasStopped: true, wasKilled: false });
    expect(log.map(({ message }) => message)).to.include('torn down');
    expect(await processesOf(running.pid)).to.deep.equal([]);
    running.stop(); // after the end: no effect
  });

  it('stops at once on the second request', async () => {
    const { running, log } = await launch(
      await realK6(),
      `import { sleep } from 'k6';
       export const options = { scenarios: { a: { executor: 'constant-vus', vus: 1, duration: '60s' } } };
       export default function () { if (__ITER === 0) console.log('running'); sleep(0.05); }
       export function teardown() { console.log('tearing down'); sleep(50); }`,
    );
    const logged = (text: string) => eventually(text, async () => log.some(({ message }) => message === text));
    await logged('running');
    running.stop();
    await logged('tearing down');
    running.stop();
    expect(await running.ended).to.include({ exitCode: 105, wasStopped: true, wasKilled: false });
  });

  it('gets a second interrupt if the first does not end it in time', async () => {
    const { running, saw } = await launch(fixture('needs-two-interrupts'), '', { gracefulStopMs: 300 });
    await saw('ready');
    running.stop();
    expect(await running.ended).to.include({ exitCode: 105, wasStopped: true, wasKilled: false });
  });

  it('is killed if it ignores two interrupts', async () => {
    const { running, saw } = await launch(fixture('ignores-interrupts'), '', { gracefulStopMs: 200, killAfterMs: 200 });
    await saw('ready');
    running.stop();
    expect(await running.ended).to.include({ exitCode: null, signal: 'SIGKILL', wasStopped: true, wasKilled: true });
    expect(await processesOf(running.pid)).to.deep.equal([]);
  });

  it('delivers what it wrote before a Go panic, and the trace', async () => {
    const { running, log, stdout } = await launch(fixture('panics-in-go'), '');
    expect((await running.ended).exitCode).to.equal(2);
    expect(stdout()).to.equal('{"metric":"http_reqs","type":"Point","da');
    expect(log[0]).to.include({ level: 'info', message: 'before the crash' });
    expect(log.slice(1).map(({ level }) => level)).to.deep.equal(['panic', 'panic', 'panic', 'panic']);
  });

  it('may end without output', async () => {
    const { running, log, stdout } = await launch(fixture('stock-but-silent'), LONG);
    expect((await running.ended).exitCode).to.equal(0);
    expect([stdout(), log]).to.deep.equal(['', []]);
  });

  it('has ended although a process that it started keeps its pipes open', async () => {
    const { running, stdout } = await launch(fixture('keeps-its-pipes-open'), '');
    expect((await running.ended).exitCode).to.equal(0);
    expect(stdout()).to.equal('{"last":true}\n');
    await eventually('what k6 left behind to be gone', async () => (await processesOf(running.pid)).length === 0);
  });

  const unstartable: ReadonlyArray<readonly [name: string, message: RegExp]> = [
    ['does-not-exist', /ENOENT/],
    ['is-not-executable', /EACCES/],
  ];
  for (const [name, message] of unstartable) {
    it(`gives an error if the executable ${name.replaceAll('-', ' ')}`, async () => {
      const userError = await launch(fixture(name), '').then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(userError).to.be.instanceOf(UserError).with.property('message').that.matches(message);
    });
  }

  it('delivers the histograms stream from its header to its end', async function () {
    const k6 = await realK6();
    if (!k6.hasHistograms) return this.skip();
    const { running, stdout } = await launch(k6, 'export const options = { iterations: 3 }; export default () => {}', {
      stream: 'histograms',
    });
    expect((await running.ended).exitCode).to.equal(0);
    const lines = stdout()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0].slice(0, 2)).to.deep.equal([0, 'novaperf']);
    expect(lines.at(-1)[1]).to.equal('end');
    expect(lines.at(-1)[2].totals.iterations).to.deep.equal([3, 3]);
  });

  it('rejects the histograms stream for a k6 that lacks it', async () => {
    const userError = await launch(fixture('stock-but-silent'), '', { stream: 'histograms' }).catch(
      (error: unknown) => error,
    );
    expect(userError).to.be.instanceOf(UserError);
  });

  it('gets variables on stdin if the script must not see the environment, and the script sees only those', async () => {
    const code = `export const options = { scenarios: { own: { executor: 'per-vu-iterations', vus: 1, iterations: 1, env: { OWN: '1', HOME: '/own' } } } };
      const seen = (when) => console.log(when + ' ' + Object.keys(__ENV).sort() + ' ' + __ENV.API_TOKEN + ' ' + __ENV.HOME);
      seen('init');
      export function setup() { seen('setup'); }
      export default function () { seen('iteration'); }`;
    const { running, log } = await launch(await realK6(), code, {
      variables: { API_TOKEN: 'kX93bQ7rT2', K6_VUS: '1' },
      args: ['--include-system-env-vars=0'],
    });
    const line = (await readFile(`/proc/${running.pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    expect((await running.ended).exitCode).to.equal(0);
    expect(running.command).to.include('API_TOKEN=kX93bQ7rT2');
    expect(line.join(' ')).not.to.include('kX93bQ7rT2');
    const said = new Set(log.map(({ message }) => message));
    expect([...said].sort()).to.deep.equal([
      'init API_TOKEN,K6_VUS kX93bQ7rT2 undefined',
      'iteration API_TOKEN,HOME,K6_VUS,OWN kX93bQ7rT2 /own',
      'setup API_TOKEN,K6_VUS kX93bQ7rT2 undefined',
    ]);
  });

  it("ignores variables that would change the run's control, with a warning", async () => {
    const set = {
      K6_OUT: 'csv=-',
      K6_WEB_DASHBOARD: 'true',
      K6_LOG_FORMAT: 'raw',
      K6_NO_THRESHOLDS: 'false',
      K6_TAGS: 'stage:qa',
    };
    Object.assign(process.env, set);
    try {
      const { running, stdout } = await launch(await realK6(), 'export default () => {}');
      expect((await running.ended).exitCode).to.equal(0);
      expect(running.notes.map((note) => note.split(' ')[0])).to.have.members([
        'K6_OUT',
        'K6_WEB_DASHBOARD',
        'K6_LOG_FORMAT',
      ]);
      for (const line of stdout().trim().split('\n')) expect(() => JSON.parse(line)).not.to.throw();
    } finally {
      for (const name of Object.keys(set)) delete process.env[name];
    }
  });
});

describe('a runner with a running k6', () => {
  needsK6();

  let runner: Bundled;
  before(async () => {
    runner = await bundled(join(packageRoot, 'test', 'fixtures', 'k6', 'runner.ts'));
  });
  after(() => runner.remove());

  /** Starts a runner in its own process group, as a shell does, and waits until its k6 is in setup(). */
  async function startRunner(): Promise<{
    runnerPid: number;
    k6Pid: number;
    output: () => string;
    exited: Promise<number | null>;
  }> {
    const child = spawn(process.execPath, [runner.path], {
      cwd: packageRoot,
      env: { ...process.env, RUNNER_K6: (await realK6()).path, RUNNER_SCRIPT: QUIET_FOREVER },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
    await eventually('k6 to be in setup()', async () => text.includes('setup began'));
    const k6Pid = Number(/pid (\d+)/.exec(text)?.[1]);
    return { runnerPid: child.pid ?? 0, k6Pid, output: () => text, exited };
  }

  const graceful: ReadonlyArray<readonly [title: string, signal: NodeJS.Signals, toGroup: boolean]> = [
    ['Ctrl-C in the terminal', 'SIGINT', true],
    ['SIGTERM', 'SIGTERM', false],
  ];
  for (const [title, signal, toGroup] of graceful) {
    it(`passes ${title} on once, and still receives the rest of k6's stream`, async () => {
      const { runnerPid, k6Pid, output, exited } = await startRunner();
      process.kill(toGroup ? -runnerPid : runnerPid, signal);
      expect(await exited).to.equal(0);
      expect(output()).to.contain(`ended ${JSON.stringify({ exitCode: 105, wasStopped: true, wasKilled: false })}`);
      expect(await processesOf(k6Pid)).to.deep.equal([]);
    });
  }

  it('keeps running when its terminal is closed (SIGHUP)', async () => {
    const { runnerPid, k6Pid, output, exited } = await startRunner();
    process.kill(-runnerPid, 'SIGHUP');
    await eventually('it to say so', async () => output().includes('The terminal was closed'));
    expect(await processesOf(k6Pid)).not.to.deep.equal([]);
    process.kill(runnerPid, 'SIGTERM');
    expect(await exited).to.equal(0);
  });

  it('ends k6 too when it is killed, even during a setup() without output', async function () {
    if (process.platform === 'win32' || !existsSync('/bin/sh')) this.skip();
    const { runnerPid, k6Pid, exited } = await startRunner();
    process.kill(runnerPid, 'SIGKILL');
    await exited;
    await eventually('k6 to end', async () => (await processesOf(k6Pid)).length === 0);
  });

  it('ends k6 too when it throws', async () => {
    const { runnerPid, k6Pid, output, exited } = await startRunner();
    process.kill(runnerPid, 'SIGUSR2'); // the fixture throws an uncaught exception
    expect(await exited).to.equal(1);
    expect(output()).to.contain('thrown on purpose');
    await eventually('k6 to end', async () => (await processesOf(k6Pid)).length === 0);
  });
});
