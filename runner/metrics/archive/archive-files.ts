// Writes an archive's bytes to disk so that they survive a crash of the process and of the machine.

import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { constants, createGzip, type Gzip } from 'node:zlib';
import { flushData, flushFile } from '../../system/flush.ts';

/** drained() waits while more than this is queued for the disk. */
const MOST_WAITING_BYTES = 4 << 20;

/** A gzip file that is appended to. The first error is passed to `failed`, once; later writes are ignored. */
export class GzipFile {
  readonly #path: string;
  readonly #gzip: Gzip;
  readonly #failed: (error: unknown) => void;
  #handle: FileHandle | undefined;
  #waitingBytes = 0;
  #isBroken = false;
  /** Resolves when all bytes that gzip has produced so far are written. */
  #written: Promise<void>;

  constructor(path: string, level: number, failed: (error: unknown) => void) {
    this.#path = path;
    this.#failed = failed;
    this.#gzip = createGzip({ level });
    this.#gzip.on('error', (error) => this.#fail(error));
    this.#gzip.on('data', (chunk: Buffer) => this.#append(chunk));
    this.#written = open(path, 'w').then(
      (handle) => {
        this.#handle = handle;
      },
      (error) => this.#fail(error),
    );
  }

  write(bytes: Buffer): void {
    if (!this.#isBroken) this.#gzip.write(bytes);
  }

  /** Resolves when the queues of gzip and of the disk are nearly empty. */
  async drained(): Promise<void> {
    while (!this.#isBroken && (this.#gzip.writableNeedDrain || this.#waitingBytes > MOST_WAITING_BYTES)) {
      if (this.#gzip.writableNeedDrain) await this.#drainOrClose();
      await this.#written;
    }
  }

  /** Resolves when everything written so far can be read back from the disk. */
  async flush(): Promise<void> {
    if (this.#isBroken) return;
    await new Promise<void>((resolve) => {
      this.#gzip.once('close', resolve);
      this.#gzip.flush(constants.Z_SYNC_FLUSH, () => {
        this.#gzip.off('close', resolve);
        resolve();
      });
    });
    await this.#written;
    if (this.#handle !== undefined) await flushData(this.#handle).catch((error) => this.#fail(error));
  }

  /** Ends the gzip data, flushes the file and renames it to `name`. */
  async finish(name: string): Promise<void> {
    if (this.#isBroken) return;
    await new Promise<void>((resolve) => this.#gzip.once('close', resolve).end());
    await this.#written;
    try {
      if (this.#handle !== undefined) await flushFile(this.#handle);
      await this.#handle?.close();
      if (!this.#isBroken) await rename(this.#path, name);
    } catch (error) {
      this.#fail(error);
    }
  }

  #drainOrClose(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#gzip.off('drain', done).off('close', done);
        resolve();
      };
      this.#gzip.once('drain', done).once('close', done);
    });
  }

  #append(chunk: Buffer): void {
    this.#waitingBytes += chunk.length;
    this.#written = this.#written.then(async () => {
      // appendFile, not write(): write() may store only a part on a nearly full disk.
      if (!this.#isBroken) await this.#handle?.appendFile(chunk).catch((error) => this.#fail(error));
      this.#waitingBytes -= chunk.length;
    });
  }

  #fail(error: unknown): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#gzip.destroy();
    this.#written = this.#written.then(() => this.#handle?.close().catch(() => undefined));
    this.#failed(error);
  }
}

/**
 * A plain file; its content is on disk as soon as append() resolves. append() rejects on an error of the file system.
 */
export class TailFile {
  #handle: FileHandle | undefined;

  constructor(readonly path: string) {}

  async append(bytes: Buffer): Promise<void> {
    this.#handle ??= await open(this.path, 'w');
    await this.#handle.appendFile(bytes);
    await flushData(this.#handle);
  }

  async remove(): Promise<void> {
    await this.#handle?.close().catch(() => undefined);
    this.#handle = undefined;
    await rm(this.path, { force: true });
  }
}
