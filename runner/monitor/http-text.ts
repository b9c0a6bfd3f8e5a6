// A URL becomes the text that it answers, within bounds: time, size, no redirect followed.

import { messageOf } from '../system/errors.ts';
import { oneLine } from '../text/display-text.ts';
import { redactText, redactUrl } from '../text/secrets.ts';

/** A node exporter answers 100 kB, a large JVM some megabytes. */
const MOST_BYTES = 16 * 1024 * 1024;

export interface HttpRequest {
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/**
 * The text of a 2xx answer. Rejects with the reason for anything else: also for a redirect, which could lead the request, and
 * with it its headers, to where nobody meant it to go. User and password of the URL become basic authentication.
 */
export async function httpText({ url, headers = {}, signal }: HttpRequest): Promise<string> {
  const { address, authorization } = withoutCredentials(url);
  const response = await fetch(address, {
    signal,
    redirect: 'manual',
    headers: { ...authorization, ...headers },
  }).catch((error: unknown) => {
    throw new Error(reasonOf(error));
  });
  if (response.status >= 300 && response.status < 400) {
    await response.body?.cancel();
    const to = response.headers.get('location') ?? 'nowhere';
    throw new Error(`it redirects to ${redactUrl(to).slice(0, 200)}; redirects are not followed`);
  }
  const text = await readText(response);
  if (!response.ok) {
    const said = redactText(oneLine(text, 200));
    throw new Error(`it answers with status ${response.status}${said === '' ? '' : `: ${said}`}`);
  }
  return text;
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      bytes += part.value.byteLength;
      if (bytes > MOST_BYTES) {
        await reader.cancel().catch(() => undefined);
        throw new Error(`it answers with more than ${MOST_BYTES / 1024 / 1024} MiB`);
      }
      chunks.push(part.value);
    }
  } catch (error) {
    throw new Error(reasonOf(error));
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** fetch() takes no URL with credentials. */
function withoutCredentials(url: URL): { address: URL; authorization: Record<string, string> } {
  if (url.username === '' && url.password === '') return { address: url, authorization: {} };
  const address = new URL(url);
  address.username = '';
  address.password = '';
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { address, authorization: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } };
}

/** fetch() says "fetch failed" and puts the reason into its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return messageOf(cause) || messageOf(error);
}
