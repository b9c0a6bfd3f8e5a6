import { expect } from 'chai';
import fc from 'fast-check';
import { without } from '../../../runner/analysis/requests/responses.ts';
import { combine, slidingSums } from '../../../runner/analysis/statistics/combine.ts';
import type { Aggregate } from '../../../runner/model/metrics.ts';
import { exactQuantile, metricsOf } from '../samples.ts';

function trend(values: readonly number[]): Aggregate | undefined {
  return metricsOf(values.map((value, timeMs) => ({ metric: 'http_req_duration', value, timeMs }))).total(
    'http_req_duration',
  );
}

function expectSame(sum: Aggregate | undefined, values: readonly number[]): void {
  if (values.length === 0) {
    expect(sum).to.equal(undefined);
    return;
  }
  const sorted = values.toSorted((a, b) => a - b);
  expect([sum?.count, sum?.min, sum?.max]).to.deep.equal([values.length, sorted[0], sorted.at(-1)]);
  expect(sum?.sum).to.be.closeTo(
    values.reduce((total, value) => total + value, 0),
    1e-6,
  );
  for (const q of [0, 0.5, 0.9, 1]) {
    const exact = exactQuantile(sorted, q);
    expect(sum?.quantile(q)).to.be.closeTo(exact, Math.abs(exact) * 0.001 + 1e-9);
  }
}

const latency = fc.double({ min: 0.01, max: 60_000, noNaN: true });
const parts = fc.array(fc.array(latency, { maxLength: 6 }), { maxLength: 14 });

describe('combine', () => {
  it('adds up parts like a single one', () => {
    fc.assert(
      fc.property(parts, (lists) => {
        expectSame(combine(lists.flatMap((list) => trend(list) ?? [])), lists.flat());
      }),
      { numRuns: 100, seed: 20261123 },
    );
  });
});

describe('slidingSums', () => {
  it('gives every window its own sum', () => {
    fc.assert(
      fc.property(parts, fc.integer({ min: 1, max: 6 }), (lists, size) => {
        const sums = slidingSums(lists.map(trend), size);
        expect(sums).to.have.length(Math.max(0, lists.length - size + 1));
        sums.forEach((sum, at) => {
          expectSame(sum, lists.slice(at, at + size).flat());
        });
      }),
      { numRuns: 100, seed: 20261123 },
    );
  });
});

describe('without', () => {
  it('leaves the rest, within 0.1 % if an extreme was removed', () => {
    fc.assert(
      fc.property(
        fc.array(latency, { minLength: 1, maxLength: 20 }),
        fc.array(latency, { minLength: 1, maxLength: 20 }),
        (kept, gone) => {
          const all = trend([...kept, ...gone]);
          const part = trend(gone);
          if (all === undefined || part === undefined) throw new Error('no samples');
          const left = without(all, part);
          const sorted = kept.toSorted((a, b) => a - b);
          expect(left?.count).to.equal(kept.length);
          for (const q of [0, 0.5, 0.9, 1]) {
            const exact = exactQuantile(sorted, q);
            expect(left?.quantile(q)).to.be.closeTo(exact, Math.abs(exact) * 0.001);
          }
        },
      ),
      { numRuns: 200, seed: 20261123 },
    );
  });

  it('is undefined if everything is removed', () => {
    const all = trend([1, 2, 3]);
    expect(all && without(all, all)).to.equal(undefined);
  });
});
