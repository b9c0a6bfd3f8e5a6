// Runs the command line within the test's process, which saves half a second of CPU per call. Tests about processes, signals,
// terminals or stdin use novaperf.ts.

import { Readable, Writable } from 'node:stream';
// Loaded before a call changes the folder: esbuild's service starts in the folder in which it was loaded.
import 'esbuild';
import { type Ended, type Options, outsideOfCi, withoutIdleTime } from './novaperf.ts';

const STREAMS = ['stdin', 'stdout', 'stderr'] as const;

/** A stream of the process that is not a terminal, and what was written to it. */
class Kept extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(Buffer.from(chunk));
    done();
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}

function replaceEnvironment(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
}

let isUnderWay = false;

/** Runs `novaperf <args>` to its end. One call at a time, because it replaces the process's folder, environment and streams. */
export async function novaperf(args: readonly string[], { cwd, env = {}, stdin = '' }: Options): Promise<Ended> {
  if (isUnderWay) throw new Error('the call before has not ended');
  isUnderWay = true;
  const before = {
    cwd: process.cwd(),
    env: { ...process.env },
    title: process.title,
    streams: STREAMS.map((name) => [name, Object.getOwnPropertyDescriptor(process, name)] as const),
  };
  const stdout = new Kept();
  const stderr = new Kept();
  const streams = { stdin: Readable.from([Buffer.from(stdin)]), stdout, stderr };
  process.chdir(cwd);
  replaceEnvironment({ ...process.env, ...outsideOfCi, PWD: cwd, ...env });
  for (const name of STREAMS) Object.defineProperty(process, name, { configurable: true, value: streams[name] });
  try {
    // Mocha without a bundle loads tests with require(): an instanceof across import() and require() would fail.
    const { main } = await import('../../runner/cli/main.ts');
    const code = await main([process.execPath, 'novaperf', ...withoutIdleTime(args)]);
    return { code, stdout: stdout.text, stderr: stderr.text };
  } finally {
    for (const [name, descriptor] of before.streams) if (descriptor) Object.defineProperty(process, name, descriptor);
    process.title = before.title;
    replaceEnvironment(before.env);
    process.chdir(before.cwd);
    isUnderWay = false;
  }
}
