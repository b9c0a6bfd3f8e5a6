import { expect } from 'chai';
import { Histogram } from '../../runner/metrics/buckets/histogram.ts';
import { intervalFor, longerInterval, MAX_INTERVALS } from '../../runner/metrics/store/interval-length.ts';
import { MetricsStore } from '../../runner/metrics/store/store.ts';
import type { Bins, SeriesWindow } from '../../runner/model/metrics.ts';
import { seeded } from '../seeded.ts';
import { metricOf, normal, seriesOf } from './seeded-stream.ts';

const SEED = 4;
const START_MS = Date.UTC(2026, 10, 23, 12, 0, 7);
const TREND = seriesOf(0, metricOf('http_req_duration', 'trend', 'time'), { name: 'a' });
const OTHER = seriesOf(1, metricOf('http_req_duration', 'trend', 'time'), { name: 'b' });
const COUNTER = seriesOf(2, metricOf('http_reqs', 'counter'));

function trendWindow(
  series: SeriesWindow['series'],
  startMs: number,
  lengthMs: number,
  values: readonly number[],
): SeriesWindow {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  const sum = values.reduce((total, value) => total + value, 0);
  const bins = histogram.toBins();
  return {
    series,
    startMs,
    lengthMs,
    count: values.length,
    sum,
    min: Math.min(...values),
    max: Math.max(...values),
    last: 0,
    bins,
  };
}

const counted = (startMs: number, lengthMs: number, sum: number): SeriesWindow => ({
  ...{ series: COUNTER, startMs, lengthMs, count: sum, sum, min: 1, max: 1, last: 1 },
});

const binPairs = ({ keys, counts }: Bins) => [...keys].map((key, i) => [key, counts[i]]);

/** Multiples of 1/64: their sums are exact in any order. */
function someValues(random: () => number): number[] {
  return Array.from(
    { length: 1 + Math.floor(random() * 20) },
    () => Math.round(Math.exp(normal(random) + 3) * 64) / 64,
  );
}

describe('the timeline', () => {
  it('has an interval for every second of a short run, including empty ones', () => {
    const store = new MetricsStore({ timeline: true });
    for (const second of [0, 1, 2, 5, 6]) store.sink.window(counted(START_MS + second * 1000, 1000, second + 1));
    store.sink.window(trendWindow(TREND, START_MS + 8000, 1000, [5]));
    const timeline = store.timeline('http_reqs');
    expect(timeline.map(({ startMs }) => (startMs - START_MS) / 1000)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(timeline.map(({ aggregate }) => aggregate?.sum)).to.deep.equal([
      1,
      2,
      3,
      undefined,
      undefined,
      6,
      7,
      undefined,
      undefined,
    ]);
    expect(timeline.every(({ lengthMs }) => lengthMs === 1000)).to.equal(true);
    expect([store.firstSampleMs, store.lastSampleMs]).to.deep.equal([START_MS, START_MS + 9000]);
  });

  for (const [seconds, intervalMs] of [
    [800, 1000],
    [801, 2000],
    [1600, 2000],
    [3600, 10_000],
    [8001, 30_000],
  ] as const) {
    it(`merges ${seconds} s into intervals of ${intervalMs / 1000} s, each with exactly its samples${seconds > 1600 ? ' @slow' : ''}`, () => {
      const random = seeded(SEED);
      const store = new MetricsStore({ timeline: true });
      const expected = new Map<number, Histogram>();
      for (let second = 0; second < seconds; second++) {
        // Two series, a pause, and some late windows.
        if (second > 300 && second < 340) continue;
        for (const series of [TREND, OTHER]) {
          const late = random() < 0.02 ? Math.floor(random() * second * 1000) : 0;
          const startMs = START_MS + Math.floor((second * 1000 - late) / 1000) * 1000;
          const values = someValues(random);
          store.sink.window(trendWindow(series, startMs, 1000, values));
          const interval = Math.floor((startMs - START_MS) / intervalMs);
          const histogram = expected.get(interval) ?? new Histogram();
          for (const value of values) histogram.add(value);
          expected.set(interval, histogram);
        }
      }
      const timeline = store.timeline('http_req_duration');
      expect(store.intervalMs).to.equal(intervalMs);
      expect(timeline)
        .to.have.length(Math.ceil((seconds * 1000) / intervalMs))
        .and.length.at.most(MAX_INTERVALS);
      for (const [i, { startMs, aggregate }] of timeline.entries()) {
        const histogram = expected.get(i);
        expect(startMs).to.equal(START_MS + i * intervalMs);
        expect(aggregate?.count).to.equal(histogram?.count);
        expect([aggregate?.sum, aggregate?.min, aggregate?.max]).to.deep.equal([
          histogram?.sum,
          histogram?.min,
          histogram?.max,
        ]);
        expect(aggregate?.quantile(0.95), `interval ${i}, seed ${SEED}`).to.equal(histogram?.quantile(0.95));
        if (i % 50 === 0 && aggregate !== undefined && histogram !== undefined) {
          expect(binPairs(aggregate.bins())).to.deep.equal(binPairs(histogram.toBins()));
        }
      }
    });
  }

  it('is the same for any order of windows', () => {
    const random = seeded(SEED);
    const windows = Array.from({ length: 2000 }, (_, second) =>
      trendWindow(second % 3 === 0 ? OTHER : TREND, START_MS + second * 1000, 1000, someValues(random)),
    );
    const shuffled = windows.map((window) => ({ window, at: random() })).sort((a, b) => a.at - b.at);
    const figures = (order: readonly SeriesWindow[]) => {
      const store = new MetricsStore({ timeline: true, originMs: START_MS });
      for (const window of order) store.sink.window(window);
      return store
        .timeline('http_req_duration')
        .map(({ startMs, aggregate }) => [startMs, aggregate?.count, aggregate?.sum, aggregate?.quantile(0.5)]);
    };
    const inOrder = figures(windows);
    expect(figures(shuffled.map(({ window }) => window))).to.deep.equal(inOrder);
    expect(figures([...windows].reverse())).to.deep.equal(inOrder);
  });

  it('accepts streams with windows of different lengths', () => {
    const store = new MetricsStore({ timeline: true });
    for (let i = 0; i < 30; i++) store.sink.window(counted(START_MS + i * 1000, 1000, 1));
    for (let i = 0; i < 6; i++) store.sink.window(counted(START_MS + i * 5000, 5000, 100));
    expect(store.intervalMs).to.equal(5000);
    expect(store.timeline('http_reqs').map(({ aggregate }) => aggregate?.sum)).to.deep.equal([
      105, 105, 105, 105, 105, 105,
    ]);
  });

  it('stays small when a sample is years away', () => {
    const store = new MetricsStore({ timeline: true });
    store.sink.window(counted(START_MS, 1000, 1));
    store.sink.window(counted(Date.UTC(1970, 0, 1), 1000, 1));
    store.sink.window(counted(Date.UTC(2999, 0, 1), 1000, 1));
    const timeline = store.timeline('http_reqs');
    expect(timeline.length).to.be.within(2, MAX_INTERVALS);
    expect(timeline.reduce((sum, { aggregate }) => sum + (aggregate?.sum ?? 0), 0)).to.equal(3);
  });

  it('merges neighbouring intervals also when memory runs out @slow', () => {
    const maxBytes = 4e6;
    const store = new MetricsStore({ timeline: true, maxBytes });
    const many = Array.from({ length: 1000 }, (_, id) => seriesOf(id, metricOf('m', 'gauge'), { id: `${id}` }));
    for (let second = 0; second < 400; second++) {
      const startMs = START_MS + second * 1000;
      for (const series of many) store.sink.window({ ...counted(startMs, 1000, 1), series });
    }
    expect(store.bytesHeld).to.be.below(maxBytes * 1.5);
    expect(store.intervalMs).to.be.above(1000);
    expect(store.total('m')?.count).to.equal(400_000);
    expect(store.total('m', { id: '7' })?.count).to.equal(400);
  });
});

describe('the length of intervals', () => {
  for (const [seconds, expected] of [
    [60, 1],
    [800, 1],
    [801, 2],
    [3600, 5],
    [8 * 3600, 60],
    [24 * 3600, 120],
    [10_000 * 86_400, 1_080_000],
  ] as const) {
    it(`is ${expected} s for ${seconds} s`, () => {
      expect(intervalFor(seconds * 1000, 1000)).to.equal(expected * 1000);
    });
  }

  it('grows by whole factors, for any window length', () => {
    for (const windowMs of [1, 100, 250, 700, 1000, 2000, 3000, 5000, 7000, 60_000]) {
      let lengthMs = windowMs;
      for (let step = 0; step < 30 && lengthMs < 1e15; step++) {
        const longer = longerInterval(lengthMs);
        expect(longer % lengthMs, `${lengthMs} → ${longer}`).to.equal(0);
        expect(longer).to.be.above(lengthMs);
        lengthMs = longer;
      }
      expect(longerInterval(1000, windowMs) % 1000).to.equal(0);
      expect(longerInterval(1000, windowMs) % windowMs).to.equal(0);
    }
  });
});
