import { expect } from 'chai';
import fc from 'fast-check';
import { Decisions } from '../../runner/demo/decisions.ts';
import { parseFault } from '../../runner/demo/faults.ts';
import { randomStream } from '../../runner/demo/random.ts';
import { HEALTHY_LATENCY, ROUTE_NAMES } from '../../runner/demo/routes.ts';

describe('demo: random streams', () => {
  it('give the same number at a position, whatever was read before', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), fc.array(fc.nat({ max: 2 ** 31 - 1 })), (seed, name, positions) => {
        const forwards = randomStream(seed, name);
        const backwards = randomStream(seed, name);
        const there = positions.map((position) => forwards.normalAt(position));
        const back = positions.toReversed().map((position) => backwards.normalAt(position));
        expect(back.toReversed()).to.deep.equal(there);
        for (const value of there) expect(value).to.satisfy(Number.isFinite);
      }),
    );
  });

  const COUNT = 100_000;
  for (const seed of [0, 1, 2, 12_345, Number.MAX_SAFE_INTEGER]) {
    it(`are uniform, normal and uncorrelated for seed ${seed}`, () => {
      const one = randomStream(seed, 'one');
      const other = randomStream(seed, 'other');
      const cells = new Array<number>(100).fill(0);
      let sum = 0;
      let squares = 0;
      let neighbours = 0;
      let across = 0;
      for (let i = 0; i < COUNT; i++) {
        const cell = Math.floor(one.uniformAt(i) * 100);
        cells[cell] = (cells[cell] ?? 0) + 1;
        const value = one.normalAt(i);
        sum += value;
        squares += value * value;
        neighbours += value * one.normalAt(i + 1);
        across += value * other.normalAt(i);
      }
      // Chi-square with 99 degrees of freedom: 99.99 % of all streams lie below 162.
      const chiSquare = cells.reduce((total, cell) => total + (cell - COUNT / 100) ** 2 / (COUNT / 100), 0);
      expect(chiSquare).to.be.below(162);
      // Standard error 1/sqrt(n) = 0.0032 each; four of them.
      expect(sum / COUNT).to.be.closeTo(0, 0.0127);
      expect(squares / COUNT).to.be.closeTo(1, 0.0179);
      expect(neighbours / COUNT).to.be.closeTo(0, 0.0127);
      expect(across / COUNT).to.be.closeTo(0, 0.0127);
    });
  }
});

describe('demo: decisions', () => {
  for (const route of ROUTE_NAMES) {
    it(`draw ${route} from its lognormal distribution`, () => {
      const { medianMs, sigma } = HEALTHY_LATENCY[route];
      const decisions = new Decisions(7, []);
      const drawn = Array.from({ length: 20_000 }, () => decisions.next(route, 0).serviceMs).sort((a, b) => a - b);
      // Four standard errors of a quantile of n samples, in logarithms: 1.2533 sigma/sqrt(n), at p95 2.11 sigma/sqrt(n).
      const medianError = (4 * 1.2533 * sigma) / Math.sqrt(20_000);
      const p95Error = (4 * 2.11 * sigma) / Math.sqrt(20_000);
      expect(Math.log((drawn[10_000] ?? 0) / medianMs)).to.be.closeTo(0, medianError);
      expect(Math.log((drawn[19_000] ?? 0) / medianMs)).to.be.closeTo(1.6449 * sigma, p95Error);
    });
  }

  it('of a route do not depend on requests to other routes', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.constantFrom(...ROUTE_NAMES), { maxLength: 60 }), (seed, sequence) => {
        const faults = [parseFault('errors:*=30%')];
        const mixed = new Decisions(seed, faults);
        const seen = sequence.map((route) => ({ route, decision: mixed.next(route, 0) }));
        for (const route of ROUTE_NAMES) {
          const alone = new Decisions(seed, faults);
          for (const { decision } of seen.filter((one) => one.route === route)) {
            expect(alone.next(route, 0)).to.deep.equal(decision);
          }
        }
      }),
    );
  });

  it('grow linearly with time and step at the given second, on the given routes', () => {
    const decisions = new Decisions(
      1,
      ['latency-growth:+10%/min', 'latency-growth:GET /cart=+5%/min', 'step:30s=GET /cart=+200ms', 'step:60s=+50%'].map(
        (text) => parseFault(text),
      ),
    );
    const rows: Array<[route: 'GET /cart' | 'GET /search', elapsedMs: number, factor: number, addedMs: number]> = [
      ['GET /search', 0, 1, 0],
      ['GET /search', 30_000, 1.05, 0],
      ['GET /search', 59_999.9, 1.1, 0],
      ['GET /search', 60_000, 1.1 * 1.5, 0],
      ['GET /search', 600_000, 2 * 1.5, 0],
      ['GET /cart', 29_999.9, 1.075, 0],
      ['GET /cart', 30_000, 1.075, 200],
      ['GET /cart', 60_000, 1.15 * 1.5, 300],
    ];
    for (const [route, elapsedMs, factor, addedMs] of rows) {
      const { baseMs, serviceMs } = decisions.next(route, elapsedMs);
      expect(serviceMs, `${route} at ${elapsedMs} ms`).to.be.closeTo(baseMs * factor + addedMs, 0.001);
    }
  });

  it('fail the given share of requests, and add up shares on the same route', () => {
    const decisions = new Decisions(3, [parseFault('errors:POST /orders=5%'), parseFault('errors:*=1%')]);
    const share = (route: 'POST /orders' | 'GET /cart'): number =>
      Array.from({ length: 20_000 }, () => decisions.next(route, 0)).filter(({ fails }) => fails).length / 20_000;
    // Four standard errors of a share p: 4 sqrt(p(1-p)/n).
    expect(share('POST /orders')).to.be.closeTo(0.06, 0.0067);
    expect(share('GET /cart')).to.be.closeTo(0.01, 0.0028);
  });
});
