// A script, a k6 and a choice of stream become a running k6: its stdout in chunks, its log in entries, and how it ended.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { errorCode, UserError } from '../system/errors.ts';
import { environmentFlags, k6Environment } from './environment.ts';
import type { K6 } from './find.ts';
import type { K6Script } from './inspect.ts';
import { type LogEntry, LogReader } from './log.ts';
import { compareVersions, NOVAPERF_OUTPUT, notExecutable } from './version.ts';
import { watchOver } from './watchdog.ts';

export type StreamKind = 'histograms' | 'samples';

export interface LaunchOptions {
  readonly k6: K6;
  readonly script: K6Script;
  /** Variables of ours, given as `-e`; they win over the process's own, which k6 gets as well. */
  readonly variables: Readonly<Record<string, string>>;
  /** In place of the process's own environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Further flags of `k6 run`, each value after its flag or joined to it by `=`. */
  readonly args: readonly string[];
  readonly stream: StreamKind;
  /** Each chunk of stdout as it comes. Keep it short: a k6 whose reader is slow buffers without bound. */
  onStdout(chunk: Buffer): void;
  onLog(entry: LogEntry): void;
  /** After the first stop(): how long k6 may take for its teardown and last flush. Default 75 s (teardown may take 60 s). */
  readonly gracefulStopMs?: number;
  /** After the second interrupt: how long until k6 is killed. Default 5 s. */
  readonly killAfterMs?: number;
  /** Whether SIGINT, SIGTERM and SIGHUP that this process gets are passed on as stop(). Default true. */
  readonly forwardSignals?: boolean;
}

/** Who asked k6 to stop first: `caller` = stop(), otherwise the signal that this process got. */
export type StoppedBy = 'caller' | 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** How a k6 process ended. Its stdout and its log have been delivered whole by then. */
export interface K6End {
  /** null: a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Epoch milliseconds of the start and end of the process. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** undefined: nobody asked it to. */
  readonly stoppedBy: StoppedBy | undefined;
  /** It ignored two interrupts and was killed; what it had not written is lost. */
  readonly wasKilled: boolean;
}

export interface RunningK6 {
  readonly pid: number;
  /** The command line, for people: run in the script's folder with the bundle on stdin. */
  readonly command: readonly string[];
  /** One note per environment variable that was kept from k6. */
  readonly notes: readonly string[];
  /** First call: interrupt, k6 ends gracefully. Second: interrupt again, k6 exits at once. Third: kill. Harmless after the end. */
  stop(): void;
  /** Never rejects. */
  readonly ended: Promise<K6End>;
}

/** After k6 is gone, how long its pipes may stay open: a process that it started can hold them. */
const DRAIN_MS = 5000;

/** The command line of a run, without the script's folder and stdin: what --dry-run prints and launchK6 executes. */
export function k6Command(
  options: Pick<LaunchOptions, 'k6' | 'variables' | 'args' | 'stream'>,
): readonly [path: string, ...args: string[]] {
  // k6 1.x opens its REST API on localhost:6565 by default, where a second k6 would fail.
  const address = compareVersions(options.k6.version, '2.0.0') < 0 ? ['--address='] : [];
  return [
    options.k6.path,
    'run',
    ...environmentFlags(options.variables),
    // Before ours: of a flag that is given twice k6 takes the last, and ours keep stdout and stderr readable.
    ...options.args,
    '--quiet',
    '--summary-mode=disabled',
    '--no-thresholds',
    '--no-usage-report',
    '--log-format=json',
    '--log-output=stderr',
    '--no-color',
    '--linger=false',
    ...address,
    '--out',
    options.stream === 'histograms' ? `${NOVAPERF_OUTPUT}=-` : 'json=-',
    '-',
  ];
}

/**
 * Starts k6 and resolves once it runs. Rejects with a UserError when it cannot be started. k6 gets a process group of its own, so
 * that a Ctrl-C in the terminal reaches it once, through us; and it does not outlive this process, however that ends.
 */
export async function launchK6(options: LaunchOptions): Promise<RunningK6> {
  if (options.stream === 'histograms' && !options.k6.hasHistograms) {
    throw new UserError(
      `Expected a k6 with the ${NOVAPERF_OUTPUT} output for the histograms stream, but ${options.k6.path} has none`,
      {
        next: 'Use --stream samples, or leave --k6 out',
      },
    );
  }
  const command = k6Command(options);
  const { env, notes } = k6Environment(options.env ?? process.env);
  const startedAtMs = Date.now();
  const child = await start(command, options.script, env);
  const pid = child.pid;
  if (pid === undefined) throw notExecutable(options.k6.path, 'the toolkit', new Error('it has no process id'));

  const watchdog = watchOver(pid);
  const stopping = new Stopping(pid, options);
  const passOn = options.forwardSignals ?? true;
  if (passOn) for (const signal of FORWARDED) process.on(signal, stopping.onSignal);
  process.on('exit', stopping.kill);

  const log = new LogReader(options.onLog);
  child.stdout.on('data', options.onStdout);
  child.stderr.on('data', (chunk: Buffer) => log.push(chunk));
  const ended = new Promise<K6End>((resolve) => {
    let exit: { exitCode: number | null; signal: NodeJS.Signals | null } = { exitCode: null, signal: null };
    let drain: NodeJS.Timeout | undefined;
    child.on('exit', (exitCode, signal) => {
      exit = { exitCode, signal };
      drain = setTimeout(() => {
        stopping.sweep();
        child.stdout.destroy();
        child.stderr.destroy();
      }, DRAIN_MS);
    });
    child.on('close', () => {
      clearTimeout(drain);
      stopping.sweep();
      stopping.end();
      if (passOn) for (const signal of FORWARDED) process.removeListener(signal, stopping.onSignal);
      process.removeListener('exit', stopping.kill);
      watchdog.release();
      log.end();
      const { stoppedBy, wasKilled } = stopping;
      resolve({ ...exit, startedAtMs, endedAtMs: Date.now(), stoppedBy, wasKilled });
    });
  });
  return { pid, command, notes, stop: () => stopping.ask('caller'), ended };
}

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function start(
  [path, ...args]: readonly [string, ...string[]],
  script: K6Script,
  env: NodeJS.ProcessEnv,
): Promise<ChildProcessWithoutNullStreams> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, {
      cwd: script.cwd,
      env,
      stdio: 'pipe',
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    const onError = (error: Error) => reject(startFailure(path, script, error));
    child.once('error', onError);
    child.once('spawn', () => {
      child.removeListener('error', onError);
      // A kill that fails is reported here; the process is gone then, which 'exit' tells.
      child.on('error', () => {});
      // A k6 that dies before it has read the script gives EPIPE; its exit code and log tell why.
      child.stdin.on('error', () => {});
      child.stdin.end(script.code);
      resolve(child);
    });
  });
}

function startFailure(path: string, script: K6Script, error: Error): UserError {
  // Node says ENOENT of the executable when it is the working folder that is missing.
  if (errorCode(error) === 'ENOENT' && path.includes('/')) {
    return new UserError(
      `Expected to be able to start ${path} in ${script.cwd}: one of the two does not exist (ENOENT)`,
      {
        where: path,
        next: 'Run `novaperf doctor`',
        cause: error,
      },
    );
  }
  return notExecutable(path, 'the toolkit', error);
}

/** The steps from a polite request to the kill. The first cause is kept; later ones only press harder. */
class Stopping {
  stoppedBy: StoppedBy | undefined;
  wasKilled = false;
  readonly #pid: number;
  readonly #gracefulStopMs: number;
  readonly #killAfterMs: number;
  #requests = 0;
  #timer: NodeJS.Timeout | undefined;
  #hasEnded = false;

  constructor(pid: number, options: LaunchOptions) {
    this.#pid = pid;
    this.#gracefulStopMs = options.gracefulStopMs ?? 75_000;
    this.#killAfterMs = options.killAfterMs ?? 5000;
  }

  readonly onSignal = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGINT' || signal === 'SIGTERM' || signal === 'SIGHUP') this.ask(signal);
  };

  ask(cause: StoppedBy): void {
    if (this.#hasEnded) return;
    this.stoppedBy ??= cause;
    this.#requests++;
    clearTimeout(this.#timer);
    if (this.#requests > 2) {
      this.wasKilled = true;
      this.kill();
      return;
    }
    // SIGINT whatever we got: k6 treats SIGTERM alike and dies of SIGHUP.
    this.#send('SIGINT');
    this.#timer = setTimeout(() => this.ask(cause), this.#requests === 1 ? this.#gracefulStopMs : this.#killAfterMs);
  }

  readonly kill = (): void => {
    this.#send('SIGKILL');
  };

  /** Ends what k6 started and left behind, such as a browser. Only where a group tells it from a stranger with k6's old id. */
  sweep(): void {
    if (process.platform !== 'win32') this.#send('SIGKILL');
  }

  end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
  }

  /** To the whole process group, as a terminal would: k6 counts on it for a k6 that it provisioned and started itself. */
  #send(signal: NodeJS.Signals): void {
    try {
      process.kill(process.platform === 'win32' ? this.#pid : -this.#pid, signal);
    } catch {
      // gone already
    }
  }
}
