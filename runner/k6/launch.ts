// Starts k6 for a run: passes on its stdout in chunks and its log as entries, stops it, and reports how it ended.

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
  /** Variables of the script. They override the environment of the process, which k6 gets too. */
  readonly variables: Readonly<Record<string, string>>;
  /** Replaces the environment of the process. */
  readonly env?: NodeJS.ProcessEnv;
  /**
   * Lets k6 make its own summary and call the script's handleSummary(). k6 then keeps every value of every trend in
   * memory.
   */
  readonly withSummary?: boolean;
  /**
   * The folder for relative paths of screenshots, handleSummary() and further outputs. Default: the working directory.
   */
  readonly userFolder?: string;
  /** Further flags of `k6 run`; a value follows its flag or is joined to it by `=`. */
  readonly args: readonly string[];
  readonly stream: StreamKind;
  /** Called with each chunk of stdout. It must be fast: k6 buffers without limit if its reader is slow. */
  onStdout(chunk: Buffer): void;
  onLog(entry: LogEntry): void;
  /** Time limit after the first stop(), for teardown and the last flush. Default 75 s (teardown may take 60 s). */
  readonly gracefulStopMs?: number;
  /** Time from the second interrupt until k6 is killed. Default 5 s. */
  readonly killAfterMs?: number;
}

/** How a k6 process ended. All of its stdout and log have been delivered by then. */
export interface K6End {
  /** null: a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Start and end of the process, epoch milliseconds. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** True if stop() was called. */
  readonly wasStopped: boolean;
  /** True if it was killed after ignoring two interrupts; unwritten output is lost. */
  readonly wasKilled: boolean;
}

/** A started k6. */
export interface RunningK6 {
  readonly pid: number;
  /** The command line for people. k6 runs in the script's folder and reads the bundle from stdin. */
  readonly command: readonly string[];
  /** One note for each environment variable that k6 did not get. */
  readonly notes: readonly string[];
  /**
   * First call: interrupt k6, which ends gracefully. Second: interrupt again, k6 exits at once. Third: kill. No effect
   * after the end.
   */
  stop(): void;
  /** Resolves when k6 has ended; never rejects. */
  readonly ended: Promise<K6End>;
}

/** How long k6's pipes may stay open after its end: a process that it started can hold them. */
const DRAIN_MS = 5000;

/** The command line of a run without folder and stdin. --dry-run prints it and launchK6 executes it. */
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
    // The user's flags come first: k6 uses the last of a repeated flag, and ours keep stdout and stderr readable.
    ...given(options).args,
    '--quiet',
    // With its summary k6 also evaluates thresholds, which handleSummary() expects.
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

/** Variables, outputs and flags in the form k6 gets them. */
function given({ variables, env, args, stream, script }: Parameters<typeof k6Command>[0]): ScriptVariables {
  const base = env ?? process.env;
  const out = outputs(outputOf(stream), base, args);
  return scriptVariables(variables, { ...base, ...out.env }, out.args, script?.operand === undefined);
}

function outputOf(stream: StreamKind): string {
  return stream === 'histograms' ? `${NOVAPERF_OUTPUT}=-` : 'json=-';
}

/**
 * The command line for people: our part of the environment, then the command. Variables passed by stdin are shown as
 * -e.
 */
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
 * Starts k6 and resolves once it runs. Rejects with a UserError if it cannot be started. k6 gets its own process group,
 * so a Ctrl-C in the terminal reaches it only once, through us. k6 ends with this process, however that ends.
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
  // Our output changes k6's working directory to the user's folder itself.
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
    // The prelude is on the first line, so line numbers of the script stay the same.
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

/** The script, changed so that the files it writes are below `folder`. */
function inFolder(code: string, folder: string, { withSummary }: Pick<LaunchOptions, 'withSummary'>): string {
  const placed = screenshotsInFolder(code, folder);
  return withSummary === true ? summaryInFolder(placed, folder) : placed;
}

function exposedNote(name: string): string {
  return `${name} was given to k6 as an argument, which every user of this machine can read: with --include-system-env-vars=false there is no other way into an archive or a URL`;
}

function startFailure(path: string, script: K6Script, error: unknown): UserError {
  // Node reports ENOENT for the executable even if the working directory is missing.
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
  return notExecutable(path, 'novaperf', error);
}

/** Escalates from an interrupt to a kill, one step per request. */
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
    // The signal goes to the whole group: k6 expects it if it started a k6 with extensions as a child process.
    signalGroup(this.#pid, 'SIGINT');
    this.#timer = setTimeout(() => this.ask(), this.#requests === 1 ? this.#gracefulStopMs : this.#killAfterMs);
  }

  /**
   * Kills what k6 left running, such as a browser. Only with process groups: otherwise k6's id may already belong to
   * another process.
   */
  sweep(): void {
    if (process.platform !== 'win32') signalGroup(this.#pid, 'SIGKILL');
  }

  end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
  }
}
