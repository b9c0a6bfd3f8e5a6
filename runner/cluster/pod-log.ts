// Follows the log of one runner pod through the API server, across broken connections, and separates lines of its
// stream from lines of k6's log.

import { setTimeout as sleep } from 'node:timers/promises';
import { LONGEST_LINE_BYTES } from '../metrics/bytes/byte-lines.ts';
import { type KubeApi, KubeUnreachable } from './kube-api.ts';

const NEWLINE = 0x0a;
const SPACE = 0x20;
const OPEN = 0x5b;
const ZERO = 0x30;
const LETTER_T = 0x54;
/** Length of `2026-11-30`, and of the shortest time, in seconds and with Z. */
const DATE_LENGTH = 10;
const SHORTEST_TIME = 20;
/** Pauses before reconnecting; they get longer while attempts fail. */
const RETRY_MS = [200, 500, 1000, 2000, 3000] as const;

export interface PodLogListener {
  /**
   * A line of a histograms stream, with its line end. After a reconnect lines may come again; their numbers identify
   * them.
   */
  onStream(line: Buffer): void;
  /** Any other line, with its line end; each only once. */
  onOther(line: Buffer): void;
  /**
   * Lower bound of how far the node's clock is ahead of ours, milliseconds: a line cannot arrive before it was written.
   */
  onClock(aheadAtLeastMs: number): void;
}

export interface FollowedPod {
  /** `/api/v1/namespaces/…/pods/…/log?container=…`, without the parameters added here. */
  readonly path: string;
  /** True if the container has ended: a log that ends now is complete. */
  hasEnded(): boolean;
  /** True if the stream has had its closing line. */
  isClosed(): boolean;
}

/** Reads the log of one pod and passes its lines to a listener. */
export class PodLog {
  /** Number of reconnects. */
  reconnects = 0;
  readonly #api: KubeApi;
  readonly #pod: FollowedPod;
  readonly #listener: PodLogListener;
  #unfinished: Buffer = Buffer.alloc(0);
  /** Time of the newest line as text; all have one length, so they sort in order of time. */
  #newest = '';
  #newestMs: number | undefined;
  /** The newest time before this connection: other lines up to it have been passed on. */
  #before = '';

  constructor(api: KubeApi, pod: FollowedPod, listener: PodLogListener) {
    this.#api = api;
    this.#pod = pod;
    this.#listener = listener;
  }

  /** Follows until the container has ended and its whole log is read, or `signal` is aborted. */
  async follow(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      // Checked before reading, so that a container that ends meanwhile is read again.
      const wasEnded = this.#pod.hasEnded();
      const before = this.#newest;
      const outcome = await this.#read(signal, !wasEnded);
      if ((outcome === 'read' && this.#pod.isClosed()) || (outcome !== 'broken' && wasEnded)) return;
      failures = outcome === 'read' || this.#newest > before ? 0 : failures + 1;
      this.reconnects++;
      const pauseMs = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 3000;
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** `read`: the log ended. `none`: the API has no log, for example of a removed pod. */
  async #read(signal: AbortSignal, follow: boolean): Promise<'read' | 'none' | 'broken'> {
    this.#before = this.#newest;
    this.#unfinished = Buffer.alloc(0);
    // In whole seconds, inclusive: repeated lines are recognised by number or time.
    const since = this.#newestMs === undefined ? '' : `&sinceTime=${encodeURIComponent(wholeSecond(this.#newestMs))}`;
    try {
      const path = `${this.#pod.path}&timestamps=true&follow=${follow}${since}`;
      const status = await this.#api.follow(path, (chunk) => this.#take(chunk), signal);
      return status === 200 ? 'read' : status === 404 ? 'none' : 'broken';
    } catch (error) {
      if (error instanceof KubeUnreachable) return 'broken';
      throw error;
    }
  }

  #take(chunk: Buffer): void {
    const bytes = this.#unfinished.length === 0 ? chunk : Buffer.concat([this.#unfinished, chunk]);
    const before = this.#newest;
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      this.#line(bytes.subarray(start, end + 1));
      start = end + 1;
    }
    // Once per chunk: parsing a time costs as much as the rest of a line, and the newest time says most about the
    // clock.
    const atMs = this.#newest === before ? Number.NaN : Date.parse(this.#newest);
    if (!Number.isNaN(atMs)) {
      this.#newestMs = atMs;
      this.#listener.onClock(atMs - Date.now());
    }
    const rest = bytes.subarray(start);
    this.#unfinished = rest.length > LONGEST_LINE_BYTES ? Buffer.alloc(0) : Buffer.from(rest);
  }

  #line(line: Buffer): void {
    const space = line.indexOf(SPACE);
    // An error response has no times.
    if (space < SHORTEST_TIME || line[DATE_LENGTH] !== LETTER_T || !isDigit(line[0])) return;
    const time = line.toString('latin1', 0, space);
    const text = line.subarray(space + 1);
    if (time > this.#newest) this.#newest = time;
    if (text[0] === OPEN && isDigit(text[1])) this.#listener.onStream(text);
    else if (time > this.#before) this.#listener.onOther(text);
  }
}

function isDigit(byte = 0): boolean {
  return byte >= ZERO && byte <= ZERO + 9;
}

/** In RFC 3339, as sinceTime requires. */
function wholeSecond(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
