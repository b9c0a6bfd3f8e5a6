// Options become a running demo shop in a process of its own: its address, and how to end it.

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

/** What a caller may ask of the shop; what is left out comes from NOVAPERF_DEMO_* variables, then from the defaults. */
export interface DemoOptions {
  /** 0 or nothing: a free one. */
  port?: number;
  seed?: number;
  /** What /health returns. */
  version?: string;
  /** Lines of the grammar in faults.ts; given, they replace those of NOVAPERF_DEMO_FAULTS. */
  faults?: readonly string[];
  /** Size of the pool of database connections. */
  connections?: number;
  /** How long /health says `starting`. Milliseconds. */
  startingMs?: number;
  /** Variables added to this process's own. */
  env?: Readonly<Record<string, string>>;
  /** How long to wait until the shop is ready. Milliseconds, 10,000 by default. */
  readyWithinMs?: number;
}

/** How the process ended; `stderr` holds at most the last 4,000 characters. */
export interface DemoExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
}

/** A shop that answers. */
export interface Demo {
  /** `http://127.0.0.1:<port>`, no slash at the end. */
  url: string;
  pid: number;
  version: string;
  /** Ends the process and waits until it is gone; may be called again. */
  stop(): Promise<void>;
  /** Settles when the process is gone, whoever ended it; never rejects. The wait for it alone does not keep Node alive. */
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
 * Ctrl-C in the terminal does not reach the process. It ends with this one at the latest, even if that is killed.
 * @throws UserError for a bad option or fault, a port in use, a process that dies at once (with its stderr), or one that is not
 * ready in time; no process is left then
 */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const [command, args] = commandLine(options);
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    // A process group of its own: Ctrl-C reaches the whole group of the terminal, and the target must outlive k6's graceful end.
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

/** From the bundle: dist/demo.js. From source: main.ts through tsx. */
function commandLine(options: DemoOptions): [command: string, args: string[]] {
  const { port, seed, version, connections, startingMs, faults } = options;
  // Here already, so that a wrong option costs no process; undefined fields take their defaults.
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

/** Collects stderr until the process is gone. */
function watchEnd(child: ChildProcess): Promise<DemoExit> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });
  // Writing to a process that has just died fails; its end is reported below.
  child.stdin?.on('error', () => {});
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, stderr: messageOf(error) }));
    child.once('close', (code, signal) => resolve({ code, signal, stderr }));
  });
}

/** The line that says where the shop listens. */
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

/** Asks /health until it answers 200. */
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
      // The answer before says more than that this attempt was cut short.
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

/** The value, or undefined when the deadline comes first. */
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
  // letGo() took the process out of Node's count of what to wait for; this wait is wanted.
  child.ref();
  child.kill('SIGTERM');
  child.stdin?.destroy();
  if ((await within(performance.now() + STOP_WITHIN_MS, ended)) === undefined) child.kill('SIGKILL');
  await ended;
}

/** A caller that forgot stop(), or threw before it, must still be able to end: the shop ends with it. */
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
