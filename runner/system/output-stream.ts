// Writes to stdout and stderr without ever failing: a closed terminal, a reader that has gone or a full disk must not
// end a measurement.

import { errorCode } from './errors.ts';

/** An output of this process that never throws. */
export interface OutputStream {
  /** Writes the text; returns false once the stream has failed. */
  write(text: string): boolean;
  /** Why nothing can be written; undefined if it can. */
  readonly problem: string | undefined;
  /** True if anything was written. */
  readonly hasWritten: boolean;
  /** Resolves when everything is written, or has failed. */
  drained(): Promise<void>;
}

const safe = new WeakMap<NodeJS.WriteStream, OutputStream>();

/**
 * Wraps a stream so that it never throws or emits an unhandled error. After the first failure (EIO, EPIPE, ENOSPC, …)
 * nothing more is written: a closed terminal does not come back.
 */
export function safeStream(stream: NodeJS.WriteStream): OutputStream {
  const known = safe.get(stream);
  if (known !== undefined) return known;
  let problem: string | undefined;
  let hasWritten = false;
  const fail = (error: unknown) => {
    problem ??= errorCode(error) ?? 'it cannot be written to';
  };
  stream.on('error', fail);
  const made: OutputStream = {
    get problem() {
      return problem;
    },
    get hasWritten() {
      return hasWritten;
    },
    drained() {
      if (problem !== undefined || stream.destroyed) return Promise.resolve();
      return new Promise((resolve) => {
        stream.once('error', () => resolve());
        stream.once('close', () => resolve());
        stream.write('', () => resolve());
      });
    },
    write(text) {
      if (problem !== undefined) return false;
      hasWritten = true;
      try {
        stream.write(text);
      } catch (error) {
        fail(error);
      }
      return problem === undefined;
    },
  };
  safe.set(stream, made);
  return made;
}
