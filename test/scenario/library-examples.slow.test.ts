// docs/examples: every example is inspected by k6; those with a system under test that can run here make one iteration.

import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import * as loader from '@grpc/proto-loader';
import { expect } from 'chai';
import { inspectScript } from '../../runner/k6/inspect.ts';
import { bundleScript } from '../../runner/scenario/bundle.ts';
import { packageRoot } from '../../runner/system/package-root.ts';
import { K6_BUILD_TIMEOUT_MS, type K6Run, runOnK6, testK6 } from './real-k6.ts';

const FOLDER = join(packageRoot, 'docs/examples');
const EXAMPLES = readdirSync(FOLDER).filter((name) => name.endsWith('.ts'));

describe('the examples of the scenario library', function () {
  this.timeout(K6_BUILD_TIMEOUT_MS);
  const server = createServer(answer);
  server.on('upgrade', echo);
  let url = '';
  let grpcUrl = '';
  let closeGrpc = () => {};

  before(async () => {
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const shop = await serveGrpc();
    grpcUrl = `http://127.0.0.1:${shop.port}`;
    closeGrpc = shop.close;
  });
  after(() => {
    server.close();
    closeGrpc();
  });

  const iterate = async (name: string, baseUrl: string): Promise<K6Run> => {
    const bundle = await bundleScript(join(FOLDER, name));
    return runOnK6(await testK6(), bundle, { BASE_URL: baseUrl, NOVAPERF_TRIAL: '1' });
  };
  const total = ({ samples }: K6Run, metric: string) =>
    [...samples].reduce((sum, [key, count]) => (key.startsWith(`${metric}{`) ? sum + count : sum), 0);

  for (const name of EXAMPLES) {
    it(`${name} is a scenario that k6 accepts`, async () => {
      const inspected = await inspectScript(await testK6(), await bundleScript(join(FOLDER, name)), { BASE_URL: url });
      expect(Object.keys(inspected.scenarios)).to.have.length.greaterThan(0);
    });
  }

  const made: readonly (readonly [name: string, samples: Readonly<Record<string, number>>])[] = [
    ['think-times.ts', { http_reqs: 2, iterations: 1 }],
    ['renewed-token.ts', { http_reqs: 2, checks: 2 }],
    ['polling.ts', { http_reqs: 4, report_ready: 1 }],
    ['pagination.ts', { http_reqs: 3, checks: 3 }],
    ['upload.ts', { http_reqs: 1, checks: 1 }],
    ['websocket.ts', { ws_sessions: 1, chat_echo: 1, checks: 1 }],
    ['server-sent-events.ts', { http_reqs: 1, checks: 1 }],
    ['retry.ts', { http_reqs: 3, retries: 2, retries_succeeded: 1, checks: 1 }],
    ['grpc.ts', { grpc_req_duration: 1, checks: 1 }],
  ];
  for (const [name, samples] of made) {
    it(`${name} works in one iteration`, async () => {
      const run = await iterate(name, name === 'grpc.ts' ? grpcUrl : url);
      expect(
        Object.fromEntries(Object.keys(samples).map((metric) => [metric, total(run, metric)])),
        run.log.join('\n'),
      ).to.deep.equal(samples);
      expect(run.failedChecks).to.equal(0);
    });
  }

  it('are all run, except those with the browser', () =>
    expect([...made.map(([name]) => name), 'browser.ts'].toSorted()).to.deep.equal(EXAMPLES.toSorted()));
});

let asked = 0;
let flaky = 0;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://a');
  const json = (status: number, value: unknown, headers = {}) =>
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(value));
  const page = Number(searchParams.get('page'));
  if (pathname === '/oauth/token') json(200, { access_token: 'abc', expires_in: 300 });
  else if (pathname === '/orders') json(request.headers.authorization === 'Bearer abc' ? 200 : 401, []);
  else if (pathname === '/jobs') json(202, { id: 7 });
  else if (pathname === '/jobs/7') json(200, { state: ++asked % 3 === 0 ? 'done' : 'running' });
  else if (pathname === '/items')
    json(200, [], page < 3 ? { Link: `<http://${request.headers.host}/items?page=${page + 1}>; rel="next"` } : {});
  else if (pathname === '/files')
    json(/^multipart\/form-data; boundary=/.test(request.headers['content-type'] ?? '') ? 201 : 400, {});
  else if (pathname === '/flaky') json(++flaky % 3 === 0 ? 200 : 503, {});
  else if (pathname === '/events')
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end('data: a\n\nevent: done\ndata: b\n\n');
  else json(200, {});
}

/** A WebSocket server that echoes the first frame; RFC 6455, for texts below 126 bytes. */
function echo(request: IncomingMessage, socket: import('node:stream').Duplex): void {
  const key = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  const accept = key.digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.on('error', () => socket.destroy());
  socket.on('data', (frame: Buffer) => {
    const length = (frame[1] ?? 0) & 0x7f;
    const mask = frame.subarray(2, 6);
    const text = Buffer.from(frame.subarray(6, 6 + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
    socket.write(Buffer.concat([Buffer.from([frame[0] ?? 0x81, text.length]), text]));
    if (((frame[0] ?? 0) & 0x0f) === 8) socket.end();
  });
}

async function serveGrpc(): Promise<{ port: number; close: () => void }> {
  const definition = loader.loadSync(join(FOLDER, 'shop.proto'))['shop.Cart'];
  if (definition === undefined || !('Add' in definition)) throw new Error('no service');
  const service = new grpc.Server();
  const add: grpc.handleUnaryCall<unknown, unknown> = (call, done) => done(null, call.request);
  service.addService(definition, { Add: add });
  const port = await new Promise<number>((resolve, reject) => {
    service.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, close: () => service.forceShutdown() };
}
