// The HTTP server of the live page, for browsers on this machine: the page, its stream of changes, finished reports, and a stop request.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf, UserError } from '../system/errors.ts';

const LOOPBACK = '127.0.0.1';

export interface PageRoutes {
  /** The HTML of the page. */
  page(): string;
  /** Keeps the response open as a stream. Returns false if too many pages are open. */
  events(response: ServerResponse): boolean;
  /** The report of a finished run, by its number from 0; undefined if there is none. */
  report(number: number): Promise<string | undefined>;
  stop(): void;
  /** Reports an internal error of the server. The run continues. */
  warn(text: string): void;
}

export interface PageServer {
  /** The address of the page, with its secret token. */
  readonly url: string;
  /** Closes the port and all connections. */
  close(): Promise<void>;
}

/**
 * Starts a server on the loopback interface. `port` undefined: any free port. Every path starts with a token of 144 random bits, and
 * the Host header must be a loopback name, so neither other users nor pages of other sites (DNS rebinding included) can read the page
 * or stop the run. Throws a UserError if the port is not free.
 */
export async function servePage(port: number | undefined, routes: PageRoutes): Promise<PageServer> {
  const token = randomBytes(18).toString('base64url');
  const server = createServer((request, response) => {
    answer(request, response, token, portOf(server), routes).catch((error: unknown) => {
      routes.warn(`The live page could not respond: ${messageOf(error)}`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port ?? 0, LOOPBACK, resolve);
  }).catch((error: unknown) => {
    throw new UserError(
      `--live: expected ${port === undefined ? 'a free port' : `port ${port} to be free`} on ${LOOPBACK}, found: ${messageOf(error)}`,
      {
        next: 'use another port, or --live without a port for any free one',
        cause: error,
      },
    );
  });
  server.on('error', (error) => routes.warn(`The live page has a problem: ${messageOf(error)}`));
  return {
    url: `http://${LOOPBACK}:${portOf(server)}/${token}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  port: number,
  routes: PageRoutes,
): Promise<void> {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  const hosts = [`${LOOPBACK}:${port}`, `localhost:${port}`];
  const { host = '', origin } = request.headers;
  if (!hosts.includes(host))
    return refuse(response, 421, 'This page is available only on the machine that runs the test.');
  const [, given = '', ...rest] = (request.url ?? '').split('?')[0]?.split('/') ?? [];
  if (!isSame(given, token)) return refuse(response, 404, 'Not found. The run prints the address of its page.');
  const isFromHere = origin === undefined || hosts.some((name) => origin === `http://${name}`);
  if (!isFromHere) return refuse(response, 403, 'Only the live page can send this request.');
  const path = rest.join('/');
  const method = request.method ?? '';
  if (path === 'stop') {
    if (method !== 'POST') return refuse(response, 405, 'Expected POST.', { allow: 'POST' });
    routes.stop();
    return refuse(response, 202, 'Stopping gracefully.');
  }
  if (method !== 'GET') return refuse(response, 405, 'Expected GET.', { allow: 'GET' });
  if (path === '') return html(response, routes.page());
  if (path === 'events') {
    if (!routes.events(response)) refuse(response, 503, 'Too many live pages are open.');
    return;
  }
  const number = /^reports\/(\d{1,4})$/.exec(path)?.[1];
  const report = number === undefined ? undefined : await routes.report(Number(number));
  if (report === undefined) return refuse(response, 404, 'Not found.');
  html(response, report);
}

/** Headers of every response: they forbid frames, content sniffing, caches and access from other sites. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

function html(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(text);
}

function refuse(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers });
  response.end(`${text}\n`);
}

/** Compares in constant time, so that response times do not reveal the token. */
function isSame(given: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
