// A script, a k6 and a choice of stream become a running k6: its stdout in chunks, its log in entries, and how it ended.

import { execa } from 'execa';
import { errorCode, UserError } from '../system/errors.ts';
import { GROUP_LEADER, signalGroup, tieGroup } from '../system/lifeline.ts';
import { hidesEnvironment, k6Environment, type ScriptVariables, scriptVariables } from './environment.ts';
import type { K6 } from './find.ts';
import type { K6Script } from './inspect.ts';
import { type LogEntry, LogReader } from './log.ts';
import { outputs } from './outputs.ts';
import { screenshotsInFolder, summaryInFolder } from './summary-folder.ts';
import { compareVersions, NOVAPERF_OUTPUT, notExecutable } from './version.ts';

export type StreamKind = 'histograms' | 'samples';

export interface LaunchOptions {
  readonly k6: K6;
  readonly script: K6Script;
  /** Variables of the script, by the environment; they win over the process's own, which k6 gets as well. */
  readonly variables: Readonly<Record<string, string>>;
  /** In place of the process's own environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Has k6 make its own summary, and call the script's handleSummary(): it then keeps every value of every trend in memory. */
  readonly withSummary?: boolean;
  /** Where relative paths of screenshots, of handleSummary() and of further outputs begin. Default: the working directory. */
  readonly userFolder?: string;
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
}

/** How a k6 process ended. Its stdout and its log have been delivered whole by then. */
export interface K6End {
  /** null: a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Epoch milliseconds of the start and end of the process. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** stop() was called. */
  readonly wasStopped: boolean;
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
  options: Pick<LaunchOptions, 'k6' | 'variables' | 'args' | 'stream' | 'env' | 'withSummary'> & {
    readonly script?: Pick<K6Script, 'operand'>;
  },
): readonly [path: string, ...args: string[]] {
  // k6 1.x opens its REST API on localhost:6565 by default, where a second k6 would fail.
  const address = compareVersions(options.k6.version, '2.0.0') < 0 ? ['--address='] : [];
  return [
    options.k6.path,
    'run',
    // Before ours: of a flag that is given twice k6 takes the last, and ours keep stdout and stderr readable.
    ...given(options).args,
    '--quiet',
    // With its summary k6 also has its thresholds, as handleSummary() expects them.
    ...(options.withSummary === true ? [] : ['--summary-mode=disabled', '--no-thresholds']),
    '--no-usage-report',
    '--log-format=json',
    '--log-output=stderr',
    '--no-color',
    '--linger=false',
    ...address,
    options.script?.operand ?? '-',
  ];
}

/** Variables, outputs and flags as k6 gets them. */
function given({ variables, env, args, stream, script }: Parameters<typeof k6Command>[0]): ScriptVariables {
  const base = env ?? process.env;
  const out = outputs(outputOf(stream), base, args);
  return scriptVariables(variables, { ...base, ...out.env }, out.args, script?.operand === undefined);
}

function outputOf(stream: StreamKind): string {
  return stream === 'histograms' ? `${NOVAPERF_OUTPUT}=-` : 'json=-';
}

/** The command line for people: what the environment holds of ours, and the command. Variables that go by stdin are shown as -e. */
export function shownCommand(options: Parameters<typeof k6Command>[0]): string[] {
  const { variables, env, args, stream, script } = options;
  const { env: own } = outputs(outputOf(stream), env ?? process.env, args);
  const { operand = hidesEnvironment(env ?? process.env, args) ? '-' : undefined } = script ?? {};
  const shown = scriptVariables(variables, own, args, operand === undefined).env;
  return [
    ...Object.entries(shown).map(([name, value]) => `${name}=${value}`),
    ...k6Command({ ...options, script: { operand } }),
  ];
}

/**
 * Starts k6 and resolves once it runs. Rejects with a UserError when it cannot be started. k6 gets a process group of its own, so
 * that a Ctrl-C in the terminal reaches it once, through us; and it does not outlive this process, however that ends.
 */
export async function launchK6(options: LaunchOptions): Promise<RunningK6> {
  if (options.stream === 'histograms' && !options.k6.hasHistograms) {
    throw new UserError(
      `Expected a k6 with the output "${NOVAPERF_OUTPUT}" for the histograms stream, found ${options.k6.path} without it.`,
      {
        next: 'use --stream samples, or omit --k6',
      },
    );
  }
  const command = k6Command(options);
  const { env: own, notes } = k6Environment(options.env ?? process.env, options.args);
  const further = outputs(outputOf(options.stream), options.env ?? process.env, options.args).env;
  const userFolder = options.userFolder ?? process.cwd();
  const inUserFolder = { ...own, ...further, K6_NOVAPERF_FOLDER: userFolder };
  // Our output turns k6 to the user's folder itself.
  const hasCode = options.script.operand === undefined;
  const staysInScriptFolder = options.stream === 'samples' && options.script.cwd !== userFolder && hasCode;
  const code = staysInScriptFolder ? inFolder(options.script.code, userFolder, options) : options.script.code;
  const { env, prelude, exposed } = scriptVariables(options.variables, inUserFolder, options.args, hasCode);
  const startedAtMs = Date.now();
  const [path, ...args] = command;
  const child = execa(path, args, {
    ...GROUP_LEADER,
    cwd: options.script.cwd,
    env,
    extendEnv: false,
    // On the first line: places in the script stay as they are.
    input: `${prelude}${code}`,
    buffer: false,
    reject: false,
    cleanup: false,
  });
  const { pid } = child;
  if (pid === undefined) throw startFailure(path, options.script, (await child).cause);
  const letGo = tieGroup(pid);
  const stopping = new Stopping(pid, options);

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
      letGo();
      log.end();
      const { wasStopped, wasKilled } = stopping;
      resolve({ ...exit, startedAtMs, endedAtMs: Date.now(), wasStopped, wasKilled });
    });
  });
  return {
    pid,
    command: shownCommand(options),
    notes: [...notes, ...exposed.map(exposedNote)],
    stop: () => stopping.ask(),
    ended,
  };
}

/** The script with the files that it writes below `folder`. */
function inFolder(code: string, folder: string, { withSummary }: Pick<LaunchOptions, 'withSummary'>): string {
  const placed = screenshotsInFolder(code, folder);
  return withSummary === true ? summaryInFolder(placed, folder) : placed;
}

function exposedNote(name: string): string {
  return `${name} was given to k6 as an argument, which every user of this machine can read: with --include-system-env-vars=false there is no other way into an archive or a URL`;
}

function startFailure(path: string, script: K6Script, error: unknown): UserError {
  // Node says ENOENT of the executable when it is the working folder that is missing.
  if (errorCode(error) === 'ENOENT' && path.includes('/')) {
    return new UserError(
      `Expected to start ${path} in ${script.cwd}, found that one of the two does not exist (ENOENT).`,
      {
        where: path,
        next: 'novaperf doctor shows which k6 can be used',
        cause: error,
      },
    );
  }
  return notExecutable(path, 'the toolkit', error);
}

/** The steps from an interrupt to the kill, one at each further request. */
class Stopping {
  wasStopped = false;
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

  ask(): void {
    if (this.#hasEnded) return;
    this.wasStopped = true;
    this.#requests++;
    clearTimeout(this.#timer);
    if (this.#requests > 2) {
      this.wasKilled = true;
      signalGroup(this.#pid, 'SIGKILL');
      return;
    }
    // To the whole group: k6 counts on it for a k6 that it provisioned and started itself.
    signalGroup(this.#pid, 'SIGINT');
    this.#timer = setTimeout(() => this.ask(), this.#requests === 1 ? this.#gracefulStopMs : this.#killAfterMs);
  }

  /** Ends what k6 started and left behind, such as a browser. Only where there are process groups: otherwise another process may have k6's old id by now. */
  sweep(): void {
    if (process.platform !== 'win32') signalGroup(this.#pid, 'SIGKILL');
  }

  end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
  }
}
