// Requests come in on a free loopback port, one fixed answer each goes out: as little work as a server can do, in a process of
// its own. Says its port once it listens; asked by a message, it says how many it answered since the last question and in what time.

import { createServer } from 'node:net';

const BODY = '{"id":7,"name":"Lamp","price":19.5,"stock":3}';
const FOUND = answer('200 OK');
const MISSING = answer('404 Not Found');
const MISSING_PATH = Buffer.from('GET /missing');

let answered = 0;
let firstMs = 0;
let lastMs = 0;

// No HTTP parser: k6 sends a small GET whole and waits for its answer before the next on that connection.
const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('data', (request) => {
    lastMs = performance.now();
    if (answered === 0) firstMs = lastMs;
    answered++;
    socket.write(request.subarray(0, MISSING_PATH.length).equals(MISSING_PATH) ? MISSING : FOUND);
  });
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.send?.({ port: address.port });
});

process.on('message', () => {
  process.send?.({ answered, spanMs: lastMs - firstMs });
  answered = 0;
});
process.on('disconnect', () => process.exit());

function answer(status: string): Buffer {
  return Buffer.from(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  );
}
