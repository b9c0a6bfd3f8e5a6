// The command line without a process of its own: what a call prints, writes and answers is the program's, and half a second of CPU is
// saved at each. For what is about processes, signals, terminals or stdin there is novaperf.ts.

import { Readable, Writable } from 'node:stream';
// Loaded before a call changes the folder: its service starts in the one that it was loaded in.
import 'esbuild';
import { type Ended, type Options, outsideOfCi, withoutIdleTime } from './novaperf.ts';

const STREAMS = ['stdin', 'stdout', 'stderr'] as const;

/** A stream of the process that is no terminal, and what was written to it. */
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

/** Runs `novaperf <args>` to its end. One call at a time: folder, environment and streams are the process's own meanwhile. */
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
    // Mocha alone loads tests by require(), the program's own import() does not: two copies of a class are two classes.
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
