// Writing to people must never end a measurement: a terminal that was closed, a reader that went away and a full disk behind a
// redirection are remembered, and what would go there is dropped.

import { errorCode } from './errors.ts';

/** A process's own output, made safe to write to. */
export interface OutputStream {
  /** Writes what it can; false once nothing can be written any more. */
  write(text: string): boolean;
  /** Why nothing can be written; undefined while all is well. */
  readonly problem: string | undefined;
  /** Whether anything was written. */
  readonly hasWritten: boolean;
  /** Resolves when all that was written is out, or has failed. */
  drained(): Promise<void>;
}

const safe = new WeakMap<NodeJS.WriteStream, OutputStream>();

/**
 * The stream as one that never throws and never emits an unhandled error. The first failure (EIO, EPIPE, ENOSPC, …) is the last:
 * a terminal that was closed does not come back.
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
