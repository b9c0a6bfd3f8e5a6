import { expect } from 'chai';
import fc from 'fast-check';
import { MetricsStore } from '../../runner/metrics/store/store.ts';
import type { Aggregate, Metric, TagFilter } from '../../runner/model/metrics.ts';
import { type FigureOf, TrackBook } from '../../runner/report/tracks/book.ts';
import { packColumn, unpackColumn } from '../../runner/report/tracks/column.ts';
import { figureIn, read } from '../../runner/report/tracks/figure.ts';
import type { TrackData } from '../../runner/report/tracks/model.ts';
import { Tracks } from '../../runner/report/tracks/tracks.ts';
import { pourSamples, START_MS, samplesOf } from '../metrics/seeded-stream.ts';
import { seeded } from '../seeded.ts';
import { METRICS, Samples } from './sample-run.ts';

const QUANTILES = [0, 0.5, 0.9, 0.95, 0.99, 0.999, 1];

function storeOf(seed: number, seconds: number, rate: number): MetricsStore {
  const store = new MetricsStore({ timeline: true });
  pourSamples(samplesOf(seed, seconds, rate), store.sink);
  store.end({ badLines: 0, badValues: 0, lostLines: 0, complete: true, overflow: [] });
  return store;
}

/** Every figure of a metric, and the store's figure of the same time as reference. */
interface Asked {
  readonly metric: string;
  readonly filter: TagFilter;
  readonly figures: ReadonlyArray<readonly [FigureOf, (total: Aggregate | undefined) => number | undefined]>;
}

function askedOf(metric: Metric, filter: TagFilter): Asked {
  const of = { metric: metric.name, filter };
  const format = ['count'] as const;
  const figures: Array<Asked['figures'][number]> = [[{ figure: 'count', of, format }, (total) => total?.count ?? 0]];
  if (metric.type !== 'gauge') figures.push([{ figure: 'sum', of, format }, (total) => total?.sum ?? 0]);
  figures.push([{ figure: 'mean', of, format }, (total) => total?.mean]);
  if (metric.type === 'gauge') figures.push([{ figure: 'last', of, format }, (total) => total?.last]);
  if (metric.type === 'gauge' || metric.type === 'trend') {
    figures.push([{ figure: 'min', of, format }, (total) => total?.min]);
    figures.push([{ figure: 'max', of, format }, (total) => total?.max]);
  }
  if (metric.type === 'rate') {
    figures.push([{ figure: 'zeros', of, format }, (total) => (total === undefined ? 0 : total.count - total.sum)]);
  }
  if (metric.type === 'trend') {
    for (const q of QUANTILES) figures.push([{ figure: 'q', q, of, format }, (total) => total?.quantile(q)]);
  }
  return { metric: metric.name, filter, figures };
}

function expectClose(actual: number | undefined, expected: number | undefined, within: number, what: string): void {
  if (expected === undefined) {
    expect(actual, what).to.equal(undefined);
    return;
  }
  const error = Math.abs((actual ?? Number.NaN) - expected);
  expect(error, `${what}: ${actual} for ${expected}`).to.be.at.most(Math.abs(expected) * within + 1e-12);
}

/** Random ranges, many of which do not begin or end with a slot. */
function spansOf(data: TrackData, seed: number): Array<{ fromMs: number; toMs: number }> {
  const random = seeded(seed);
  const { startMs, slotMs, slots } = data;
  const at = () => startMs + random() * slots * slotMs;
  const spans = Array.from({ length: 12 }, () => [at(), at()].sort((a, b) => a - b));
  const aligned = Array.from({ length: 12 }, () => {
    const [a, b] = [Math.floor(random() * slots), Math.floor(random() * slots)].sort((x, y) => x - y);
    return [startMs + (a ?? 0) * slotMs, startMs + ((b ?? 0) + 1) * slotMs];
  });
  return [...spans, ...aligned].map(([fromMs = 0, toMs = 0]) => ({ fromMs, toMs }));
}

describe('numbers of a range', () => {
  const filters = [{}, { name: 'GET /endpoint/1' }, { name: 'GET /endpoint/2', status: '500' }, { status: '404' }];
  const sizes = [
    { seconds: 20, rate: 3, maxBytes: undefined },
    { seconds: 120, rate: 40, maxBytes: undefined },
    { seconds: 120, rate: 40, maxBytes: 20_000 },
    { seconds: 1000, rate: 12, maxBytes: 9000 },
    { seconds: 1000, rate: 12, maxBytes: 1 },
  ];
  const errors: number[] = [];

  for (const [seed, { seconds, rate, maxBytes }] of sizes.entries()) {
    it(`are those of the store, ${seconds} s at ${rate}/s in ${maxBytes ?? 'any number of'} bytes${seconds > 120 ? ' @slow' : ''}`, () => {
      const metrics = storeOf(seed + 3, seconds, rate);
      const book = new TrackBook(metrics, maxBytes);
      const asked = [...metrics.metrics.values()].flatMap((metric) => filters.map((filter) => askedOf(metric, filter)));
      const bound = asked.flatMap(({ metric, filter, figures }) =>
        figures.map(([figure, reference]) => ({ metric, filter, figure, reference, id: book.bind(figure) })),
      );
      const data = book.pack(START_MS);
      if (data === undefined) throw new Error('nothing was packed');
      errors.push(data.error);
      const tracks = new Tracks(JSON.parse(JSON.stringify(data)));
      let compared = 0;
      for (const span of spansOf(data, seed)) {
        const { fromMs, toMs } = tracks.snapped(span);
        const sums = tracks.sums(span);
        for (const { metric, filter, figure, reference, id } of bound) {
          const total = metrics.total(metric, filter, { fromMs: START_MS + fromMs, toMs: START_MS + toMs });
          if (id === '') {
            expect(total, `${metric} without a binding`).to.equal(undefined);
            continue;
          }
          const what = `${metric} ${JSON.stringify(filter)} ${figure.figure} ${figure.q ?? ''}`;
          const boundFigure = data.bindings[Number(id) - 1]?.figures[0];
          if (boundFigure === undefined) throw new Error(`no binding ${id}`);
          const actual = figureIn(boundFigure, sums);
          const isQuantile = figure.figure === 'q' && figure.q !== 0 && figure.q !== 1;
          const isWhole =
            ['count', 'zeros'].includes(figure.figure) || (figure.figure === 'sum' && total?.type !== 'trend');
          expectClose(actual, reference(total), isQuantile ? data.error + 1e-6 : isWhole ? 0 : 1e-6, what);
          compared++;
        }
      }
      expect(compared).to.be.above(500);
    });
  }

  it('are as fine as space permits @slow', () => {
    expect(errors[0]).to.be.below(0.001);
    expect(errors[1]).to.be.below(0.001);
    expect(errors[4]).to.be.above(errors[1] ?? 1);
    expect(Math.max(...errors)).to.be.at.most(1 / 16);
  });

  it('snap to whole slots within the run, at least one', () => {
    const book = new TrackBook(storeOf(5, 60, 5));
    book.bind({ figure: 'count', of: { metric: 'http_reqs' }, format: ['count'] });
    const data = book.pack(START_MS);
    if (data === undefined) throw new Error('nothing was packed');
    const tracks = new Tracks(data);
    const at = (slot: number) => data.startMs + slot * data.slotMs;
    const rows = [
      [at(2), at(5), 2, 5],
      [at(2) - 400, at(5) + 400, 2, 5],
      [at(2) + 600, at(5) + 600, 3, 6],
      [at(7) + 100, at(7) + 300, 7, 8],
      [at(-9), at(3), 0, 3],
      [at(data.slots - 1), at(data.slots + 9), data.slots - 1, data.slots],
      [at(data.slots + 3), at(data.slots + 3.2), data.slots - 1, data.slots],
    ] as const;
    for (const [fromMs, toMs, from, to] of rows) {
      expect(tracks.slotsIn({ fromMs, toMs }), `${fromMs} to ${toMs}`).to.deep.equal({ from, to });
    }
  });

  it('are "no data" without samples, and 0 only for amounts', () => {
    const samples = new Samples();
    samples.add(METRICS.http_req_duration, { name: 'a' }, 100, 5);
    samples.add(METRICS.http_req_duration, { name: 'a' }, 9100, 7);
    samples.add(METRICS.http_req_failed, { name: 'a' }, 100, 0);
    const store = samples.done();
    const book = new TrackBook(store);
    const of = { metric: 'http_req_duration' };
    const failed = { metric: 'http_req_failed' };
    const texts: ReadonlyArray<readonly [FigureOf, string]> = [
      [{ figure: 'count', of, format: ['count'] }, '0'],
      [{ figure: 'countPerSecond', of, format: ['perSecond'] }, '0/s'],
      [{ figure: 'q', q: 0.95, of, format: ['duration'] }, 'no data'],
      [{ figure: 'mean', of, format: ['duration'] }, 'no data'],
      [{ figure: 'max', of, format: ['unit', 'ms'] }, 'no data'],
      [{ figure: 'mean', of: failed, format: ['percent'] }, 'no data'],
      [{ figure: 'share', of, per: failed, format: ['percent'] }, 'no data'],
      [{ figure: 'missingShare', of, per: failed, format: ['target', 1, ''] }, 'no data'],
    ];
    const ids = texts.map(([figure]) => Number(book.bind(figure)));
    const data = book.pack(store.firstSampleMs ?? 0);
    if (data === undefined) throw new Error('nothing was packed');
    const sums = new Tracks(data).sums({ fromMs: 3000, toMs: 5000 });
    texts.forEach(([, text], index) => {
      const binding = data.bindings[(ids[index] ?? 0) - 1];
      expect(binding === undefined ? '' : read(binding, sums).text, JSON.stringify(binding)).to.equal(text);
    });
  });

  it('are read back as written, whole numbers exactly and others within a millionth', () => {
    const numbers = fc.array(
      fc.oneof(
        fc.integer({ min: -1000, max: 1000 }),
        fc.maxSafeInteger(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.double({ min: 0, max: 1e4, noNaN: true }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(
        numbers,
        fc.boolean(),
        fc.infiniteStream(fc.integer({ min: 1, max: 5000 })),
        (given, shares, more) => {
          const weights = shares ? given.map(() => more.next().value) : undefined;
          const packed = packColumn(given, weights);
          const back = unpackColumn(JSON.parse(JSON.stringify(packed)), given.length, weights);
          expect(back.length).to.equal(given.length);
          given.forEach((value, index) => {
            const error = Math.abs((back[index] ?? Number.NaN) - value);
            expect(error, `${value} → ${back[index]}`).to.be.at.most(Math.abs(value) * 1e-6);
          });
          if (given.every((value) => Number.isInteger(value) && Math.abs(value) < 1e6)) {
            expect([...back]).to.deep.equal(given.map((value) => value + 0));
          }
        },
      ),
    );
  });
});
