// Lines of an archive go in; bytes that survive the death of the process, and of the machine, come out.

import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { constants, createGzip, type Gzip } from 'node:zlib';
import { flushData, flushFile } from '../system/flush.ts';

/** What may wait for the disk before drained() holds back who pours. */
const MOST_WAITING_BYTES = 4 << 20;

/** A gzip file that grows. The first error of any kind goes to `failed`, once; after it nothing is written. */
export class GzipFile {
  readonly #path: string;
  readonly #gzip: Gzip;
  readonly #failed: (error: unknown) => void;
  #handle: FileHandle | undefined;
  #waitingBytes = 0;
  #isBroken = false;
  /** Ends when all that gzip has given out so far is written. */
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

  /** Resolves when gzip and the disk have nearly caught up. */
  async drained(): Promise<void> {
    while (!this.#isBroken && (this.#gzip.writableNeedDrain || this.#waitingBytes > MOST_WAITING_BYTES)) {
      if (this.#gzip.writableNeedDrain) await this.#drainOrClose();
      await this.#written;
    }
  }

  /** Resolves when all that was written can be read back from the disk. */
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

  /** Ends the gzip data and gives the file this name. */
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
      // Not write(): a disk that is nearly full may take a part.
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

/** A plain file whose content survives as soon as append() has resolved. Errors are the caller's. */
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
