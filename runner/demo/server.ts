// Answers HTTP requests after their service time, on a connection of the pool. Plain node:http, because the load generator shares
// the machine, and the CPU of a framework would reduce the load.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Answer, admit, failure } from './answers.ts';
import type { DemoConfig } from './config.ts';
import { Customers } from './customers.ts';
import { type Decision, Decisions } from './decisions.ts';
import { startLeak } from './leak.ts';
import { ConnectionPool } from './pool.ts';
import { matchRoute, type RouteName } from './routes.ts';
import { createTelemetry } from './telemetry.ts';
import { truthOf } from './truth.ts';

const MAX_BODY_BYTES = 64 * 1024;
/** nginx's status for a client that closed the connection before the response. */
const CLIENT_LEFT = 499;

/** A shop that does not listen yet; `open()` ends its starting phase. */
export interface Shop {
  readonly server: Server;
  open(): void;
}

/** Creates a shop, without side effects until its server listens. */
export function createShop(config: DemoConfig): Shop {
  const pool = new ConnectionPool(config.connections);
  const decisions = new Decisions(config.seed, config.faults);
  const customers = new Customers(config.seed);
  const telemetry = createTelemetry(config.version, pool);
  let startedAt: Date | undefined;
  let startedMs = 0;
  let leak = startLeak(0);
  const elapsedMs = (): number => (startedAt === undefined ? 0 : performance.now() - startedMs);

  const server = createServer((request, response) => {
    const { method = '', url = '/' } = request;
    const question = url.indexOf('?');
    const path = question < 0 ? url : url.slice(0, question);
    const beganMs = performance.now();
    const match = matchRoute(method, path);
    const route = match.found === 'route' ? match.name.slice(method.length + 1) : labelOf(path);
    response.once('close', () => {
      const status = response.writableFinished ? response.statusCode : CLIENT_LEFT;
      telemetry.request(methodLabel(method), route, status, (performance.now() - beganMs) / 1000);
    });

    if (match.found === 'route') {
      if (startedAt === undefined) refuse(request, response, failure(503, 'the shop is starting'));
      else
        receive(
          match.name,
          match.productId,
          new URLSearchParams(question < 0 ? '' : url.slice(question + 1)),
          request,
          response,
        );
    } else if (match.found === 'path' || (isProbe(path) && method !== 'GET')) {
      response.setHeader('allow', match.found === 'path' ? match.allow : 'GET');
      refuse(request, response, failure(405, `${path} does not know this method`));
    } else {
      request.resume();
      probe(path, response);
    }
  });
  // Longer than any pause between iterations, because closing an idle connection just before the next request looks like an error of
  // the component.
  server.keepAliveTimeout = 75_000;

  /** Reads the body, rejects invalid requests and counts the others. */
  function receive(
    name: RouteName,
    productId: number,
    query: URLSearchParams,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    readBody(request, (body) => {
      if (body === undefined) {
        send(response, failure(413, 'expected a body of at most 64 kB'));
        return;
      }
      const { authorization } = request.headers;
      const admission = admit(name, { productId, query, body, authorization }, customers, telemetry.order);
      if ('refused' in admission) send(response, admission.refused);
      else serve(name, admission.work, decisions.next(name, elapsedMs()), response);
    });
  }

  /** Routes for tools, which use neither service time nor a connection. */
  function probe(path: string, response: ServerResponse): void {
    if (path === '/health') {
      const ready = startedAt !== undefined;
      const body = { status: ready ? 'ready' : 'starting', version: config.version };
      send(response, { status: ready ? 200 : 503, body });
    } else if (path === '/truth') {
      const clock = { startedAt, elapsedMs: elapsedMs(), leakedBytes: leak.leakedBytes };
      send(response, { status: 200, body: truthOf(config, decisions, clock) });
    } else if (path === '/metrics') {
      telemetry.text().then(
        (text) => response.writeHead(200, { 'content-type': telemetry.contentType }).end(text),
        () => send(response, failure(500, 'the metrics could not be read')),
      );
    } else {
      send(response, failure(404, 'no such path'));
    }
  }

  /** Waits for a connection, holds it for the service time, answers. */
  function serve(name: RouteName, work: () => Answer, decision: Decision, response: ServerResponse): void {
    const askedMs = performance.now();
    const leaveLine = pool.acquire(() => {
      const waitedMs = performance.now() - askedMs;
      telemetry.connectionWait(waitedMs / 1000);
      // Node truncates delays; rounding keeps the mean.
      setTimeout(() => {
        pool.release();
        // The work is done even if the client has left, as in a database.
        const answer = decision.fails ? failure(500, 'the database refused') : work();
        if (decision.fails) decisions.countError(name);
        if (response.destroyed) return;
        response.setHeader('server-timing', timing(decision, waitedMs));
        response.setHeader('x-request-number', decision.number);
        send(response, answer);
      }, Math.round(decision.serviceMs));
    });
    response.once('close', leaveLine);
  }

  return {
    server,
    open() {
      startedAt = new Date();
      startedMs = performance.now();
      leak = startLeak(
        config.faults.reduce((sum, fault) => sum + (fault.kind === 'memory-leak' ? fault.bytes_per_second : 0), 0),
      );
    },
  };
}

/** `app` is the decided service time, `base` the same without growth and steps, `pool` the wait for a connection. */
function timing(decision: Decision, waitedMs: number): string {
  return `app;dur=${decision.serviceMs.toFixed(3)}, base;dur=${decision.baseMs.toFixed(3)}, pool;dur=${waitedMs.toFixed(3)}`;
}

function send(response: ServerResponse, answer: Answer): void {
  const body = JSON.stringify(answer.body);
  response
    .writeHead(answer.status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body);
}

/** Answers without reading the rest of the request. */
function refuse(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  request.resume();
  send(response, answer);
}

/** Calls `done` once with the body; with undefined if it is too long; not at all if the client leaves. */
function readBody(request: IncomingMessage, done: (body: string | undefined) => void): void {
  if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined) {
    request.resume();
    done('');
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  });
  request.on('end', () => done(bytes > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString('utf8')));
}

function isProbe(path: string): boolean {
  return path === '/health' || path === '/truth' || path === '/metrics';
}

/** The label of a path. Unknown paths and methods have a common label, because labels must be few. */
function labelOf(path: string): string {
  return isProbe(path) ? path : 'unknown';
}

function methodLabel(method: string): string {
  return /^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)$/.test(method) ? method : 'other';
}
