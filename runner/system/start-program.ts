// The entry point of `novaperf`: starts program.cjs with the code that V8 compiled in an earlier call of the same
// command. Compiling takes a quarter of the CPU of a report. Node's own cache (module.enableCompileCache) needs Node
// 22.1; like v8-compile-cache, it does not keep functions that are compiled on their first call, which are most of
// them.

import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { cacheFolder } from './cache-folder.ts';
import { EXIT } from './exit-codes.ts';
import { makeFolderSync } from './folder.ts';
import { settleV8 } from './v8-settings.ts';

/** Hash of program.cjs, 16 hex digits. V8 itself compares only its length. */
declare const PROGRAM_HASH: string;

/** File format: SHA-256 of the rest, then the CPU time in ms of the call that wrote it, then the code. */
const DIGEST_BYTES = 32;
const HEAD_BYTES = DIGEST_BYTES + 4;

/** V8 drops code that was not called for a while, so after minutes the code of the start is gone. */
const LONGEST_CALL_S = 120;
/**
 * A call with this much more CPU time than the one that wrote the file has compiled more: `run --help` does less than a
 * run.
 */
const MUCH_MORE = 1.5;
/** Number of folders of other versions of the program or of Node that are kept; a few megabytes per command. */
const KEPT_FOLDERS = 3;

interface Compiled {
  readonly code: Buffer;
  readonly cpuMs: number;
}

/** The code kept by an earlier call; undefined if there is none, or none that can be trusted. */
function readCompiled(path: string): Compiled | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const { uid, mode } = fstatSync(file);
    // The code is executed, so the file must belong to this user and not be writable for others.
    if (process.getuid !== undefined && (uid !== process.getuid() || (mode & 0o022) !== 0)) return undefined;
    const bytes = readFileSync(file);
    const content = bytes.subarray(DIGEST_BYTES);
    if (bytes.length <= HEAD_BYTES || !digest(content).equals(bytes.subarray(0, DIGEST_BYTES))) return undefined;
    return { code: bytes.subarray(HEAD_BYTES), cpuMs: bytes.readUInt32LE(DIGEST_BYTES) };
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Writes the file completely or not at all. On failure the next call compiles again. */
function writeCompiled(path: string, { code, cpuMs }: Compiled): void {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(Math.round(cpuMs));
  const content = Buffer.concat([head, code]);
  const folder = dirname(path);
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    makeFolderSync(folder);
    writeFileSync(draft, Buffer.concat([digest(content), content]), { mode: 0o600 });
    renameSync(draft, path);
    removeOthers(folder);
  } catch {
    rmSync(draft, { force: true });
  }
}

/** Removes older folders, except this one and the newest others. */
function removeOthers(folder: string): void {
  const parent = dirname(folder);
  const others = readdirSync(parent)
    .map((name) => join(parent, name))
    .filter((path) => path !== folder)
    .map((path) => ({ path, changedMs: statSync(path).mtimeMs }))
    .sort((a, b) => b.changedMs - a.changedMs);
  for (const { path } of others.slice(KEPT_FOLDERS)) rmSync(path, { recursive: true, force: true });
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/**
 * One file per command, because each uses other parts of the program. undefined if NODE_DISABLE_COMPILE_CACHE is set.
 */
function compiledPath(command: string | undefined): string | undefined {
  if (process.env.NODE_DISABLE_COMPILE_CACHE) return undefined;
  const key = `${PROGRAM_HASH}-${process.version}-${process.arch}`;
  return join(cacheFolder(process.env), 'compiled', key, `${/^[a-z]+$/.test(command ?? '') ? command : 'none'}.bin`);
}

function start(): void {
  settleV8();
  const filename = join(dirname(fileURLToPath(import.meta.url)), 'program.cjs');
  const path = compiledPath(process.argv[2]);
  const known = path === undefined ? undefined : readCompiled(path);
  const script = new Script(readFileSync(filename, 'latin1'), {
    filename,
    ...(known === undefined ? {} : { cachedData: known.code }),
  });
  const writtenCpuMs = script.cachedDataRejected === true ? undefined : known?.cpuMs;
  if (path !== undefined) {
    process.once('exit', (exitCode) => {
      const { user, system } = process.cpuUsage();
      const cpuMs = (user + system) / 1000;
      if (exitCode === EXIT.usage || exitCode === EXIT.crashed || process.uptime() > LONGEST_CALL_S) return;
      if (writtenCpuMs !== undefined && cpuMs < MUCH_MORE * writtenCpuMs) return;
      writeCompiled(path, { code: script.createCachedData(), cpuMs });
    });
  }
  const program = { exports: {} };
  const importModule = (specifier: string): Promise<unknown> => import(specifier);
  // The file is one function expression: see build.mjs.
  const run = script.runInThisContext();
  run(program.exports, createRequire(filename), program, filename, dirname(filename), importModule);
}

start();
