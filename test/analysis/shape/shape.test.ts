// The shape of a series against known shapes with noise, and its fits against naive least squares.

import { expect } from 'chai';
import { LeastSquares } from '../../../runner/analysis/shape/least-squares.ts';
import { shapeOf } from '../../../runner/analysis/shape/shape.ts';
import type { ShapeKind } from '../../../runner/analysis/shape/shape-kinds.ts';
import { noisy } from '../series-noise.ts';

/** A rise of 40 on 100 with a noise of 5: every shape is easy to see. */
const SHAPES: Readonly<Record<string, readonly [ShapeKind, (n: number) => (i: number) => number]>> = {
  'a line': ['rising', (n) => (i) => 100 + (40 * i) / n],
  'a falling line': ['falling', (n) => (i) => 140 - (40 * i) / n],
  'a curve that grows faster': ['rising', (n) => (i) => 100 + 40 * (i / n) ** 2],
  'a rise that begins late': ['rising', (n) => (i) => 100 + 40 * Math.max(0, (i - 0.6 * n) / (0.4 * n))],
  'a step': ['stepped', (n) => (i) => (i < 0.4 * n ? 100 : 140)],
  'a level that comes and goes': ['stepped', (n) => (i) => (i > 0.4 * n && i < 0.6 * n ? 140 : 100)],
  'a rise that ends': ['levelled_off', (n) => (i) => 100 + 40 * Math.min(1, i / (0.3 * n))],
  'a cache that fills': ['levelled_off', (n) => (i) => 100 + 40 * (1 - Math.exp(-i / (0.12 * n)))],
  'a saw': ['swinging', () => (i) => 100 + 40 * ((i % 20) / 20)],
  'a sawtooth with a leak': ['rising', (n) => (i) => 100 + (100 * i) / n + 30 * ((i % 20) / 20)],
};

const kindsOf = (length: number, shape: (i: number) => number, phi: number) =>
  Array.from({ length: 12 }, (_, seed) => shapeOf(noisy(length, shape, { seed: seed * 11 + 1, phi, sd: 5 }))?.kind);

describe('the shape of a series', () => {
  for (const [name, [kind, shape]] of Object.entries(SHAPES)) {
    for (const [length, phi] of [
      [90, 0],
      [90, 0.5],
      [480, 0.5],
    ] as const) {
      it(`is ${kind} for ${name} (${length} values, correlation ${phi})`, () => {
        const kinds = kindsOf(length, shape(length), phi);
        expect(kinds.filter((found) => found === kind).length, kinds.join(', ')).to.be.at.least(11);
      });
    }
  }

  it('is steady or unclear for correlated noise', () => {
    for (const phi of [0, 0.5, 0.8]) {
      let clear = 0;
      for (let seed = 1; seed <= 40; seed++) {
        const found = shapeOf(noisy(300, () => 100, { seed, phi, sd: 5 }));
        if (found !== undefined && found.kind !== 'steady' && found.clarity >= 4) clear++;
      }
      expect(clear, `at ${phi}`).to.be.at.most(3);
    }
  });

  it('has its levels and its place', () => {
    const step = shapeOf(noisy(200, (i) => (i < 80 ? 30 : 60), { sd: 2 }));
    expect(step?.from).to.be.closeTo(30, 1);
    expect(step?.to).to.be.closeTo(60, 1);
    expect(step?.at).to.be.within(78, 82);
    const passing = shapeOf(noisy(200, (i) => (i >= 80 && i < 120 ? 60 : 30), { sd: 2 }));
    expect(passing).to.include({ kind: 'stepped' });
    expect(passing?.at).to.be.within(78, 82);
    expect(passing?.until).to.be.within(118, 122);
    const line = shapeOf(noisy(200, (i) => 30 + 0.5 * i, { sd: 2 }));
    expect(line?.from).to.be.closeTo(30, 2);
    expect(line?.to).to.be.closeTo(130, 2);
    expect(line?.overlap).to.equal(0);
    expect(shapeOf(noisy(200, (i) => i % 25, { sd: 1 }))?.period).to.be.within(24, 26);
  });

  it('is not affected by single spikes or gaps', () => {
    const values = noisy(120, () => 100, { sd: 2 }).map((value, i) => (i % 40 === 39 ? 5000 : value));
    expect(shapeOf(values)?.kind).to.equal('steady');
    const gappy = noisy(300, (i) => 100 + i, { sd: 2 }).map((value, i) => (i > 100 && i < 160 ? undefined : value));
    expect(shapeOf(gappy)).to.include({ kind: 'rising' });
    expect(shapeOf(gappy)?.to).to.be.closeTo(400, 5);
  });

  it('of a constant is steady, and does not exist for too few values', () => {
    expect(shapeOf(new Array(60).fill(20))?.kind).to.equal('steady');
    expect(shapeOf(new Array(60).fill(0))?.kind).to.equal('steady');
    expect(shapeOf([1, 2, 3])).to.equal(undefined);
    expect(shapeOf([])).to.equal(undefined);
  });
});

describe('least squares over every place', () => {
  /** By the normal equations: columns and a constant. */
  function naiveRss(values: readonly number[], columns: ReadonlyArray<(i: number) => number>): number {
    const rows = values.map((_, i) => [1, ...columns.map((column) => column(i))]);
    const size = columns.length + 1;
    const matrix = Array.from({ length: size }, (_, a) => [
      ...Array.from({ length: size }, (_, b) => rows.reduce((sum, row) => sum + (row[a] ?? 0) * (row[b] ?? 0), 0)),
      rows.reduce((sum, row, i) => sum + (row[a] ?? 0) * (values[i] ?? 0), 0),
    ]);
    for (let pivot = 0; pivot < size; pivot++) {
      const top = matrix[pivot] ?? [];
      for (let row = 0; row < size; row++) {
        const other = matrix[row] ?? [];
        if (row === pivot) continue;
        const factor = (other[pivot] ?? 0) / (top[pivot] ?? 1);
        for (let column = 0; column <= size; column++)
          other[column] = (other[column] ?? 0) - factor * (top[column] ?? 0);
      }
    }
    const slopes = matrix.map((row, i) => (row[size] ?? 0) / (row[i] ?? 1));
    return rows.reduce(
      (sum, row, i) => sum + ((values[i] ?? 0) - row.reduce((y, value, j) => y + value * (slopes[j] ?? 0), 0)) ** 2,
      0,
    );
  }

  const values = noisy(60, (i) => 5 + 0.2 * i + (i >= 25 ? 4 : 0), { seed: 9 });
  const squares = new LeastSquares(values);
  const places = Array.from({ length: 55 }, (_, i) => i + 3);
  const kinds: ReadonlyArray<
    readonly [string, ReturnType<LeastSquares['step']>, (at: number) => Array<(i: number) => number>]
  > = [
    ['a step', squares.step(), (at) => [(i) => (i >= at ? 1 : 0)]],
    ['a rise that ends', squares.levelling(), (at) => [(i) => Math.min(i, at)]],
    ['a rise that begins late', squares.late(), (at) => [(i) => Math.max(0, i - at)]],
    ['a knee', squares.knee(), (at) => [(i) => i, (i) => Math.max(0, i - at)]],
    ['a line with a step', squares.lineWithStep(), (at) => [(i) => i, (i) => (i >= at ? 1 : 0)]],
  ];
  for (const [name, found, columns] of kinds) {
    it(`finds the best place of ${name}`, () => {
      const best = Math.min(...places.map((at) => naiveRss(values, columns(at))));
      expect(found?.rss).to.be.closeTo(best, 1e-6 * best);
      const left = values.reduce((sum, value, i) => sum + (value - (found?.fitted[i] ?? 0)) ** 2, 0);
      expect(left).to.be.closeTo(best, 1e-6 * best);
    });
  }

  it('fits a line', () => {
    expect(squares.line().rss).to.be.closeTo(naiveRss(values, [(i) => i]), 1e-6);
  });
});
