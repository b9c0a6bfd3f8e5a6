// The path of a stream, or - for stdin, goes in; its bytes come out in chunks, unpacked where they are gzip, as UTF-8 where they are
// UTF-16, no faster than they are read.

import { readSync } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { errorCode, UserError } from '../system/errors.ts';
import { nearest } from '../system/nearest.ts';
import { reasonOf } from '../system/refusals.ts';

export interface StreamInput {
  /** The path as it was given; `stdin` for -. */
  readonly name: string;
  /** The first bytes, unpacked, for looksLikeLog(); they come again in `chunks`. Empty for an empty input. */
  readonly head: Buffer;
  /** To be iterated once; closes the file at the end, and when the iteration is left early. A chunk is valid until the next one but one is asked for. */
  readonly chunks: AsyncIterable<Buffer>;
  /** The gzip data ended early or is damaged from some place on; the chunks held all that came before. Known after the last chunk. */
  readonly truncated: boolean;
  /** Which of both, as a clause; undefined where the data are whole. */
  readonly fault: string | undefined;
}

/** Larger ones cost more page faults than they save calls. */
const CHUNK_BYTES = 1 << 18;
/** The one that is read, the one that is parsed, and the one before it, whose last piece gunzip may still be at. */
const CHUNKS_IN_USE = 3;
/** After so many chunks of a file others get a turn: timers, signals, the archive's gzip. */
const CHUNKS_A_TURN = 64;
/** Small, because what one piece unpacks to is held in memory, and that can be a thousand times as much. */
const PACKED_CHUNK_BYTES = 1 << 14;
/** At a fault, the piece that holds it is lost: small pieces at the beginning, so that something is left of a small file. */
const FIRST_PACKED_BYTES = 1 << 16;
const FIRST_PACKED_CHUNK_BYTES = 1 << 8;
const UNPACKED_CHUNK_BYTES = 1 << 18;
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
/** PowerShell writes UTF-16 when the output of k6 is redirected; some tools leave its byte order mark out: `{"` begins every line of k6. */
const UTF_16 = [
  { magic: Buffer.from([0xff, 0xfe]), encoding: 'utf-16le' },
  { magic: Buffer.from([0xfe, 0xff]), encoding: 'utf-16be' },
  { magic: Buffer.from('{\0"\0'), encoding: 'utf-16le' },
  { magic: Buffer.from('\0{\0"'), encoding: 'utf-16be' },
] as const;
/** Packings that are recognised and not read, each with the command that unpacks to stdout. */
const UNREAD = [
  { name: 'Zstandard', magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), unpack: 'zstd -dc' },
  { name: 'zip', magic: Buffer.from('PK\u0003\u0004'), unpack: 'unzip -p' },
  { name: 'xz', magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]), unpack: 'xz -dc' },
  { name: 'bzip2', magic: Buffer.from('BZh'), unpack: 'bzip2 -dc' },
] as const;
const LONGEST_MAGIC = 5;

/**
 * Opens a file, plain or gzip, UTF-8 or UTF-16 (by its first bytes, not by its name), or stdin for `-`. Throws a UserError where there is
 * no such file, with the nearest names in its folder, where it cannot be read, and for other packings.
 */
export async function openInput(path: string, stdin: AsyncIterable<Buffer> = process.stdin): Promise<StreamInput> {
  const source = path === '-' ? stdin : fileChunks(await openFile(path));
  const packed = await peeked(source, LONGEST_MAGIC);
  const unread = UNREAD.find(({ magic }) => beginsWith(packed.head, magic));
  if (unread !== undefined) {
    for await (const _ of packed.chunks) break; // closes the file
    throw new UserError(`Expected k6's output as text or gzip, found ${unread.name} data`, {
      where: path === '-' ? 'stdin' : resolve(path),
      next: `${unread.unpack} ${path === '-' ? 'FILE' : path} | novaperf analyze -`,
    });
  }
  const state: { fault: string | undefined } = { fault: undefined };
  const unpacked = beginsWith(packed.head, GZIP_MAGIC)
    ? await peeked(gunzipped(packed.chunks, state), LONGEST_MAGIC)
    : packed;
  const wide = UTF_16.find(({ magic }) => beginsWith(unpacked.head, magic));
  const { head, chunks } = wide === undefined ? unpacked : await peeked(asUtf8(unpacked.chunks, wide.encoding), 1);
  return {
    name: path === '-' ? 'stdin' : path,
    head: Buffer.from(head),
    chunks,
    get truncated() {
      return state.fault !== undefined;
    },
    get fault() {
      return state.fault;
    },
  };
}

function beginsWith(head: Buffer, magic: Buffer): boolean {
  return head.subarray(0, magic.length).equals(magic);
}

async function* asUtf8(chunks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

async function openFile(path: string): Promise<FileHandle> {
  const where = resolve(path);
  try {
    if ((await stat(where)).isDirectory()) {
      throw new UserError(`Expected a file with k6 output, found a folder: ${path}`, {
        where,
        next: 'give a file in it: .json or .json.gz from k6 run --out json=…, or archive.ndjson.gz',
      });
    }
    return await open(where);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const isMissing = errorCode(cause) === 'ENOENT';
    if (!isMissing)
      throw new UserError(`Expected a file that can be read, found: ${reasonOf(cause)}`, { where, cause });
    throw new UserError(`Expected a file with k6 output, found no ${path}`, {
      where,
      next: await missingFileHint(where),
      cause,
    });
  }
}

async function missingFileHint(path: string): Promise<string> {
  const folder = dirname(path);
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
    const names = nearest(basename(path), files);
    if (names.length > 0) return `did you mean ${names.join(', ')}?`;
    return `create it with k6 run --out json=${basename(path)} script.js`;
  } catch {
    return `the folder ${folder} does not exist or cannot be read`;
  }
}

/**
 * A chunk is overwritten once the chunk after the next is asked for: new memory for each costs a third of a large file's time in page
 * faults. Files are read in this thread: the kernel reads ahead anyway, and handing each chunk to another thread costs as much as the
 * reading. Pipes and terminals may have nothing to give for long, so another thread waits for them, a chunk ahead.
 */
async function* fileChunks(file: FileHandle): AsyncGenerator<Buffer> {
  const buffers: Buffer[] = [];
  let chunks = 0;
  const nextBuffer = () => {
    const place = chunks++ % CHUNKS_IN_USE;
    const buffer = buffers[place] ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
    buffers[place] = buffer;
    return buffer;
  };
  const readAhead = async () => {
    const { bytesRead, buffer } = await file.read(nextBuffer(), 0, CHUNK_BYTES);
    return buffer.subarray(0, bytesRead);
  };
  const isFile = (await file.stat()).isFile();
  let ahead = isFile ? undefined : readAhead();
  try {
    for (;;) {
      const chunk = ahead === undefined ? readNow(file, nextBuffer()) : await ahead;
      if (chunk.length === 0) return;
      if (ahead !== undefined) ahead = readAhead();
      else if (chunks % CHUNKS_A_TURN === 0) await setImmediate();
      yield chunk;
    }
  } finally {
    await ahead?.catch(() => undefined);
    await file.close();
  }
}

function readNow({ fd }: FileHandle, buffer: Buffer): Buffer {
  return buffer.subarray(0, readSync(fd, buffer, 0, CHUNK_BYTES, null));
}

/** Waits for the first `length` bytes; the chunks begin with them. */
async function peeked(
  source: AsyncIterable<Buffer>,
  length: number,
): Promise<{ head: Buffer; chunks: AsyncIterable<Buffer> }> {
  const iterator = source[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < length) {
    const { done, value } = await iterator.next();
    if (done === true) break;
    head = head.length === 0 ? value : Buffer.concat([head, value]);
  }
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      if (head.length > 0) yield head;
      for (let item = await iterator.next(); item.done !== true; item = await iterator.next()) yield item.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { head, chunks: chunks() };
}

/** Unpacks one piece while the piece before it is being read by the consumer. */
async function* gunzipped(packed: AsyncIterable<Buffer>, state: { fault: string | undefined }): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: UNPACKED_CHUNK_BYTES });
  // Not `for await` over the gunzip: when it fails at the end of cut data, it drops what it had unpacked and not handed out.
  let unpacked: Buffer[] = [];
  gunzip.on('data', (chunk: Buffer) => unpacked.push(chunk));
  const take = () => {
    const taken = unpacked;
    unpacked = [];
    return taken;
  };
  let settle = (_isSound: boolean): void => undefined;
  // A write that fails never calls back.
  let failure: unknown;
  gunzip.on('error', (error) => {
    failure = error;
    settle(false);
  });
  const isSound = (start: () => void) =>
    new Promise<boolean>((resolved) => {
      settle = resolved;
      start();
    });
  const write = (piece: Buffer) => isSound(() => gunzip.write(piece, (error) => settle(!error)));
  const end = () => isSound(() => gunzip.once('end', () => settle(true)).end());

  try {
    let work = Promise.resolve(true);
    let before = 0;
    for await (const chunk of packed) {
      for (let at = 0; at < chunk.length && (await work); ) {
        const size = before + at < FIRST_PACKED_BYTES ? FIRST_PACKED_CHUNK_BYTES : PACKED_CHUNK_BYTES;
        const taken = take();
        work = write(chunk.subarray(at, at + size));
        at += size;
        yield* taken;
      }
      before += chunk.length;
      if (!(await work)) break;
    }
    const isWhole = (await work) && (await end());
    if (!isWhole) {
      state.fault =
        errorCode(failure) === 'Z_BUF_ERROR'
          ? 'the gzip data end early'
          : 'the gzip data are damaged from some place on';
    }
    yield* take();
  } finally {
    gunzip.destroy();
  }
}
