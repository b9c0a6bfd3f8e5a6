// The path of a stream, or - for stdin, goes in; its bytes come out in chunks, unpacked where they are gzip, no faster than
// they are read.

import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { createGunzip } from 'node:zlib';
import { errorCode, messageOf, UserError } from '../system/errors.ts';
import { nearest } from '../system/nearest.ts';

export interface StreamInput {
  /** The path as it was given; `stdin` for -. */
  readonly name: string;
  /** The first bytes, unpacked, for sniffStream(); they come again in `chunks`. Empty for an empty input. */
  readonly head: Buffer;
  /** To be iterated once; closes the file at the end, and when the iteration is left early. */
  readonly chunks: AsyncIterable<Buffer>;
  /** The gzip data ended early or is damaged from some place on; the chunks held all that came before. Known after the last chunk. */
  readonly truncated: boolean;
}

/** Larger ones cost more page faults than they save calls. */
const CHUNK_BYTES = 1 << 18;
/** Small, because what one piece unpacks to is held in memory, and that can be a thousand times as much. */
const PACKED_CHUNK_BYTES = 1 << 17;
const UNPACKED_CHUNK_BYTES = 1 << 18;
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/**
 * Opens a file, plain or gzip (told by its first bytes, not by its name), or stdin for `-`. Throws a UserError where there is
 * no such file, with the nearest names in its folder, or where it cannot be read.
 */
export async function openInput(path: string, stdin: AsyncIterable<Buffer> = process.stdin): Promise<StreamInput> {
  const source = path === '-' ? stdin : fileChunks(await openFile(path));
  const packed = await peeked(source, GZIP_MAGIC.length);
  const state = { truncated: false };
  const isGzip = packed.head.subarray(0, GZIP_MAGIC.length).equals(GZIP_MAGIC);
  const { head, chunks } = isGzip ? await peeked(gunzipped(packed.chunks, state), 1) : packed;
  return {
    name: path === '-' ? 'stdin' : path,
    head,
    chunks,
    get truncated() {
      return state.truncated;
    },
  };
}

/** Which of the two streams begins so: lines of the histograms stream are JSON arrays, those of k6's own output are objects. */
export function sniffStream(head: Uint8Array): 'samples' | 'histograms' {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, 4096)).toString('utf8');
  return /^\ufeff?\s*\[/.test(text) ? 'histograms' : 'samples';
}

async function openFile(path: string): Promise<FileHandle> {
  const where = resolve(path);
  try {
    if ((await stat(where)).isDirectory()) {
      throw new UserError(`Expected a file with the output of k6, found a folder: ${path}`, {
        where,
        next: 'Name a file in it: a .json or .json.gz of k6 --out json=…, or a archive.ndjson.gz.',
      });
    }
    return await open(where);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const isMissing = errorCode(cause) === 'ENOENT';
    if (!isMissing)
      throw new UserError(`Expected a file that can be read: ${path}: ${messageOf(cause)}`, { where, cause });
    throw new UserError(`Expected a file with the output of k6, found no ${path}`, {
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
    if (names.length > 0) return `Nearest in that folder: ${names.join(', ')}`;
    return `The folder holds no file of a name like this one; make the file with: k6 run --out json=${basename(path)} script.js`;
  } catch {
    return `The folder ${folder} does not exist or cannot be read.`;
  }
}

/** Reads one chunk ahead, so that reading and parsing overlap. */
async function* fileChunks(file: FileHandle): AsyncGenerator<Buffer> {
  const read = async () => {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafeSlow(CHUNK_BYTES), 0, CHUNK_BYTES);
    return buffer.subarray(0, bytesRead);
  };
  let next = read();
  try {
    for (;;) {
      const chunk = await next;
      if (chunk.length === 0) return;
      next = read();
      yield chunk;
    }
  } finally {
    await next.catch(() => undefined);
    await file.close();
  }
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
async function* gunzipped(packed: AsyncIterable<Buffer>, state: { truncated: boolean }): AsyncGenerator<Buffer> {
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
  gunzip.on('error', () => settle(false));
  const isSound = (start: () => void) =>
    new Promise<boolean>((resolved) => {
      settle = resolved;
      start();
    });
  const write = (piece: Buffer) => isSound(() => gunzip.write(piece, (error) => settle(!error)));
  const end = () => isSound(() => gunzip.once('end', () => settle(true)).end());

  try {
    let work = Promise.resolve(true);
    for await (const chunk of packed) {
      for (let at = 0; at < chunk.length && (await work); at += PACKED_CHUNK_BYTES) {
        const taken = take();
        work = write(chunk.subarray(at, at + PACKED_CHUNK_BYTES));
        yield* taken;
      }
      if (!(await work)) break;
    }
    state.truncated = !(await work) || !(await end());
    yield* take();
  } finally {
    gunzip.destroy();
  }
}
