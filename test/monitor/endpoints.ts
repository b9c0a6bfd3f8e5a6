// Endpoints that misbehave as real ones do, each a real server on loopback.

import { createServer, type RequestListener, type Server } from 'node:http';
import { gzipSync } from 'node:zlib';

export interface Endpoint {
  readonly url: string;
  readonly server: Server;
  hits(): number;
  /** Ends it like a killed process: open connections are cut. */
  kill(): Promise<void>;
}

export async function endpoint(answer: RequestListener, port = 0): Promise<Endpoint> {
  let hits = 0;
  const server = createServer((request, response) => {
    hits++;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('Expected a port');
  return {
    url: `http://127.0.0.1:${address.port}/metrics`,
    server,
    hits: () => hits,
    kill: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An exporter with a gauge and a counter that both count its scrapes. */
export function sound(): RequestListener {
  let asked = 0;
  return (_, response) => {
    asked++;
    response.end(`# TYPE asked_total counter\nasked_total ${asked * 10}\n# TYPE depth gauge\ndepth ${asked}\n`);
  };
}

const gzipped = { 'content-encoding': 'gzip' };
const bomb = gzipSync('depth 1\n'.repeat(3_000_000));

/** An exporter behind a proxy that compresses without being asked. */
export function compressed(): RequestListener {
  return (_, response) => void response.writeHead(200, gzipped).end(gzipSync('# TYPE depth gauge\ndepth 7\n'));
}

/** The faults, by the message that a user gets. */
export const MISBEHAVIOURS: ReadonlyArray<readonly [name: string, answer: RequestListener, reason: RegExp]> = [
  ['hangs', () => undefined, /no answer within/],
  [
    'writes a byte now and then and never ends',
    (_, response) => void setInterval(() => response.write('a'), 50).unref(),
    /no answer within/,
  ],
  [
    'redirects to itself',
    (_, response) => void response.writeHead(302, { location: '/metrics' }).end(),
    /redirected to/,
  ],
  [
    'redirects to another host, with a secret in its address',
    (_, response) => void response.writeHead(301, { location: 'http://user:secret@127.0.0.9:1/x?token=abc' }).end(),
    /^(?!.*(secret|abc)).*redirected to/,
  ],
  ['answers with a page', (_, response) => void response.end('<html>login</html>'), /not a line of an exposition/],
  [
    'answers with noise',
    (_, response) => void response.end(Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256))),
    /exposition/,
  ],
  ['answers with nothing', (_, response) => void response.end(), /found no sample/],
  ['answers with an error', (_, response) => void response.writeHead(503).end('depth 1\n'), /status 503/],
  [
    'cuts the connection in the middle',
    (_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('depth 1\n', () => response.destroy());
    },
    /terminated|closed|reset|aborted|hang up/i,
  ],
  [
    'is compressed and broken',
    (_, response) => void response.writeHead(200, gzipped).end(gzipSync('depth 1\n').subarray(0, 15)),
    /unexpected end of file/,
  ],
  [
    'is compressed in a way of its own',
    (_, response) => void response.writeHead(200, { 'content-encoding': 'own' }).end('depth 1\n'),
    /encoding "own"/,
  ],
  [
    'becomes too large when it is decompressed',
    (_, response) => void response.writeHead(200, gzipped).end(bomb),
    /more than 16 MiB|no answer within/,
  ],
  [
    'never stops writing',
    (_, response) => {
      const more = () => {
        while (response.write('depth 1\n'.repeat(10_000)));
      };
      response.on('drain', more);
      more();
    },
    /more than 16 MiB|no answer within/,
  ],
];
