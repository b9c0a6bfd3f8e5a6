// Starts a demo shop in its own process.

import { type ChildProcess, spawn } from 'node:child_process';
import { get } from 'node:http';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import { messageOf, UserError } from '../system/errors.ts';
import { EXIT } from '../system/exit-codes.ts';
import { packageRoot } from '../system/package-root.ts';
import { checkConfig } from './config.ts';
import { parseFault } from './faults.ts';

/** Settings of the shop; missing ones come from NOVAPERF_DEMO_* variables, then from the defaults. */
export interface DemoOptions {
  /** 0 or undefined: a free port. */
  port?: number;
  seed?: number;
  /** The version in /health. */
  version?: string;
  /** Lines of the grammar in faults.ts; replace those of NOVAPERF_DEMO_FAULTS. */
  faults?: readonly string[];
  /** Size of the pool of database connections. */
  connections?: number;
  /** How long /health reports `starting`, milliseconds. */
  startingMs?: number;
  /** Variables in addition to those of this process. */
  env?: Readonly<Record<string, string>>;
  /** Maximum time until the shop is ready, milliseconds; default 10,000. */
  readyWithinMs?: number;
}

/** How the process ended; `stderr`: at most the last 4,000 characters. */
export interface DemoExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
}

/** A running shop. */
export interface Demo {
  /** `http://127.0.0.1:<port>`, without a trailing slash. */
  url: string;
  pid: number;
  version: string;
  /** Ends the process and waits for its end; may be called again. */
  stop(): Promise<void>;
  /** Resolves when the process has ended for any reason; never rejects. Does not keep Node running. */
  exited: Promise<DemoExit>;
}

const READY_WITHIN_MS = 10_000;
const STOP_WITHIN_MS = 3_000;
const STDERR_KEPT = 4_000;

const FirstLineSchema = z.union([
  z.object({ port: z.number().int(), pid: z.number().int(), version: z.string() }),
  z.object({
    userError: z.object({
      message: z.string(),
      where: z.string().optional(),
      next: z.string().optional(),
      exitCode: z.number().int(),
    }),
  }),
]);

/**
 * Starts the demo shop on 127.0.0.1 and waits until /health says that it is ready.
 * Ctrl-C in the terminal does not reach the process. It ends at the latest with this one, even if that is killed.
 * @throws UserError for a bad option or fault, a port in use, a process that ends at once (with its stderr), or one that is not
 * ready in time; leaves no process then
 */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const [command, args] = commandLine(options);
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    // Its own process group, because Ctrl-C reaches the terminal's group, and the shop must run until k6 has stopped gracefully.
    detached: true,
  });
  const ended = watchEnd(child);
  const stop = (): Promise<void> => stopChild(child, ended);
  const deadlineMs = performance.now() + (options.readyWithinMs ?? READY_WITHIN_MS);
  try {
    const line = await firstLine(child, ended, deadlineMs);
    const url = `http://127.0.0.1:${line.port}`;
    await untilReady(url, ended, deadlineMs);
    letGo(child);
    return { url, pid: line.pid, version: line.version, stop, exited: ended };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** dist/demo.js from the bundle; main.ts with tsx from source. */
function commandLine(options: DemoOptions): [command: string, args: string[]] {
  const { port, seed, version, connections, startingMs, faults } = options;
  // Checked before starting a process; undefined fields get defaults.
  checkConfig({ port, seed, version, connections, startingMs }, (field) => `option ${field}`);
  for (const fault of faults ?? []) parseFault(fault);
  const values: Array<[flag: string, value: string | number | undefined]> = [
    ['port', port],
    ['seed', seed],
    ['version', version],
    ['connections', connections],
    ['starting-ms', startingMs],
    ...(faults ?? []).map((fault): [string, string] => ['fault', fault]),
  ];
  const flags = values.flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}=${value}`]));
  if (import.meta.url.endsWith('.ts')) {
    const main = fileURLToPath(new URL('./main.ts', import.meta.url));
    // Not import.meta.resolve: mocha loads tests through require, where tsx does not offer it.
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    return [process.execPath, ['--import', tsx, main, ...flags]];
  }
  return [process.execPath, ['--enable-source-maps', join(packageRoot, 'dist', 'demo.js'), ...flags]];
}

/** Collects stderr until the process ends. */
function watchEnd(child: ChildProcess): Promise<DemoExit> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });
  // Writing to a process that has just ended fails; its end is reported below.
  child.stdin?.on('error', () => {});
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, stderr: messageOf(error) }));
    child.once('close', (code, signal) => resolve({ code, signal, stderr }));
  });
}

/** The line with the shop's address. */
async function firstLine(
  child: ChildProcess,
  ended: Promise<DemoExit>,
  deadlineMs: number,
): Promise<{ port: number; pid: number; version: string }> {
  const line = new Promise<string>((resolve) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(0, STDERR_KEPT);
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
    });
  });
  const first = await within(deadlineMs, Promise.race([line, ended]));
  if (first === undefined) throw notReady('nothing on its stdout');
  if (typeof first !== 'string') throw diedAtOnce(first);
  let said: unknown;
  try {
    said = JSON.parse(first);
  } catch {
    throw notReady(`on its stdout ${JSON.stringify(first.slice(0, 200))}`);
  }
  const parsed = FirstLineSchema.safeParse(said);
  if (!parsed.success) throw notReady(`on its stdout ${JSON.stringify(first.slice(0, 200))}`);
  if ('port' in parsed.data) return parsed.data;
  const { message, where, next, exitCode } = parsed.data.userError;
  throw new UserError(message, {
    exitCode,
    ...(where === undefined ? {} : { where }),
    ...(next === undefined ? {} : { next }),
  });
}

/** Polls /health until it returns 200. */
async function untilReady(url: string, ended: Promise<DemoExit>, deadlineMs: number): Promise<void> {
  let death: DemoExit | undefined;
  void ended.then((exit) => {
    death = exit;
  });
  let found = 'no answer';
  while (performance.now() < deadlineMs) {
    if (death !== undefined) throw diedAtOnce(death);
    const deadline = AbortSignal.timeout(Math.max(1, Math.ceil(deadlineMs - performance.now())));
    try {
      const { status, body } = await answerOf(`${url}/health`, deadline);
      if (status === 200) return;
      found = `status ${status} (${body.slice(0, 200)})`;
    } catch (error) {
      // The earlier response is a better reason than the timeout of this attempt.
      if (!deadline.aborted) found = messageOf(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw notReady(`from ${url}/health ${found}`);
}

/** Not fetch(), which takes 100 ms of CPU to load. */
function answerOf(url: string, signal: AbortSignal): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, signal }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
    });
    request.on('error', reject);
  });
}

/** The value, or undefined after the deadline. */
async function within<T>(deadlineMs: number, value: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, deadlineMs - performance.now()));
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function stopChild(child: ChildProcess, ended: Promise<DemoExit>): Promise<void> {
  // After letGo() Node does not wait for the process, but this wait is needed.
  child.ref();
  child.kill('SIGTERM');
  child.stdin?.destroy();
  if ((await within(performance.now() + STOP_WITHIN_MS, ended)) === undefined) child.kill('SIGKILL');
  await ended;
}

/** Lets this process end without stop(); the shop then ends with it. */
function letGo(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) if (stream instanceof Socket) stream.unref();
}

function diedAtOnce(exit: DemoExit): UserError {
  const how = exit.signal === null ? `code ${exit.code}` : `signal ${exit.signal}`;
  return new UserError(`Expected the demo shop to start, found that it ended with ${how}: ${exit.stderr.trim()}`, {
    next: 'if the program was moved or not built completely, run npm run build; otherwise please report a bug',
    exitCode: EXIT.environment,
  });
}

function notReady(found: string): UserError {
  return new UserError(`Expected the demo shop to be ready in time, found ${found}.`, {
    next: 'the machine may be overloaded: try again, or use another system with --base-url',
    exitCode: EXIT.environment,
  });
}
