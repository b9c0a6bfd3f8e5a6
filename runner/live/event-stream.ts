// Messages go to every open live page as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
// A reader that does not keep up misses messages and then gets the whole state: nothing is queued for it.

import type { ServerResponse } from 'node:http';
import type { LiveEvent } from '../model/live-event.ts';

/** Pages that may be open at once. */
const MOST_READERS = 16;
const RETRY_MS = 1000;
/** How long a reader that got the end may take to read it. */
const GOODBYE_MS = 5000;

interface Reader {
  readonly response: ServerResponse;
  /** It has missed something, or has nothing yet. */
  needsAll: boolean;
}

export class EventStream {
  readonly #readers = new Set<Reader>();

  get readers(): number {
    return this.#readers.size;
  }

  /** Keeps the response open as a stream, and sends it `first`. false: there are too many already, and it was not touched. */
  open(response: ServerResponse, first: LiveEvent): boolean {
    if (this.#readers.size >= MOST_READERS) return false;
    const reader: Reader = { response, needsAll: true };
    response.on('close', () => this.#readers.delete(reader));
    // A page that was closed in the middle of a message is no error of the run.
    response.on('error', () => this.#readers.delete(reader));
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`retry: ${RETRY_MS}\n\n`);
    this.#readers.add(reader);
    this.#write(reader, first);
    reader.needsAll = false;
    return true;
  }

  /** Sends `change` to readers that have all before it, and what `all()` gives to those that do not. */
  send(change: LiveEvent, all: () => LiveEvent): void {
    for (const reader of this.#readers) {
      if (reader.response.writableLength > 0) {
        // What it has missed matters only where it changed the page.
        reader.needsAll ||= change.page !== undefined;
        continue;
      }
      this.#write(reader, reader.needsAll ? all() : change);
      reader.needsAll = false;
    }
  }

  /** Ends every stream with a last message. A reader that does not take it in time is cut off. */
  async close(last: LiveEvent, all: () => LiveEvent): Promise<void> {
    await Promise.all(
      [...this.#readers].map(
        ({ response, needsAll }) =>
          new Promise<void>((resolve) => {
            const timer = setTimeout(() => {
              response.destroy();
              resolve();
            }, GOODBYE_MS);
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

/** JSON has no line break, so one data line holds it. */
function message(event: LiveEvent): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}
