// Fetches the text of a URL, with limits on time and size.

import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createUnzip } from 'node:zlib';
import { messageOf } from '../system/errors.ts';
import { oneLine } from '../text/display-text.ts';
import { redactText, redactUrl } from '../text/secrets.ts';

/** A node exporter answers with 100 kB, a large JVM with some megabytes. */
const MOST_BYTES = 16 * 1024 * 1024;

export interface HttpRequest {
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Keeps one connection per exporter open for all samples. */
const AGENTS = { 'http:': new HttpAgent({ keepAlive: true }), 'https:': new HttpsAgent({ keepAlive: true }) } as const;

/**
 * Returns the text of a 2xx response. Rejects with the reason for anything else, including a redirect, which could send
 * the request's headers to an unintended host. User and password in the URL become basic authentication.
 */
export async function httpText({ url, headers = {}, signal }: HttpRequest): Promise<string> {
  const response = await answerOf({ url, headers, signal });
  const { statusCode: status = 0 } = response;
  if (status >= 300 && status < 400) {
    response.destroy();
    throw new Error(
      `redirected to ${redactUrl(response.headers.location ?? 'nowhere').slice(0, 200)}; redirects are not followed`,
    );
  }
  const text = await readText(response);
  if (status < 200 || status >= 300) {
    const detail = redactText(oneLine(text, 200));
    throw new Error(`status ${status}${detail === '' ? '' : `: ${detail}`}`);
  }
  return text;
}

/** Not fetch(): node:http keeps one connection for all samples and uses less CPU in every second of a run. */
function answerOf(options: Required<HttpRequest>, isRetry = false): Promise<IncomingMessage> {
  const { url, headers, signal } = options;
  const { address, authorization } = withoutCredentials(url);
  const isHttps = address.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const request = (isHttps ? httpsRequest : httpRequest)(address, {
      agent: isHttps ? AGENTS['https:'] : AGENTS['http:'],
      headers: { ...authorization, ...headers },
      signal,
    });
    request.on('response', resolve);
    request.on('error', (error) => {
      // The server may close a kept connection just when it is used again.
      const isStale = request.reusedSocket && 'code' in error && error.code === 'ECONNRESET' && !isRetry;
      if (isStale) answerOf(options, true).then(resolve, reject);
      else reject(new Error(reasonOf(error)));
    });
    request.end();
  });
}

/** With events, because an async iterator costs as much as all other work on a reading of ten series. */
function readText(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    const stream = decompressed(response);
    stream.on('data', (chunk: unknown) => {
      if (!(chunk instanceof Uint8Array)) return;
      bytes += chunk.byteLength;
      if (bytes <= MOST_BYTES) {
        chunks.push(chunk);
        return;
      }
      reject(new Error(`the answer has more than ${MOST_BYTES / 1024 / 1024} MiB`));
      response.destroy();
    });
    stream.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    stream.on('error', (error) => reject(new Error(reasonOf(error))));
    // No effect after the end or an error.
    stream.on('close', () => reject(new Error('the connection was closed before the answer was whole')));
  });
}

/** We request no compression, but a proxy may compress anyway. */
const DECODERS: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', createUnzip],
  ['x-gzip', createUnzip],
  ['deflate', createUnzip],
  ['br', createBrotliDecompress],
]);

function decompressed(response: IncomingMessage): Readable {
  const encoding = response.headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (encoding === 'identity') return response;
  const decoder = DECODERS.get(encoding);
  if (decoder === undefined) {
    response.destroy();
    throw new Error(`the answer has the encoding "${oneLine(encoding, 40)}", which is not supported`);
  }
  // Errors of the response also reach the reader of the decoder.
  return pipeline(response, decoder(), () => undefined);
}

/** Removes the credentials from the URL, so that no message contains them. */
function withoutCredentials(url: URL): { address: URL; authorization: Record<string, string> } {
  if (url.username === '' && url.password === '') return { address: url, authorization: {} };
  const address = new URL(url);
  address.username = '';
  address.password = '';
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { address, authorization: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } };
}

/** The cause of an abort has the reason. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return messageOf(cause) || messageOf(error);
}
