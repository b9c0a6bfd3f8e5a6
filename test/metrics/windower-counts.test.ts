// KeyCounts against a Map, below, at and above the number of keys for which it uses no pages.

import { expect } from 'chai';
import { BinScratch, KeyCounts } from '../../runner/metrics/samples/windower-counts.ts';

const SPREADS = [
  { title: 'one key', keyOf: () => 523_264 },
  { title: 'few keys with several samples each', keyOf: (i: number) => 523_264 + ((i * 7) % 5) },
  { title: 'keys that descend', keyOf: (i: number) => 523_264 - 3 * i },
  { title: 'keys on both sides of zero', keyOf: (i: number) => (i % 2 === 0 ? i * 1000 : -1 - i * 999) },
  { title: 'alternating keys of distant pages', keyOf: (i: number) => ((i * 7919) % 101) * 4096 },
] as const;
const SIZES = [0, 1, 2, 15, 16, 17, 60, 61, 62, 500];

function sorted(keys: readonly number[]): [number, number][] {
  const counts = new Map<number, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a - b);
}

function readOf(counts: KeyCounts, window: number): [number, number][] {
  const scratch = new BinScratch();
  counts.read(window, scratch);
  return Array.from({ length: scratch.size }, (_, i) => [
    scratch.keys[i] ?? Number.NaN,
    scratch.counts[i] ?? Number.NaN,
  ]);
}

describe('counts of windows', () => {
  for (const { title, keyOf } of SPREADS) {
    for (const size of SIZES) {
      it(`equal a sorted Map: ${title}, ${size} samples, also when reused`, () => {
        const counts = new KeyCounts();
        for (const times of [size, 2 * size, 7]) {
          const keys = Array.from({ length: times }, (_, i) => keyOf(i));
          for (const key of keys) counts.add(3, key);
          expect(readOf(counts, 3)).to.deep.equal(sorted(keys));
          expect(readOf(counts, 3), 'asked again').to.deep.equal(sorted(keys));
          counts.clear();
        }
      });
    }
  }

  it('keep two hundred windows with interleaved samples apart', () => {
    const counts = new KeyCounts();
    const windows = Array.from({ length: 200 }, (): number[] => []);
    for (let i = 0; i < 60_000; i++) {
      const window = Math.floor(((i * 7919) % 40_000) ** 2 / 8_000_000);
      counts.add(window, i % 300);
      windows[window]?.push(i % 300);
    }
    for (const [window, keys] of windows.entries()) expect(readOf(counts, window)).to.deep.equal(sorted(keys));
  });
});
