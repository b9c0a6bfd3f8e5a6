// The cost of a client that does not read, on a real socket.

import { createServer, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { expect } from 'chai';
import { EventStream } from '../../runner/live/event-stream.ts';
import type { LiveEvent } from '../../runner/model/live-event.ts';

/** More than a socket on loopback buffers. */
const BYTES = 8 * 1024 * 1024;

function event(title: string, bytes = BYTES): LiveEvent {
  const bar = { stage: 'running', text: title, isStopping: false, finished: [] } as const;
  return { bar, page: { run: 'r', title, blocks: [{ key: 'k', html: 'x'.repeat(bytes) }], data: '' } };
}

describe('the stream of events', () => {
  it('keeps at most one message for a client that does not read, and sends it everything once it reads again', async () => {
    const stream = new EventStream();
    const responses: ServerResponse[] = [];
    const server = createServer((_request, response) => {
      responses.push(response);
      stream.open(response, event('first'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const slow = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
    slow.pause();
    slow.write('GET /events HTTP/1.1\r\nHost: x\r\n\r\n');
    while (stream.readers === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    for (let beat = 1; beat <= 20; beat++) {
      stream.send(event(`change ${beat}`), () => event('everything', 10));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const held = responses[0]?.writableLength ?? 0;
    expect(held, 'bytes kept').to.be.within(1, BYTES * 1.01);
    let text = '';
    slow.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    slow.resume();
    while ((responses[0]?.writableLength ?? 0) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stream.send(event('change 21', 10), () => event('everything', 10));
    while (!text.includes('everything')) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(text.match(/"title":"[^"]*"/g)).to.deep.equal(['"title":"first"', '"title":"everything"']);
    slow.destroy();
    server.close();
  });
});
