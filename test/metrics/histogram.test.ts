import { expect } from 'chai';
import fc from 'fast-check';
import { Histogram, keyOf, lowerEdge, representative, upperEdge } from '../../runner/metrics/buckets/histogram.ts';
import { propertyRuns } from '../property-runs.ts';
import { seeded } from '../seeded.ts';

const SEED = 20261123;
const QUANTILES = [0, 0.001, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1];
const SIZES = [1, 2, 3, 4, 10, 101, 1000, 20_000];

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

const GENERATORS: ReadonlyArray<readonly [name: string, next: (random: () => number, index: number) => number]> = [
  ['constant', () => 12.345],
  ['uniform', (random) => random() * 1000],
  ['long tail', (random) => Math.exp(normal(random) * 1.5 + 3)],
  ['two humps', (random) => (random() < 0.7 ? 10 + normal(random) * 0.4 : 900 + normal(random) * 30)],
  ['one outlier', (_random, index) => (index === 0 ? 60_000 : 5)],
  ['negatives', (random) => -Math.exp(normal(random))],
  ['both signs', (random) => normal(random) * 100],
  ['zeros', () => 0],
  ['mostly zeros', (random) => (random() < 0.9 ? 0 : random() * 3)],
  ['huge and tiny', (random) => 10 ** (random() * 600 - 300)],
  ['bytes', (random) => Math.floor(random() * 1e9)],
];

/** k6's TrendSink.P, with the values of both ranks, which 0.1 % refers to. */
function naive(sorted: readonly number[], q: number): { value: number; scale: number } {
  const i = q * (sorted.length - 1);
  const below = sorted[Math.floor(i)] ?? Number.NaN;
  const above = sorted[Math.ceil(i)] ?? Number.NaN;
  const value = below + (above - below) * (i - Math.floor(i));
  const straddles = below < 0 !== above < 0;
  return { value, scale: straddles ? Math.max(Math.abs(below), Math.abs(above)) : Math.abs(value) };
}

function histogramOf(values: Iterable<number>): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return histogram;
}

const plainBins = (histogram: Histogram) => {
  const { keys, counts } = histogram.toBins();
  return [...keys].map((key, i) => [key, counts[i]]);
};

const magnitudes = (values: readonly number[]) => values.reduce((sum, value) => sum + Math.abs(value), 0);

describe('histogram', () => {
  for (const [name, next] of GENERATORS) {
    for (const size of SIZES) {
      it(`gives every percentile of ${size} ${name} values within 0.1 % of the sorted values`, () => {
        const random = seeded(SEED);
        const values = Array.from({ length: size }, (_, index) => next(random, index));
        const histogram = histogramOf(values);
        const sorted = [...values].sort((a, b) => a - b);

        expect(histogram.count).to.equal(size);
        expect(histogram.min).to.equal(sorted[0]);
        expect(histogram.max).to.equal(sorted.at(-1));
        for (const q of QUANTILES) {
          const exact = naive(sorted, q);
          const got = histogram.quantile(q);
          const context = `seed ${SEED}, q ${q}: ${got} instead of ${exact.value}`;
          expect(Math.abs((got ?? Number.NaN) - exact.value), context).to.be.at.most(exact.scale * 0.001);
          if (q === 0 || q === 1 || size <= 2) expect(got, context).to.be.closeTo(exact.value, exact.scale * 1e-15);
        }
      });
    }
  }

  it('has only count and sum when it is empty', () => {
    const empty = new Histogram();
    expect([empty.count, empty.sum]).to.deep.equal([0, 0]);
    expect([empty.min, empty.max, empty.mean, empty.quantile(0.5), empty.valueAtRank(0)]).to.deep.equal(
      Array(5).fill(undefined),
    );
    expect(empty.toBins().keys).to.have.length(0);
  });

  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

  it('puts every finite value within the edges of its bucket', () => {
    fc.assert(
      fc.property(finite, (value) => {
        const key = keyOf(value);
        if (value > 0 || value === 0) return lowerEdge(key) <= value && value < upperEdge(key);
        return lowerEdge(key) < value && value <= upperEdge(key);
      }),
      { seed: SEED, numRuns: propertyRuns(2000) },
    );
  });

  it('has a representative within 0.1 % of every normal value', () => {
    fc.assert(
      fc.property(finite, (value) => {
        const error = Math.abs(representative(keyOf(value)) - value);
        return Math.abs(value) < 2 ** -1022 ? error < 1e-310 : error <= Math.abs(value) * 0.001;
      }),
      { seed: SEED, numRuns: propertyRuns(2000) },
    );
  });

  it('has keys in the order of values', () => {
    fc.assert(
      fc.property(finite, finite, (a, b) => (a < b ? keyOf(a) <= keyOf(b) : keyOf(b) <= keyOf(a))),
      { seed: SEED, numRuns: propertyRuns(2000) },
    );
  });

  const KEYS: ReadonlyArray<readonly [value: number, key: number]> = [
    [0, 0],
    [-0, 0],
    [Number.MIN_VALUE, 0],
    [-Number.MIN_VALUE, -1],
    [2 ** -1022, 512],
    [1, 1023 * 512],
    [1 + 1 / 512, 1023 * 512 + 1],
    [2 - 2 ** -52, 1023 * 512 + 511],
    [2, 1024 * 512],
    [-1, -1 - 1023 * 512],
    [0.238636, 522705],
    [Number.MAX_VALUE, 2047 * 512 - 1],
    [-Number.MAX_VALUE, -2047 * 512],
  ];
  for (const [value, key] of KEYS) {
    it(`gives ${Object.is(value, -0) ? '-0' : value} the key ${key}`, () => {
      expect(keyOf(value)).to.equal(key);
    });
  }

  for (const value of [Number.NaN, Infinity, -Infinity]) {
    it(`rejects ${value} and counts nothing`, () => {
      const histogram = new Histogram();
      expect(() => histogram.add(value)).to.throw(RangeError, 'finite');
      expect(histogram.count).to.equal(0);
    });
  }

  it('merges parts, in any order, into the figures of one pass', () => {
    const parts = fc.array(fc.array(fc.oneof(finite, fc.double({ min: 0, max: 1e4, noNaN: true })), { maxLength: 50 }));
    fc.assert(
      fc.property(parts, (lists) => {
        const values = lists.flat();
        const onePass = histogramOf(values);
        const reversed = histogramOf([...values].reverse());
        const merged = new Histogram();
        const fromBins = new Histogram();
        for (const list of lists) {
          const part = histogramOf(list);
          merged.merge(part);
          if (part.min !== undefined && part.max !== undefined)
            fromBins.mergeBins(part.toBins(), { sum: part.sum, min: part.min, max: part.max });
        }
        for (const other of [reversed, merged, fromBins]) {
          expect(plainBins(other)).to.deep.equal(plainBins(onePass));
          expect([other.count, other.min, other.max]).to.deep.equal([onePass.count, onePass.min, onePass.max]);
          for (const q of QUANTILES) expect(other.quantile(q)).to.equal(onePass.quantile(q));
          const scale = magnitudes(values);
          if (scale < Infinity) expect(other.sum).to.be.closeTo(onePass.sum, scale * 4 * Number.EPSILON);
        }
      }),
      { seed: SEED, numRuns: propertyRuns(100) },
    );
  });

  it('sums a million tenths exactly to the last digit', () => {
    const histogram = new Histogram();
    for (let i = 0; i < 1_000_000; i++) histogram.add(0.1);
    expect(histogram.sum).to.equal(100_000);
  });

  it('keeps a sum finite that exceeds the largest double', () => {
    const histogram = histogramOf([1e308, 1e308, 1e308]);
    histogram.merge(histogramOf([1e308, 1e308]));
    expect(histogram.sum).to.equal(Number.MAX_VALUE);
    expect(histogram.quantile(0.5)).to.be.closeTo(1e308, 1e305);
  });

  it('interpolates between -1e308 and 1e308 without overflow', () => {
    expect(histogramOf([-1e308, 1e308]).quantile(0.5)).to.equal(0);
  });

  it('counts the samples above and below a bucket', () => {
    const histogram = histogramOf([-5, 0, 0, 1, 2, 3, 100]);
    expect([histogram.countAbove(0), histogram.countBelow(0)]).to.deep.equal([4, 1]);
    expect([histogram.countAbove(2), histogram.countBelow(2)]).to.deep.equal([2, 4]);
    expect([histogram.countAbove(1000), histogram.countBelow(-1000)]).to.deep.equal([0, 0]);
    expect([histogram.countAbove(50), histogram.countBelow(50)]).to.deep.equal([1, 6]);
  });

  it('estimates sum, min and max from bins without them', () => {
    const histogram = new Histogram();
    histogram.mergeBins(histogramOf([10, 20, 30]).toBins());
    expect(histogram.sum).to.be.closeTo(60, 0.06);
    expect(histogram.min).to.be.closeTo(10, 0.01);
    expect(histogram.max).to.be.closeTo(30, 0.03);
  });
});
