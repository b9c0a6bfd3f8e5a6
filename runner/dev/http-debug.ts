// What k6 logs under --http-debug=full becomes requests and responses with their headers and bodies.

import type { LogEntry } from '../k6/log.ts';

/** A logged request or response. */
export interface HttpMessage {
  /** `POST /login HTTP/1.1`, `HTTP/2.0 200 OK`. */
  readonly startLine: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** Whether the log truncated it. */
  readonly isCut: boolean;
}

/** A request and its response; without a response it failed or has not ended. */
export interface Exchange {
  /** The k6 scenario; undefined in setup and teardown. */
  readonly scenario: string | undefined;
  readonly request: HttpMessage;
  response?: HttpMessage;
}

const ENTRY = /^(Request|Response):\n([\s\S]*)$/;
/** An entry that the log truncated, so that it is not JSON. */
const CUT_ENTRY = /^\{"group":.*?"msg":"((?:Request|Response):\\n.*)$/s;

/** Collects exchanges from the entries of a k6 log, in the order of their requests. */
export class Exchanges {
  readonly all: Exchange[] = [];
  /** Exchanges with a response, in the order of the responses. */
  readonly answered: Exchange[] = [];
  readonly #byId = new Map<string, Exchange>();

  /** Adds an entry; returns whether it was from --http-debug. */
  add(entry: LogEntry): boolean {
    const text = textOf(entry);
    const [, kind, dump = ''] = ENTRY.exec(text ?? '') ?? [];
    if (kind === undefined) return false;
    const message = messageOf(dump, entry.source === 'raw');
    const id = entry.fields.request_id;
    if (kind === 'Request') {
      const exchange: Exchange = { scenario: entry.scenario, request: message };
      this.all.push(exchange);
      if (id !== undefined) this.#byId.set(id, exchange);
      return true;
    }
    // A truncated line lacks its id, which k6 writes last.
    const exchange =
      (id === undefined ? undefined : this.#byId.get(id)) ?? this.all.find(({ response }) => response === undefined);
    if (exchange === undefined) return true;
    exchange.response = message;
    this.answered.push(exchange);
    return true;
  }
}

function textOf({ source, message }: LogEntry): string | undefined {
  if (source === 'http-debug') return message;
  const [, cut] = source === 'raw' ? (CUT_ENTRY.exec(message) ?? []) : [];
  // Removes the log's truncation mark and a half escape.
  return cut === undefined ? undefined : unescaped(cut.replace(/… \(cut\)$/, '').replace(/\\(u[0-9a-f]{0,3})?$/i, ''));
}

function unescaped(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(`"${text}"`);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A message as Go's httputil dumps it, its line ends made `\n` by k6. */
function messageOf(dump: string, isCut: boolean): HttpMessage {
  const end = dump.indexOf('\n\n');
  const [startLine = '', ...lines] = (end === -1 ? dump : dump.slice(0, end)).split('\n');
  const headers = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return colon < 1 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()] as const];
  });
  const body = end === -1 ? '' : dump.slice(end + 2).replace(/\n$/, '');
  return { startLine, headers, body: isChunked(headers) ? withoutChunks(body) : body, isCut };
}

/** The value of a header, by its name in any case. */
export function header({ headers }: HttpMessage, name: string): string | undefined {
  return headers.find(([known]) => known.toLowerCase() === name)?.[1];
}

function isChunked(headers: HttpMessage['headers']): boolean {
  return headers.some(([name, value]) => name.toLowerCase() === 'transfer-encoding' && /chunked/i.test(value));
}

/** `1b\n{…}\n0\n\n` → `{…}`. Sizes are of the bytes on the wire; if k6 changed line ends, only the sizes are removed. */
function withoutChunks(text: string): string {
  let rest = Buffer.from(text, 'utf8');
  const parts: Buffer[] = [];
  for (;;) {
    const [whole, digits = ''] = /^([0-9a-f]{1,8})(?:;[^\n]*)?\n/i.exec(rest.toString('latin1')) ?? [];
    if (whole === undefined) return parts.length > 0 ? Buffer.concat([...parts, rest]).toString('utf8') : text;
    const size = Number.parseInt(digits, 16);
    if (size === 0) return Buffer.concat(parts).toString('utf8');
    parts.push(rest.subarray(whole.length, whole.length + size));
    rest = rest.subarray(whole.length + size + 1);
    if (rest.length === 0) return Buffer.concat(parts).toString('utf8');
  }
}
