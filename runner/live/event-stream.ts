// Sends messages to the open live pages as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
// A slow reader misses messages and then gets the whole state, so that no queue of messages can grow.

import type { ServerResponse } from 'node:http';
import type { LiveEvent } from '../model/live-event.ts';

/** The most live pages that can be open at the same time. */
const MAX_READERS = 16;
const RETRY_MS = 1000;
/** How long a reader may take to read the last message. */
const LAST_MESSAGE_TIMEOUT_MS = 5000;

interface Reader {
  readonly response: ServerResponse;
  /** True if the reader has missed a message or has no state yet. */
  needsAll: boolean;
}

/** The open streams of the live page. */
export class EventStream {
  readonly #readers = new Set<Reader>();

  get readers(): number {
    return this.#readers.size;
  }

  /** Keeps the response open as a stream and sends `first`. Returns false, with the response unchanged, if too many pages are open. */
  open(response: ServerResponse, first: LiveEvent): boolean {
    if (this.#readers.size >= MAX_READERS) return false;
    const reader: Reader = { response, needsAll: true };
    response.on('close', () => this.#readers.delete(reader));
    // A page closed in the middle of a message is not an error of the run.
    response.on('error', () => this.#readers.delete(reader));
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`retry: ${RETRY_MS}\n\n`);
    this.#readers.add(reader);
    this.#write(reader, first);
    reader.needsAll = false;
    return true;
  }

  /** Sends `change` to readers with the current state, and the whole state of `all()` to the others. */
  send(change: LiveEvent, all: () => LiveEvent): void {
    for (const reader of this.#readers) {
      if (reader.response.writableLength > 0) {
        // A missed message without a change of the page needs no whole state: the next message has the bar again.
        reader.needsAll ||= change.page !== undefined;
        continue;
      }
      this.#write(reader, reader.needsAll ? all() : change);
      reader.needsAll = false;
    }
  }

  /** Ends every stream with a last message, and disconnects readers that take longer than LAST_MESSAGE_TIMEOUT_MS. */
  async close(last: LiveEvent, all: () => LiveEvent): Promise<void> {
    await Promise.all(
      [...this.#readers].map(
        ({ response, needsAll }) =>
          new Promise<void>((resolve) => {
            const timer = setTimeout(() => {
              response.destroy();
              resolve();
            }, LAST_MESSAGE_TIMEOUT_MS);
            response.on('close', () => {
              clearTimeout(timer);
              resolve();
            });
            response.end(message(needsAll ? all() : last));
          }),
      ),
    );
  }

  #write({ response }: Reader, event: LiveEvent): void {
    response.write(message(event));
  }
}

/** One data line is enough, because JSON.stringify() writes no line break. */
function message(event: LiveEvent): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}
