// Medians, slopes and pairs of the bench, from values simple enough to check by hand.

import { expect } from 'chai';
import { type Figure, meets, perFurtherRequestUs, spread } from '../../bench/figures.ts';
import { type LoadPair, type LoadRun, loadSection } from '../../bench/load.ts';
import { parserSection } from '../../bench/parser-figures.ts';
import { type Answer, firstDifference } from '../../bench/parsers.ts';

function figureOf(figures: readonly Figure[], id: string): Figure {
  const found = figures.find((figure) => figure.id === id);
  if (found === undefined) throw new Error(`no figure ${id} among ${figures.map((figure) => figure.id).join(', ')}`);
  return found;
}

describe('bench figures', () => {
  const SPREADS: ReadonlyArray<readonly [values: number[], median: number, min: number, max: number]> = [
    [[3], 3, 3, 3],
    [[5, 1, 3], 3, 1, 5],
    [[10, 2, 4, 100], 7, 2, 100],
    [[1.05, 0.98, 1.01, 1.3, 0.99], 1.01, 0.98, 1.3],
  ];
  for (const [values, median, min, max] of SPREADS) {
    it(`gives ${median} as the median of ${values.join(', ')}`, () => {
      expect(spread(values)).to.deep.equal({ median, min, max });
    });
  }

  it('gives no median without values', () => {
    expect(() => spread([])).to.throw('at least one');
  });

  it('subtracts the fixed cost that a short and a long run share', () => {
    const short = { cpuSeconds: 2 + 20_000 * 50e-6, requests: 20_000 };
    const long = { cpuSeconds: 2 + 60_000 * 50e-6, requests: 60_000 };
    expect(perFurtherRequestUs(short, long)).to.be.closeTo(50, 1e-9);
  });

  const GOALS: ReadonlyArray<readonly [comparison: '<=' | '>=', value: number, median: number, isMet: boolean]> = [
    ['<=', 1.05, 1.05, true],
    ['<=', 1.05, 1.06, false],
    ['>=', 8, 8, true],
    ['>=', 8, 7.9, false],
  ];
  for (const [comparison, value, median, isMet] of GOALS) {
    it(`says that ${median} ${isMet ? 'meets' : 'misses'} ${comparison} ${value}`, () => {
      const goal = { comparison, value };
      expect(meets({ id: '', title: '', unit: '×', median, min: 0, max: 9, goal })).to.equal(isMet);
    });
  }

  it('gives no verdict without a goal', () => {
    expect(meets({ id: '', title: '', unit: '×', median: 1, min: 1, max: 1 })).to.equal(undefined);
  });
});

describe('bench load', () => {
  const run = (requests: number, cpuSeconds: number, requestsPerSecond: number): LoadRun => ({
    requests,
    cpuSeconds,
    requestsPerSecond,
  });
  /** A machine that gets slower from round to round: only runs of the same round give the right ratio. */
  const rounds = [1, 2, 4].map(
    (slowness): LoadPair => ({
      bare: { short: run(10, 10 * slowness, 8 / slowness), long: run(30, 30 * slowness, 8 / slowness) },
      measured: { short: run(10, 17 * slowness, 6 / slowness), long: run(30, 39 * slowness, 6 / slowness) },
    }),
  );
  const { figures, table } = loadSection([{ id: 'histograms', title: 'with windows', rounds }], 30);

  const RATIOS: ReadonlyArray<readonly [id: string, value: number]> = [
    ['load.histograms.further', 1.1],
    ['load.histograms.whole', 1.3],
    ['load.histograms.rate', 0.75],
  ];
  for (const [id, value] of RATIOS) {
    it(`compares the two runs of the same round, so that a slowing machine does not change ${id}`, () => {
      const { median, min, max } = figureOf(figures, id);
      expect(median).to.be.closeTo(value, 1e-9);
      expect(min).to.be.closeTo(value, 1e-9);
      expect(max).to.be.closeTo(value, 1e-9);
    });
  }

  it('gives the fixed cost of a run in seconds', () => {
    expect(figureOf(figures, 'load.histograms.once')).to.include({ unit: 's', median: 12, min: 6, max: 24 });
  });

  it('marks missed goals', () => {
    expect(table).to.include('**1.10×**, goal ≤ 1.05: missed');
    expect(table).to.include('**0.75×**, goal ≥ 0.97: missed');
  });
});

describe('bench parsers', () => {
  const sizes = { reference: 'readline', shortLines: 1_000_000, longLines: 5_000_000 };
  const times = (short: number, long: number) => ({
    short: { wallSeconds: short, cpuSeconds: short },
    long: { wallSeconds: long, cpuSeconds: long },
  });
  const { figures, table } = parserSection(
    [
      { id: 'samples', title: 'samples', rounds: [times(0.5, 1), times(1, 2)] },
      { id: 'readline', title: 'readline', rounds: [times(2, 8), times(4, 16)] },
    ],
    sizes,
  );

  const RATIOS: ReadonlyArray<readonly [id: string, value: number]> = [
    ['parser.samples.further.ratio', 12],
    ['parser.samples.long.ratio', 8],
    ['parser.samples.short.ratio', 4],
    ['parser.readline.further.ratio', 1],
  ];
  for (const [id, value] of RATIOS) {
    it(`compares the readers of the same round: ${id}`, () => {
      expect(figureOf(figures, id)).to.include({ median: value, min: value, max: value });
    });
  }

  it('leaves the start out of the rate of further lines', () => {
    expect(figureOf(figures, 'parser.samples.further')).to.include({ median: 6, min: 4, max: 8 });
    expect(table).to.include('6.00 M/s, **12.00×**, goal ≥ 8: met');
  });

  const exact: Answer = [
    { name: 'a', status: '200', samples: 10, p95: 100 },
    { name: 'a', status: '404', samples: 5, p95: 7 },
  ];
  const [ok, missing] = exact;
  if (ok === undefined || missing === undefined) throw new Error('two rows stand above');
  const ANSWERS: ReadonlyArray<readonly [what: string, answer: Answer, difference: string | undefined]> = [
    ['the same rows in another order', [missing, ok], undefined],
    ['a p95 within 0.1 %', [{ ...ok, p95: 100.09 }, missing], undefined],
    ['a p95 further off', [{ ...ok, p95: 100.2 }, missing], 'a 200: p95 100 and 100.2'],
    ['a missing row', [ok], '2 rows and 1'],
    ['another status', [ok, { ...missing, status: '500' }], 'no row for a 404'],
    ['a missing sample', [{ ...ok, samples: 9 }, missing], 'a 200: 10 samples and 9'],
  ];
  for (const [what, answer, difference] of ANSWERS) {
    it(`${difference === undefined ? 'accepts' : 'rejects'} ${what}`, () => {
      expect(firstDifference(exact, answer, 0.001)).to.equal(difference);
    });
  }

  it('rejects readers that found nothing', () => {
    expect(firstDifference([], [], 0.001)).to.be.a('string');
  });
});
