import { expect } from 'chai';
import { Histogram, keyOf } from '../../runner/metrics/buckets/histogram.ts';
import { tee } from '../../runner/metrics/sinks/tee.ts';
import { MetricsStore } from '../../runner/metrics/store/store.ts';
import type { Aggregate, Bins, SeriesWindow, TagFilter } from '../../runner/model/metrics.ts';
import { metricOf, pourSamples, type Sample, START_MS, samplesOf, seriesOf } from './seeded-stream.ts';
import { pourSoak } from './soak-stream.ts';

const SEED = 20261123;
const QUANTILES = [0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1];
const FILTERS: readonly TagFilter[] = [
  {},
  { name: 'GET /endpoint/1' },
  { name: 'GET /endpoint/2', status: '500' },
  { group: '' },
  { status: '404' },
];
const METRICS = ['http_req_duration', 'http_req_blocked', 'http_reqs', 'http_req_failed', 'vus'];

/** One window of some values at one time. */
function windowOf(
  series: SeriesWindow['series'],
  startMs: number,
  values: readonly number[],
  lengthMs = 1000,
): SeriesWindow {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  const isRate = series.metric.type === 'rate';
  return {
    series,
    startMs,
    lengthMs,
    count: values.length,
    sum: isRate ? values.filter((value) => value !== 0).length : values.reduce((sum, value) => sum + value, 0),
    min: Math.min(...values),
    max: Math.max(...values),
    last: values.at(-1) ?? 0,
    ...(series.metric.type === 'trend' && { bins: histogram.toBins() }),
  };
}

// --- reference implementation: all samples in a list ---

function matching(samples: readonly Sample[], metric: string, filter: TagFilter): Sample[] {
  return samples.filter(
    (sample) =>
      sample.metric.name === metric &&
      Object.entries(filter).every(([tag, value]) => (sample.tags[tag] ?? '') === value),
  );
}

function plain(aggregate: Aggregate | undefined) {
  if (aggregate === undefined) return undefined;
  const { type, count, sum, min, max, last, mean } = aggregate;
  const { keys, counts } = aggregate.bins();
  const quantiles = QUANTILES.map((q) => aggregate.quantile(q));
  return { type, count, sum, min, max, last, mean, quantiles, bins: [...keys].map((key, i) => [key, counts[i]]) };
}

function reference(samples: readonly Sample[]) {
  const first = samples[0];
  if (first === undefined) return undefined;
  const { type } = first.metric;
  const values = samples.map(({ value }) => value);
  const sum = values.reduce((total, value) => total + (type === 'rate' ? Number(value !== 0) : value), 0);
  const latest = samples.reduce((a, b) => (b.timeMs >= a.timeMs ? b : a));
  const hasRange = type === 'trend' || type === 'gauge';
  const histogram = new Histogram();
  if (type === 'trend') for (const value of values) histogram.add(value);
  const { keys, counts } = histogram.toBins();
  return {
    type,
    count: values.length,
    sum,
    min: hasRange ? Math.min(...values) : undefined,
    max: hasRange ? Math.max(...values) : undefined,
    last: type === 'gauge' ? latest.value : undefined,
    mean: sum / values.length,
    quantiles: QUANTILES.map((q) => histogram.quantile(q)),
    bins: [...keys].map((key, i) => [key, counts[i]]),
  };
}

describe('the store of a run', () => {
  const samples = samplesOf(SEED, 90, 40);

  for (const timeline of [true, false]) {
    it(`totals series like a list of all samples, ${timeline ? 'with' : 'without'} a timeline`, () => {
      const store = new MetricsStore({ timeline });
      pourSamples(samples, store.sink);
      for (const metric of METRICS) {
        for (const filter of FILTERS) {
          const where = `${metric} ${JSON.stringify(filter)}, seed ${SEED}`;
          expect(plain(store.total(metric, filter)), where).to.deep.equal(reference(matching(samples, metric, filter)));
        }
      }
    });
  }

  it('groups series by tag values, with a missing tag as an empty value', () => {
    const store = new MetricsStore({ timeline: true });
    pourSamples(samples, store.sink);
    const groups = store.groupBy('http_req_duration', ['status', 'group', 'nope'], { name: 'GET /endpoint/3' });
    expect(groups.map(({ tags }) => Object.values(tags).join('|'))).to.have.members([
      '200|::a|',
      '200||',
      '500|::a|',
      '500||',
    ]);
    for (const { tags, aggregate } of groups) {
      const same = matching(samples, 'http_req_duration', { ...tags, name: 'GET /endpoint/3' });
      expect(plain(aggregate)).to.deep.equal(reference(same));
      expect(plain(store.total('http_req_duration', { ...tags, name: 'GET /endpoint/3' }))).to.deep.equal(
        plain(aggregate),
      );
    }
  });

  it('totals a range over the intervals that begin in it', () => {
    const store = new MetricsStore({ timeline: true });
    pourSamples(samples, store.sink);
    const origin = store.timeline('vus')[0]?.startMs ?? 0;
    for (const [fromMs, toMs] of [
      [origin + 10_000, origin + 20_000],
      [origin + 10_001, origin + 20_001],
      [origin - 5000, origin + 1],
      [origin + 3000, origin + 3000],
    ] as const) {
      const inside = matching(samples, 'http_req_duration', {}).filter(({ timeMs }) => {
        const startMs = Math.floor(timeMs / 1000) * 1000;
        return startMs >= fromMs && startMs < toMs;
      });
      expect(plain(store.total('http_req_duration', {}, { fromMs, toMs }))).to.deep.equal(reference(inside));
    }
  });

  it('adds up several streams with their own ids like one stream', () => {
    const halves = [samples.filter((_, i) => i % 2 === 0), samples.filter((_, i) => i % 2 === 1)];
    const store = new MetricsStore({ timeline: true });
    for (const half of halves) pourSamples(half, store.sink);
    for (const metric of METRICS.filter((name) => name !== 'vus')) {
      expect(plain(store.total(metric)), metric).to.deep.equal(reference(matching(samples, metric, {})));
    }
    const keys = store.series.map(({ metric, tags }) => `${metric.name} ${JSON.stringify(tags)}`);
    expect(new Set(keys).size).to.equal(keys.length);
    expect(store.series.map(({ id }) => id)).to.deep.equal(keys.map((_, i) => i));
  });

  it('gives no figure without samples', () => {
    const store = new MetricsStore({ timeline: true });
    store.sink.metric(metricOf('declared_only', 'trend', 'time'));
    expect(store.metrics.get('declared_only')).to.deep.equal(metricOf('declared_only', 'trend', 'time'));
    expect(store.total('declared_only')).to.equal(undefined);
    expect(store.total('never_heard_of')).to.equal(undefined);
    expect(store.timeline('declared_only')).to.deep.equal([]);
    expect(store.groupBy('declared_only', ['name'])).to.deep.equal([]);
    expect(store.seen('declared_only')).to.equal(undefined);
    expect(store.recent('declared_only')).to.equal(undefined);
    expect([store.firstSampleMs, store.lastSampleMs]).to.deep.equal([undefined, undefined]);
    store.sink.window(windowOf(seriesOf(0, metricOf('vus', 'gauge')), START_MS, [3]));
    expect(store.timeline('declared_only').map(({ aggregate }) => aggregate)).to.deep.equal([undefined]);
    expect(store.total('vus')?.quantile(0.5)).to.equal(undefined);
  });

  it('uses the last value of a gauge by time, not by arrival', () => {
    const vus = seriesOf(0, metricOf('vus', 'gauge'));
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [2, 3, 0, 1],
    ]) {
      for (const timeline of [true, false]) {
        const store = new MetricsStore({ timeline });
        for (const second of order) store.sink.window(windowOf(vus, START_MS + second * 1000, [second + 5]));
        expect(store.total('vus')?.last, `${order}`).to.equal(8);
      }
    }
  });

  it('gives the times at which a counter or rate first and last increased', () => {
    const store = new MetricsStore({ timeline: true });
    pourSamples(samples, store.sink);
    const failures = matching(samples, 'http_req_failed', {}).filter(({ value }) => value === 1);
    const seconds = failures.map(({ timeMs }) => Math.floor(timeMs / 1000) * 1000);
    expect(store.seen('http_req_failed')).to.deep.equal({
      fromMs: Math.min(...seconds),
      toMs: Math.max(...seconds) + 1000,
    });
    expect(store.seen('http_req_failed', { status: '200' })).to.equal(undefined);
  });

  it('keeps the figures of the last minute for the live view', () => {
    const store = new MetricsStore({ timeline: false });
    for (const { metric } of samples) store.sink.metric(metric);
    for (const metric of METRICS) {
      for (const filter of FILTERS) expect(store.recent(metric, filter)).to.equal(undefined);
    }
    pourSamples(samples, store.sink);
    const newest = Math.max(...samples.map(({ timeMs }) => Math.floor(timeMs / 1000) * 1000));
    for (const seconds of [1, 5, 60]) {
      const inside = samples.filter(({ timeMs }) => Math.floor(timeMs / 1000) * 1000 > newest - seconds * 1000);
      for (const metric of METRICS) {
        for (const filter of FILTERS) {
          const where = `${metric} ${JSON.stringify(filter)} over ${seconds} s`;
          expect(plain(store.recent(metric, filter, seconds)), where).to.deep.equal(
            reference(matching(inside, metric, filter)),
          );
        }
      }
    }
    expect(() => store.timeline('vus')).to.throw('timeline: true');
    expect(() => store.total('vus', {}, { fromMs: 0, toMs: 1 })).to.throw('timeline: true');
  });

  it('gives new figures after each window, and does not change figures given before', () => {
    for (const timeline of [true, false]) {
      const store = new MetricsStore({ timeline });
      const series = seriesOf(0, metricOf('t', 'trend', 'time'));
      const answers: Array<{ aggregate: Aggregate | undefined; bins: Bins | undefined; expected: number }> = [];
      for (let i = 1; i <= 200; i++) {
        store.sink.window(
          windowOf(series, START_MS + Math.floor(i / 3) * 1000 - (i % 10 === 0 ? 9000 : 0), [i, 2 * i]),
        );
        const aggregate = store.total('t');
        answers.push({ aggregate, bins: undefined, expected: 2 * i });
      }
      for (const { aggregate, expected } of answers) {
        const counted = aggregate?.bins().counts.reduce((sum, count) => sum + count, 0);
        expect([aggregate?.count, counted]).to.deep.equal([expected, expected]);
      }
    }
  });

  it('does not grow with the samples of a live run @slow', async () => {
    const held = async (seconds: number, requestsPerSecond: number) => {
      const store = new MetricsStore({ timeline: false });
      store.recent('http_req_duration');
      await pourSoak({ seconds, requestsPerSecond, endpoints: 4, startMs: START_MS, seed: SEED }, store.sink, () => {});
      expect(store.total('http_reqs')?.sum).to.equal(seconds * requestsPerSecond);
      return store.bytesHeld;
    };
    const small = await held(100, 200);
    expect(await held(1000, 200)).to.be.below(small * 1.3);
    expect(await held(100, 4000)).to.be.below(small * 3);
  });

  it('rejects streams that disagree on the type of a metric', () => {
    const store = new MetricsStore({ timeline: true });
    store.sink.metric(metricOf('m', 'trend'));
    store.sink.metric(metricOf('m', 'trend', 'time'));
    expect(() => store.sink.metric(metricOf('m', 'rate'))).to.throw('found trend and rate');
  });

  it('accepts tags and metrics with any name', () => {
    const store = new MetricsStore({ timeline: true });
    const tags = Object.fromEntries([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    store.sink.window(windowOf(seriesOf(0, metricOf('__proto__', 'counter'), tags), START_MS, [2]));
    store.sink.window(windowOf(seriesOf(1, metricOf('__proto__', 'counter')), START_MS, [3]));
    expect(store.total('__proto__', tags)?.sum).to.equal(2);
    expect(store.total('__proto__', { constructor: '' })?.sum).to.equal(3);
    expect(store.total('__proto__')?.sum).to.equal(5);
    const groups = store.groupBy('__proto__', ['__proto__']).map((group) => Object.entries(group.tags));
    expect(groups).to.deep.equal([[['__proto__', 'x']], [['__proto__', '']]]);
  });

  it('never gives an infinite sum', () => {
    const store = new MetricsStore({ timeline: true });
    const series = seriesOf(0, metricOf('t', 'trend'));
    for (let i = 0; i < 5; i++) store.sink.window(windowOf(series, START_MS + i * 1000, [1.7e308]));
    expect(store.total('t')?.sum).to.equal(Number.MAX_VALUE);
    expect(store.total('t')?.mean).to.be.finite;
  });

  it('counts the samples that a filter may miss because series beyond the cap lost its tag', () => {
    const store = new MetricsStore({ timeline: true });
    const requests = metricOf('http_reqs', 'counter');
    const add = (tags: Record<string, string>, count: number) => {
      const series = { id: 0, metric: requests, tags };
      store.sink.window(windowOf(series, START_MS, new Array<number>(count).fill(1)));
    };
    add({ name: '/a', status: '200' }, 10);
    add({ name: '/a', overflow: 'true', status: '500' }, 3);
    add({ overflow: 'true', status: '200' }, 5);
    add({ overflow: 'true', status: '404' }, 7);
    store.sink.overflow({ metric: 'http_reqs', tag: 'name', values: 999, known: ['/a', '/b'] });
    const rows: Array<[filter: Record<string, string>, uncertain: number]> = [
      [{}, 0],
      [{ status: '200' }, 0],
      [{ name: '/a' }, 0],
      [{ name: '/b' }, 0],
      [{ name: '/c' }, 12],
      [{ name: '/c', status: '200' }, 5],
      [{ name: '/c', status: '503' }, 0],
      [{ error_code: '1050' }, 0],
    ];
    for (const [filter, uncertain] of rows) {
      expect(store.uncertain('http_reqs', filter), JSON.stringify(filter)).to.equal(uncertain);
    }
    expect(store.total('http_reqs', { name: '/a' })?.sum).to.equal(13);
  });

  it('adds up the faults of its streams', () => {
    const store = new MetricsStore({ timeline: true });
    const none = { badLines: 0, badValues: 0, lostLines: 0, complete: true, overflow: [] };
    store.sink.overflow({ metric: 'http_reqs', tag: 'url', values: 20_001 });
    expect(store.faults.complete).to.equal(false);
    store.end({ ...none, badLines: 2, firstBadLine: { line: 7, text: '{' } });
    expect(store.faults.complete).to.equal(true);
    store.end({
      ...none,
      lostLines: 3,
      complete: false,
      overflow: [{ metric: 'http_reqs', tag: 'url', values: 20_500 }],
    });
    expect(store.faults).to.deep.equal({
      badLines: 2,
      firstBadLine: { line: 7, text: '{' },
      badValues: 0,
      lostLines: 3,
      complete: false,
      overflow: [{ metric: 'http_reqs', tag: 'url', values: 20_500 }],
    });
  });
});

describe('tee', () => {
  it('gives every sink the whole stream', () => {
    const samples = samplesOf(SEED, 5, 10);
    const stores = [new MetricsStore({ timeline: true }), new MetricsStore({ timeline: false })];
    const sink = tee(...stores.map((store) => store.sink));
    pourSamples(samples, sink);
    sink.health({ startMs: START_MS, lengthMs: 1000, cpuCores: 0.5 });
    sink.overflow({ metric: 'http_reqs', tag: 'url', values: 3 });
    for (const store of stores) {
      expect(store.total('http_reqs')?.sum).to.equal(50);
      expect(store.series).to.have.length(stores[0]?.series.length ?? 0);
      expect(store.health).to.have.length(1);
      expect(store.faults.overflow).to.have.length(1);
    }
  });
});

describe('a key of the histogram', () => {
  it('is in the range that the store adds up', () => {
    for (const value of [0, Number.MIN_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE, -Number.MIN_VALUE, 1, -1]) {
      const store = new MetricsStore({ timeline: true });
      store.sink.window(windowOf(seriesOf(0, metricOf('t', 'trend')), START_MS, [value]));
      store.sink.window(windowOf(seriesOf(0, metricOf('t', 'trend')), START_MS + 1000, [value, value]));
      const { keys, counts } = store.total('t')?.bins() ?? { keys: [], counts: [] };
      expect([[...keys], [...counts]]).to.deep.equal([[keyOf(value)], [3]]);
    }
  });
});
