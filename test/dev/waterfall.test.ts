// test/fixtures/dev: what k6 2.2.0 printed of one iteration with --http-debug=full: setup, a POST with two checks, a batch in a group,
// two metrics, a refused connection.

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import stringWidth from 'string-width';
import { Exchanges } from '../../runner/dev/http-debug.ts';
import { type Iteration, IterationReader } from '../../runner/dev/iteration.ts';
import { waterfall } from '../../runner/dev/waterfall.ts';
import { parseLogLine } from '../../runner/k6/log.ts';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/dev/${name}`, import.meta.url), 'utf8');

function read(samples: string, log: string): Iteration {
  const reader = new IterationReader();
  for (const line of log.split('\n').filter((each) => each !== '')) {
    const entry = parseLogLine(line, 0);
    if (!reader.log(entry)) reader.note(entry);
  }
  // In chunks with arbitrary borders.
  const bytes = Buffer.from(samples);
  for (let at = 0; at < bytes.length; at += 1000) reader.push(bytes.subarray(at, at + 1000));
  return reader.end([]);
}

const shown = (iteration: Iteration, options: { full?: boolean; columns?: number; secrets?: string[] } = {}) =>
  waterfall(iteration, {
    columns: options.columns ?? 80,
    style: (_style, text) => text,
    full: options.full ?? false,
    secrets: options.secrets ?? [],
    baseUrl: '',
  });

describe('one iteration', () => {
  const recorded = read(fixture('samples.ndjson'), fixture('log.ndjson'));

  it('has setup and the scenario as lanes, with their steps in the order of the script', () => {
    const steps = recorded.lanes.map(({ name, steps: all }) => [
      name,
      all.map((step) => {
        if (step.kind === 'request') return `${step.method} ${step.status}${step.isFailed ? ' failed' : ''}`;
        if (step.kind === 'check') return `${step.name} ${step.passed}`;
        if (step.kind === 'log') return `log ${step.text}`;
        return step.kind === 'metric' ? `${step.name} ${step.value} ${step.unit}` : `group ${step.name}`;
      }),
    ]);
    expect(steps).to.deep.equal([
      ['setup', ['GET 200', 'log hello']],
      [
        'default',
        [
          'POST 200',
          'is 200 true',
          'no false',
          'log mid',
          'GET 200',
          'GET 200',
          'my_time 12 ms',
          'orders 1 ',
          'group g',
          'GET 0 failed',
        ],
      ],
    ]);
  });

  it('pairs every request with its request and response body', () => {
    const requests = recorded.lanes.flatMap(({ steps }) => steps.filter((step) => step.kind === 'request'));
    expect(
      requests.map(({ exchange }) => [exchange?.request.startLine.split(' ')[1], exchange?.response?.body ?? null]),
    ).to.deep.equal([
      ['/setup', '{"ok":true,"items":[1,2,3]}'],
      ['/a?x=1', '{"ok":true,"items":[1,2,3]}'],
      ['/b', '{"ok":true,"items":[1,2,3]}'],
      ['/slow?ms=50', '{"slow":true}'],
      ['/refused', null],
    ]);
    const [first] = requests;
    expect(first?.durationMs).to.be.closeTo(38.4, 0.1);
    expect(first?.connectMs).to.be.closeTo(5.2, 0.1);
  });

  it('shows no secret of a request or of the environment', () => {
    const text = shown(recorded, { full: true, secrets: ['items'] }).join('\n');
    expect(text).to.contain('"n": 1');
    for (const secret of ['geheim', 'Bearer abc', 'items']) expect(text).not.to.contain(secret);
  });

  it('fits every width, with hostile names and bodies too', () => {
    const hostile = ['見積り📈'.repeat(20), 'a\u202eb\u001b[31m', `<script>${'x'.repeat(300)}`];
    for (const name of hostile) {
      const renamed = (text: string) =>
        text
          .replaceAll('is 200', JSON.stringify(name).slice(1, -1))
          .replaceAll('hello', JSON.stringify(name).slice(1, -1));
      const iteration = read(renamed(fixture('samples.ndjson')), renamed(fixture('log.ndjson')));
      for (const columns of [60, 80, 200]) {
        for (const full of [false, true]) {
          const lines = shown(iteration, { columns, full });
          expect(
            lines.filter(
              (line) => stringWidth(line) > columns || ['\u001b', '\u202e', '\n'].some((sign) => line.includes(sign)),
            ),
          ).to.deep.equal([]);
        }
      }
    }
  });
});

describe('k6 --http-debug', () => {
  const entry = (message: string, id = 'a') =>
    parseLogLine(JSON.stringify({ level: 'info', source: 'http-debug', msg: message, request_id: id, vu: 1 }), 0);
  const bodies: readonly (readonly [title: string, dump: string, body: string])[] = [
    ['without a body', 'HTTP/1.1 204 No Content\nServer: a\n\n\n', ''],
    ['with a length', 'HTTP/1.1 200 OK\nContent-Length: 5\n\nhello\n', 'hello'],
    ['of HTTP/2', 'HTTP/2.0 200 OK\nContent-Type: text/plain\n\nhello\n', 'hello'],
    ['in chunks', 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\nhel\n2\nlo\n0\n\n\n', 'hello'],
    ['in chunks of bytes', 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4\n€a\n0\n\n\n', '€a'],
    ['with empty lines', 'HTTP/1.1 200 OK\n\na\n\nb\n', 'a\n\nb'],
  ];
  for (const [title, dump, body] of bodies) {
    it(`gives the body of a response ${title}`, () => {
      const exchanges = new Exchanges();
      exchanges.add(entry('Request:\nGET / HTTP/1.1\nHost: a\n\n\n'));
      exchanges.add(entry(`Response:\n${dump}`));
      expect(exchanges.answered.map(({ response }) => response?.body)).to.deep.equal([body]);
    });
  }

  it('keeps the beginning of a response that is longer than a line of the log', () => {
    const exchanges = new Exchanges();
    const whole = JSON.stringify({
      group: '',
      iter: 0,
      level: 'info',
      msg: `Response:\nHTTP/1.1 200 OK\n\n${'"\u00e4'.repeat(50_000)}`,
    });
    exchanges.add(entry('Request:\nGET / HTTP/1.1\nHost: a\n\n\n'));
    expect(exchanges.add(parseLogLine(whole.slice(0, 64 * 1024), 0))).to.equal(true);
    const [answered] = exchanges.answered;
    expect(answered?.response?.isCut).to.equal(true);
    expect(answered?.response?.body.slice(0, 4)).to.equal('"ä"ä');
  });
});
