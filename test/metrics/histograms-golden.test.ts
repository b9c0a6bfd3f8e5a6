import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { keyOf } from '../../runner/metrics/buckets/histogram.ts';
import { LineBytes } from '../../runner/metrics/bytes/line-bytes.ts';
import { HistogramsWriter } from '../../runner/metrics/histograms/histograms-writer.ts';
import type { SeriesWindow } from '../../runner/model/metrics.ts';
import { type KeptStream, readStream } from './histograms-sink.ts';

const folder = new URL('../fixtures/histograms/', import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.samples.ndjson'))
  .map((name) => name.replace('.samples.ndjson', ''));

/** One line of a .samples.ndjson file: the options in the first, samples in the others, and steps that only Go needs. */
interface GoldenStep {
  readonly origin_ms: number;
  readonly window_ms: number;
  readonly drop: readonly string[];
  readonly metric?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly at_us: number;
  readonly value: string;
  readonly times?: number;
}

interface Sums {
  count: number;
  sum: number;
  nonZero: number;
  min: number;
  max: number;
  last: number;
  lastAtUs: number;
  readonly bins: Map<number, number>;
}

/** The samples that Go encoded, added up naively by metric, tags and window, without the series beyond a cap. */
function naiveSums(name: string): { sums: Map<string, Sums>; badValues: number } {
  const [options, ...steps] = readFileSync(new URL(`${name}.samples.ndjson`, folder), 'utf8')
    .trim()
    .split('\n')
    .map((line): GoldenStep => JSON.parse(line));
  if (options === undefined) throw new Error(`${name}: no options`);
  const sums = new Map<string, Sums>();
  let badValues = 0;
  for (const step of steps) {
    if (step.metric === undefined) continue;
    const value = Number(step.value);
    const times = step.times ?? 1;
    if (!Number.isFinite(value)) {
      badValues += times;
      continue;
    }
    const startMs = options.origin_ms + Math.floor(step.at_us / 1000 / options.window_ms) * options.window_ms;
    const tags = Object.entries(step.tags).filter(([tag]) => !options.drop.includes(tag));
    const key = JSON.stringify([step.metric, tags.sort(), startMs]);
    const before = sums.get(key) ?? {
      count: 0,
      sum: 0,
      nonZero: 0,
      min: Infinity,
      max: -Infinity,
      last: 0,
      lastAtUs: -Infinity,
      bins: new Map<number, number>(),
    };
    sums.set(key, before);
    before.count += times;
    before.sum += value * times;
    before.nonZero += value === 0 ? 0 : times;
    before.min = Math.min(before.min, value);
    before.max = Math.max(before.max, value);
    if (step.at_us >= before.lastAtUs) {
      before.last = value;
      before.lastAtUs = step.at_us;
    }
    before.bins.set(keyOf(value), (before.bins.get(keyOf(value)) ?? 0) + times);
  }
  return { sums, badValues };
}

function keyOfWindow({ series, startMs }: SeriesWindow): string {
  return JSON.stringify([series.metric.name, Object.entries(series.tags).sort(), startMs]);
}

/** Windows of the same series and time added up. */
function addedUp(kept: KeptStream): Map<string, { window: SeriesWindow; sums: Sums }> {
  const result = new Map<string, { window: SeriesWindow; sums: Sums }>();
  for (const window of kept.windows) {
    const key = keyOfWindow(window);
    const sums = result.get(key)?.sums ?? {
      count: 0,
      sum: 0,
      nonZero: 0,
      min: Infinity,
      max: -Infinity,
      last: 0,
      lastAtUs: 0,
      bins: new Map<number, number>(),
    };
    result.set(key, { window, sums });
    sums.count += window.count;
    sums.sum += window.sum;
    sums.min = Math.min(sums.min, window.min);
    sums.max = Math.max(sums.max, window.max);
    sums.last = window.last;
    window.bins?.keys.forEach((binKey, i) => {
      sums.bins.set(binKey, (sums.bins.get(binKey) ?? 0) + (window.bins?.counts[i] ?? 0));
    });
  }
  return result;
}

describe('the golden lines of the histograms stream', () => {
  for (const name of names) {
    const bytes = readFileSync(new URL(`${name}.ndjson`, folder));

    it(`${name}: is read completely and without a fault`, () => {
      const { kept, faults } = readStream(bytes);
      const { badValues } = naiveSums(name);
      expect(faults).to.deep.include({ badLines: 0, lostLines: 0, complete: true, badValues });
      expect(kept.declared.map(({ id }) => id)).to.deep.equal(kept.declared.map((_, i) => i));
    });

    it(`${name}: is written back byte for byte`, () => {
      const { kept, faults } = readStream(bytes);
      expect(rewritten(bytes.toString(), kept, faults.badValues)).to.equal(bytes.toString());
    });

    if (name === 'overflow') continue;
    it(`${name}: equals the sum of the samples`, () => {
      const { kept } = readStream(bytes);
      const { sums } = naiveSums(name);
      const got = addedUp(kept);
      expect([...got.keys()].sort()).to.deep.equal([...sums.keys()].sort());
      for (const [key, { window, sums: read }] of got) {
        const naive = sums.get(key);
        if (naive === undefined) throw new Error(key);
        const { type } = window.series.metric;
        expect(read.count, key).to.equal(naive.count);
        if (type === 'rate') expect(read.sum, key).to.equal(naive.nonZero);
        else
          expect(Math.abs(read.sum - bounded(naive.sum)), key).to.be.at.most(1e-9 * Math.max(1, Math.abs(naive.sum)));
        if (type === 'gauge' || type === 'trend')
          expect([read.min, read.max], key).to.deep.equal([naive.min, naive.max]);
        if (type === 'gauge') expect(read.last, key).to.equal(naive.last);
        if (type === 'trend') expect([...read.bins].sort(), key).to.deep.equal([...naive.bins].sort());
      }
    });
  }

  it('overflow: series beyond the cap lose only the tag with too many values, and it is named', () => {
    const { kept, faults } = readStream(readFileSync(new URL('overflow.ndjson', folder)));
    const overflowing = kept.declared.filter(({ tags }) => tags.overflow === 'true' && tags.name === undefined);
    expect(overflowing.map(({ metric, tags }) => [metric.name, tags.status])).to.have.deep.members([
      ['http_reqs', '200'],
      ['http_reqs', '404'],
      ['http_req_duration', '200'],
      ['http_req_duration', '404'],
    ]);
    expect(faults.overflow[0]).to.deep.equal({
      metric: 'http_reqs',
      tag: 'name',
      values: 30,
      known: [0, 1, 2, 3, 4, 5, 6, 7].map((i) => `GET /product/${i}`),
    });
    const requests = kept.windows.filter(({ series }) => series.metric.name === 'http_reqs');
    expect(requests.reduce((sum, window) => sum + window.count, 0)).to.equal(30);
  });
});

function bounded(sum: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, sum));
}

/** Everything kept, written in the order of the original lines. */
function rewritten(original: string, kept: KeptStream, badValues: number): string {
  const text: string[] = [];
  const lines = original.trim().split('\n');
  const header = JSON.parse(lines[0] ?? '')[2];
  const writer = new HistogramsWriter(new LineBytes((lines) => text.push(lines.take().toString())), {
    id: header.id,
    k6: header.k6,
    go: header.go,
    originMs: header.origin_ms,
    windowMs: header.window_ms,
    seriesCap: header.series_cap,
    dropTags: header.drop_tags,
  });
  const metrics = kept.metrics.values();
  const declared = kept.declared.values();
  const windows = kept.windows.values();
  const healths = kept.healths.values();
  const overflows = kept.overflows.values();
  for (const line of lines.slice(1)) {
    switch (JSON.parse(line)[1]) {
      case 'metric':
        for (const metric of take(metrics)) writer.metric(metric);
        break;
      case 'series':
        for (const series of take(declared)) writer.series(series);
        break;
      case 'health':
        for (const health of take(healths)) writer.health(health);
        break;
      case 'overflow':
        for (const overflow of take(overflows)) writer.overflow(overflow);
        break;
      case 'span':
      case 'load':
        writer.note(JSON.parse(line)[1], JSON.parse(line)[2]);
        break;
      case 'end':
        writer.end(badValues);
        break;
      default:
        for (const window of take(windows)) writer.window(window);
    }
  }
  return text.join('');
}

function take<T>(items: Iterator<T>): T[] {
  const next = items.next();
  return next.done === true ? [] : [next.value];
}
