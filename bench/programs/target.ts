// A minimal server on a free loopback port, with one fixed response. Prints its port; on a message it reports how many requests it
// answered since the last one, and when.

import { createServer } from 'node:net';

const BODY = '{"id":7,"name":"Lamp","price":19.5,"stock":3}';
const FOUND = answer('200 OK');
const MISSING = answer('404 Not Found');
const MISSING_PATH = Buffer.from('GET /missing');

const EVERY = 1000;

let answered = 0;
/** The time of every thousandth request. */
let thousandthsMs: number[] = [];

// No HTTP parser: k6 sends a small GET in one piece, and waits for the response before the next on that connection.
const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('data', (request) => {
    if (++answered % EVERY === 0) thousandthsMs.push(performance.now());
    socket.write(request.subarray(0, MISSING_PATH.length).equals(MISSING_PATH) ? MISSING : FOUND);
  });
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.send?.({ port: address.port });
});

process.on('message', () => {
  process.send?.({ answered, thousandthsMs });
  answered = 0;
  thousandthsMs = [];
});
process.on('disconnect', () => process.exit());

function answer(status: string): Buffer {
  return Buffer.from(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  );
}
