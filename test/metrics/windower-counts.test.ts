// KeyCounts against a Map, below, at and above the number of keys that it keeps without pages.

import { expect } from 'chai';
import { KeyCounts } from '../../runner/metrics/windower-counts.ts';

const SPREADS = [
  { title: 'one key', keyOf: () => 523_264 },
  { title: 'few keys, each several times', keyOf: (i: number) => 523_264 + ((i * 7) % 5) },
  { title: 'keys that descend', keyOf: (i: number) => 523_264 - 3 * i },
  { title: 'keys on both sides of zero', keyOf: (i: number) => (i % 2 === 0 ? i * 1000 : -1 - i * 999) },
  { title: 'keys of far pages by turns', keyOf: (i: number) => ((i * 7919) % 101) * 4096 },
] as const;
const SIZES = [0, 1, 2, 15, 16, 17, 18, 33, 500];

describe('counts of a window', () => {
  for (const { title, keyOf } of SPREADS) {
    for (const size of SIZES) {
      it(`equals a sorted Map: ${title}, ${size} samples`, () => {
        const counts = new KeyCounts();
        const expected = new Map<number, number>();
        for (let i = 0; i < size; i++) {
          counts.add(keyOf(i));
          expected.set(keyOf(i), (expected.get(keyOf(i)) ?? 0) + 1);
        }
        const rows = [...expected].sort(([a], [b]) => a - b);
        const bins = counts.toBins();
        expect([...bins.keys]).to.deep.equal(rows.map(([key]) => key));
        expect([...bins.counts]).to.deep.equal(rows.map(([, count]) => count));
        expect(counts.toBins(), 'asked again').to.deep.equal(bins);
      });
    }
  }
});
