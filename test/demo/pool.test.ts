import { expect } from 'chai';
import fc from 'fast-check';
import { ConnectionPool } from '../../runner/demo/pool.ts';
import { propertyRuns } from '../property-runs.ts';

describe('demo: the connection pool', () => {
  it('serves in order of arrival, never more at once than it has connections, and skips clients that left', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constant('acquire' as const) },
      { weight: 2, arbitrary: fc.constant('release' as const) },
      { weight: 1, arbitrary: fc.nat({ max: 5000 }) },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 4000, size: 'max' }), (max, steps) => {
        const pool = new ConnectionPool(max);
        const served: number[] = [];
        const leavers: Array<() => void> = [];
        // The reference: an array as queue.
        let line: number[] = [];
        const expected: number[] = [];
        let inUse = 0;
        for (const action of steps) {
          if (action === 'acquire') {
            const id = leavers.length;
            leavers.push(pool.acquire(() => served.push(id)));
            if (inUse < max) {
              inUse++;
              expected.push(id);
            } else line.push(id);
          } else if (action === 'release') {
            if (inUse === 0) continue;
            pool.release();
            const next = line.shift();
            if (next === undefined) inUse--;
            else expected.push(next);
          } else {
            leavers[action]?.();
            line = line.filter((id) => id !== action);
          }
          if (pool.inUse !== inUse || pool.waiting !== line.length)
            expect([pool.inUse, pool.waiting]).to.deep.equal([inUse, line.length]);
        }
        expect(served).to.deep.equal(expected);
      }),
      { numRuns: propertyRuns(50) },
    );
  });

  it('keeps the order of a queue so long that it is compacted', () => {
    const pool = new ConnectionPool(1);
    const served: number[] = [];
    for (let id = 0; id < 5000; id++) pool.acquire(() => served.push(id));
    while (pool.inUse > 0) pool.release();
    expect(served).to.deep.equal(Array.from({ length: 5000 }, (_, id) => id));
  });
});
