// Sums of few and many encoded histograms against a naive sum.

import { expect } from 'chai';
import fc from 'fast-check';
import { type PackedRows, sumOfBins } from '../../runner/metrics/buckets/bin-accumulator.ts';
import { encodeBinBytes } from '../../runner/metrics/buckets/kept-bins.ts';
import { propertyRuns } from '../property-runs.ts';

type Row = ReadonlyMap<number, number>;

/** Each row encoded separately, like the intervals of series in memory. */
function packed(rows: readonly Row[]): PackedRows[] {
  return rows.map((row) => {
    const sorted = [...row].sort(([a], [b]) => a - b);
    const keys = Int32Array.from(sorted, ([key]) => key);
    const counts = Float64Array.from(sorted, ([, count]) => count);
    const bytes = new Uint8Array(encodeBinBytes({ keys, counts }));
    return { bytes, ends: Uint32Array.of(bytes.length), fromRow: 0, toRow: 1, merged: undefined };
  });
}

function byHand(rows: readonly Row[]): Array<[key: number, count: number]> {
  const sum = new Map<number, number>();
  for (const row of rows) for (const [key, count] of row) sum.set(key, (sum.get(key) ?? 0) + count);
  return [...sum].sort(([a], [b]) => a - b);
}

describe('a sum of histograms', () => {
  const key = fc.oneof(fc.integer({ min: 40_000, max: 40_200 }), fc.integer({ min: -(2 ** 20), max: 2 ** 20 - 1 }));
  const row = fc
    .uniqueArray(fc.tuple(key, fc.integer({ min: 1, max: 5000 })), { selector: ([of]) => of, maxLength: 60 })
    .map((bins): Row => new Map(bins));

  it('is the sum of the bins, for zero to a hundred rows', () => {
    const some = fc.oneof(fc.array(row, { maxLength: 8 }), fc.array(row, { minLength: 50, maxLength: 100 }));
    fc.assert(
      fc.property(some, (rows) => {
        const { keys, counts } = sumOfBins(packed(rows), []);
        expect([...keys].map((of, i) => [of, counts[i]])).to.deep.equal(byHand(rows));
      }),
      { numRuns: propertyRuns(60) },
    );
  });
});
