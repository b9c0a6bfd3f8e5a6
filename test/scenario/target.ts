// A server on loopback that echoes requests: HTTP as JSON, WebSocket, and gRPC's hello.HelloService.

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import type { Duplex } from 'node:stream';

export interface Target {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** `127.0.0.1:<port>`, plaintext. */
  readonly grpcAddress: string;
  close(): Promise<void>;
}

/** Starts the server on two free ports. */
export async function startTarget(): Promise<Target> {
  const http = createServer((request, response) => {
    request.resume();
    const { pathname } = new URL(request.url ?? '/', 'http://target');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ path: pathname, agent: request.headers['user-agent'] }));
  });
  http.on('upgrade', (request, socket) => echo(socket, request.headers['sec-websocket-key'] ?? ''));
  const grpc = createHttp2Server();
  grpc.on('stream', (stream) => {
    stream.resume();
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    // HelloResponse { reply: "hi" }: field 1, two bytes of text; before it the gRPC frame: not compressed, four bytes long.
    stream.end(Buffer.from([0, 0, 0, 0, 4, 0x0a, 2, 0x68, 0x69]));
  });
  const [httpPort, grpcPort] = await Promise.all([listen(http), listen(grpc)]);
  return {
    url: `http://127.0.0.1:${httpPort}`,
    grpcAddress: `127.0.0.1:${grpcPort}`,
    close: async () => {
      http.closeAllConnections();
      await Promise.all([http, grpc].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(addressOf(server).port));
  });
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address;
}

const WEBSOCKET_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'; // RFC 6455, 1.3

/** Accepts the upgrade and sends each frame of up to 125 bytes back, unmasked; a close frame is answered and ends it. */
function echo(socket: Duplex, key: string): void {
  const accept = createHash('sha1')
    .update(key + WEBSOCKET_GUID)
    .digest('base64');
  socket.on('error', () => socket.destroy());
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  let unread = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk]);
    while (unread.length >= 6) {
      const length = (unread[1] ?? 0) & 0x7f;
      if (unread.length < 6 + length) return;
      const mask = unread.subarray(2, 6);
      const payload = unread.subarray(6, 6 + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
      socket.write(Buffer.concat([Buffer.from([unread[0] ?? 0, length]), payload]));
      const closes = ((unread[0] ?? 0) & 0x0f) === 8;
      unread = unread.subarray(6 + length);
      if (closes) {
        socket.end();
        return;
      }
    }
  });
}
