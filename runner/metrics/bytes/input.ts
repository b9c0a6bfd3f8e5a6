// Opens a stream from a file or stdin and returns its bytes in chunks: gzip unpacked, UTF-16 converted to UTF-8.

import { readSync } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { errorCode, UserError } from '../../system/errors.ts';
import { nearest } from '../../system/nearest.ts';
import { reasonOf } from '../../system/refusals.ts';

export interface StreamInput {
  /** The path as given; `stdin` for -. */
  readonly name: string;
  /** The first bytes, unpacked, for looksLikeLog(). `chunks` returns them again. Empty for an empty input. */
  readonly head: Buffer;
  /**
   * The bytes. Iterate once; the file is closed at the end or when the iteration is left. A chunk is valid until the
   * next but one is requested.
   */
  readonly chunks: AsyncIterable<Buffer>;
  /**
   * True if the gzip data end early or are damaged; `chunks` then ends before that place. Known after the last chunk.
   */
  readonly truncated: boolean;
  /** The same as a clause for messages; undefined if the data are complete. */
  readonly fault: string | undefined;
}

/** Larger chunks cost more page faults than they save calls. */
const CHUNK_BYTES = 1 << 18;
/** One being read, one being parsed, and the one before it, which gunzip may still be using. */
const CHUNKS_IN_USE = 3;
/** After this many chunks of a file, timers, signals and the archive's gzip get a turn. */
const CHUNKS_A_TURN = 64;
/** Small, because all that one piece unpacks to is held in memory, which can be a thousand times as much. */
const PACKED_CHUNK_BYTES = 1 << 14;
/** A fault loses the piece that holds it. Small pieces at the start leave something of a small damaged file. */
const FIRST_PACKED_BYTES = 1 << 16;
const FIRST_PACKED_CHUNK_BYTES = 1 << 8;
const UNPACKED_CHUNK_BYTES = 1 << 18;
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
/**
 * PowerShell writes UTF-16 when k6's output is redirected. Some tools omit the byte order mark; every line of k6 begins
 * with `{"`.
 */
const UTF_16 = [
  { magic: Buffer.from([0xff, 0xfe]), encoding: 'utf-16le' },
  { magic: Buffer.from([0xfe, 0xff]), encoding: 'utf-16be' },
  { magic: Buffer.from('{\0"\0'), encoding: 'utf-16le' },
  { magic: Buffer.from('\0{\0"'), encoding: 'utf-16be' },
] as const;
/** Formats that are recognised but not read, each with the command that unpacks to stdout. */
const UNREAD = [
  { name: 'Zstandard', magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), unpack: 'zstd -dc' },
  { name: 'zip', magic: Buffer.from('PK\u0003\u0004'), unpack: 'unzip -p' },
  { name: 'xz', magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]), unpack: 'xz -dc' },
  { name: 'bzip2', magic: Buffer.from('BZh'), unpack: 'bzip2 -dc' },
] as const;
const LONGEST_MAGIC = 5;

/**
 * Opens a file, or stdin for `-`. The format (plain or gzip, UTF-8 or UTF-16) is detected from the first bytes, not
 * from the name. Throws a UserError if the file does not exist (with similar names in its folder), cannot be read or is
 * packed in another format.
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
 * Reads a file or pipe in chunks. Buffers are reused, because new memory for each chunk costs a third of a large file's
 * time in page faults. Files are read synchronously: the kernel reads ahead anyway, and passing chunks between threads
 * costs as much as reading. Pipes and terminals may block for long, so they are read asynchronously, one chunk ahead.
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

/** Reads at least `length` bytes ahead; `chunks` begins with them. */
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

/** Unpacks one piece while the consumer reads the previous one. */
async function* gunzipped(packed: AsyncIterable<Buffer>, state: { fault: string | undefined }): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: UNPACKED_CHUNK_BYTES });
  // Not `for await` over the gunzip: when cut data fail at the end, it drops what it has unpacked but not returned.
  let unpacked: Buffer[] = [];
  gunzip.on('data', (chunk: Buffer) => unpacked.push(chunk));
  const take = () => {
    const taken = unpacked;
    unpacked = [];
    return taken;
  };
  let settle = (_isSound: boolean): void => undefined;
  // The callback of a write that fails is never called.
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
