import { expect } from 'chai';
import { parseFault } from '../../runner/demo/faults.ts';
import { UserError } from '../../runner/system/errors.ts';

describe('demo: the grammar of faults', () => {
  const good: Array<[text: string, fault: object]> = [
    ['latency-growth:+10%/min', { kind: 'latency-growth', route: '*', percent_per_minute: 10 }],
    ['latency-growth:+1%/s', { kind: 'latency-growth', route: '*', percent_per_minute: 60 }],
    ['latency-growth:+90%/h', { kind: 'latency-growth', route: '*', percent_per_minute: 1.5 }],
    ['latency-growth:GET /search=+10%/min', { kind: 'latency-growth', route: 'GET /search', percent_per_minute: 10 }],
    ['memory-leak:1MB/s', { kind: 'memory-leak', bytes_per_second: 1e6 }],
    ['memory-leak:90kB/min', { kind: 'memory-leak', bytes_per_second: 1500 }],
    ['memory-leak:3.6GB/h', { kind: 'memory-leak', bytes_per_second: 1e6 }],
    ['errors:POST /orders=5%', { kind: 'errors', route: 'POST /orders', percent: 5 }],
    ['errors:*=0.1%', { kind: 'errors', route: '*', percent: 0.1 }],
    ['slow:GET /search=800ms', { kind: 'slow', route: 'GET /search', median_ms: 800 }],
    ['slow:GET /products/:id/related=1.5s', { kind: 'slow', route: 'GET /products/:id/related', median_ms: 1500 }],
    ['step:30s=+200ms', { kind: 'step', route: '*', at_ms: 30_000, add_ms: 200, add_percent: 0 }],
    ['step:2min=+50%', { kind: 'step', route: '*', at_ms: 120_000, add_ms: 0, add_percent: 50 }],
    ['step:30s=GET /cart=+1s', { kind: 'step', route: 'GET /cart', at_ms: 30_000, add_ms: 1000, add_percent: 0 }],
  ];
  for (const [text, fault] of good) {
    it(`reads ${text}`, () => {
      expect(roundNumbers(parseFault(text))).to.deep.equal({ ...fault, text });
    });
  }

  const bad: Array<[text: string, message: RegExp, next: RegExp]> = [
    ['', /begin with one of/, /Example: --fault/],
    ['slow', /begin with one of/, /did you mean slow\?/],
    ['slwo:GET /search=800ms', /begin with one of/, /did you mean slow\?/],
    ['latencygrowth:+10%/min', /begin with one of/, /did you mean latency-growth\?/],
    ['latency-growth:10%/min', /like latency-growth:\+10%\/min/, /latency-growth:\+10%\/min/],
    ['latency-growth:+10%', /like latency-growth/, /Example/],
    ['latency-growth:+10%/fortnight', /like latency-growth/, /Example/],
    ['latency-growth:+10/min', /like latency-growth/, /Example/],
    ['memory-leak:1MB', /like memory-leak/, /Example/],
    ['memory-leak:1XB/s', /like memory-leak/, /Example/],
    ['memory-leak:1GB/s', /bytes_per_second/, /memory-leak:1MB\/s/],
    ['memory-leak:0MB/s', /bytes_per_second/, /Example/],
    ['errors:POST /orders', /like errors/, /Example/],
    ['errors:POST /orders=101%', /percent/, /errors:POST \/orders=5%/],
    ['errors:POST /orders=-5%', /like errors/, /Example/],
    ['errors:POST /order=5%', /route of the shop, found "POST \/order"/, /did you mean POST \/orders\?/],
    ['slow:GET /serch=800ms', /route of the shop/, /did you mean GET \/search\?/],
    ['slow:GET /search=800', /like slow/, /Example/],
    ['slow:GET /search=1e9ms', /like slow/, /Example/],
    ['slow:GET /search=800constructor', /like slow/, /Example/],
    ['slow:GET /search=2h', /median_ms/, /Example/],
    ['step:30s=200ms', /like step/, /Example/],
    ['step:30=+200ms', /like step/, /Example/],
    ['step:=+200ms', /like step/, /Example/],
    ['step:30s=GET /nope=+200ms', /route of the shop/, /did you mean/],
    [`errors:${'x'.repeat(10_000)}=5%`, /route of the shop/, /did you mean/],
  ];
  for (const [text, message, next] of bad) {
    it(`gives an error for ${JSON.stringify(text.slice(0, 40))}`, () => {
      const userError = errorOf(() => parseFault(text, 'SOMEWHERE'));
      expect(userError.message).to.match(message);
      expect(userError.message.length).to.be.below(10_500 / 20);
      expect(userError.next).to.match(next);
      expect(userError.where).to.equal('SOMEWHERE');
      expect(userError.exitCode).to.equal(2);
    });
  }
});

function errorOf(action: () => unknown): UserError {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('expected an error, nothing was thrown');
}

/** Unit conversion rounds in the last bits. */
function roundNumbers(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      typeof value === 'number' ? Number(value.toPrecision(12)) : value,
    ]),
  );
}
