// A service on loopback that degrades as real ones do: GET /search takes 1 ms more with every second since the start and keeps 200 kB
// of each call; GET /health stays as it is. Prints its port and pid, ends when its stdin closes.

import { createServer } from 'node:http';

const START_MS = 30;
const SLOWER_MS_PER_S = 1;
const KEPT_BYTES = 200_000;

const kept = [];
let startedAt;

const server = createServer((request, response) => {
  startedAt ??= performance.now();
  const answer = () => response.writeHead(200, { 'content-type': 'application/json' }).end('{"items":[]}');
  if (!request.url?.startsWith('/search')) {
    answer();
    return;
  }
  // Filled: pages that were never written to are not resident.
  kept.push(Buffer.alloc(KEPT_BYTES, 1));
  const elapsedS = (performance.now() - startedAt) / 1000;
  setTimeout(answer, START_MS + SLOWER_MS_PER_S * elapsedS);
});

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: server.address().port, pid: process.pid })}\n`);
});
process.stdin.resume().once('end', () => process.exit(0));
