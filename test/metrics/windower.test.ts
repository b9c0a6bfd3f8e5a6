import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { SamplesReader } from '../../runner/metrics/samples/samples-reader.ts';
import { Windower, type WindowerOptions } from '../../runner/metrics/samples/windower.ts';
import { CollectedStream } from './collected-stream.ts';

const START = Date.parse('2026-11-23T14:39:57Z');

function windowing(type: 'counter' | 'gauge' | 'rate' | 'trend', options?: WindowerOptions) {
  const stream = new CollectedStream();
  const windower = new Windower(stream, options);
  const metric = windower.declare({ name: type, type, contains: 'default' });
  const add = (afterMs: number, value: number, tags = {}, nanos = 0) =>
    windower.add(windower.seriesOf(metric, windower.tagSetOf(tags)), START + afterMs, nanos, value);
  const seconds = () => stream.windows.map(({ startMs, count }) => [(startMs - START) / 1000, count]);
  return { stream, windower, add, seconds };
}

describe('windower', () => {
  const FIGURES: ReadonlyArray<readonly [type: 'counter' | 'gauge' | 'rate' | 'trend', sum: number, hasBins: boolean]> =
    [
      ['counter', 3.5, false],
      ['gauge', 3.5, false],
      ['rate', 2, false],
      ['trend', 3.5, true],
    ];
  for (const [type, sum, hasBins] of FIGURES) {
    it(`gives count, sum, min, max and last of a ${type}`, () => {
      const { stream, windower, add } = windowing(type);
      for (const value of [0, 5, -1.5]) add(0, value);
      windower.flush();
      const [window] = stream.windows;
      expect(window).to.include({ startMs: START, lengthMs: 1000, count: 3, sum, min: -1.5, max: 5, last: -1.5 });
      expect(window?.bins !== undefined).to.equal(hasBins);
    });
  }

  it('sorts samples into windows by their own time and sends one when the newest sample is 3 s past it', () => {
    const { windower, add, seconds } = windowing('counter');
    add(0, 1);
    add(1500, 1);
    add(900, 1);
    add(3999, 1);
    expect(seconds()).to.deep.equal([]);
    add(4000, 1);
    expect(seconds()).to.deep.equal([[0, 2]]);
    windower.flush();
    expect(seconds()).to.deep.equal([
      [0, 2],
      [1, 1],
      [3, 1],
      [4, 1],
    ]);
  });

  it('sends another window of the same time for a late sample', () => {
    const { windower, add, seconds } = windowing('counter');
    for (const afterMs of [0, 5000, 10, 5001]) add(afterMs, 1);
    windower.flush();
    expect(seconds()).to.deep.equal([
      [0, 1],
      [0, 1],
      [5, 2],
    ]);
  });

  it('keeps the last value of a gauge by time, to the nanosecond, not by order', () => {
    const { stream, windower, add } = windowing('gauge');
    add(500, 1, {}, 10);
    add(700, 2, {}, 20);
    add(700, 3, {}, 19);
    add(100, 4);
    windower.flush();
    expect(stream.windows[0]?.last).to.equal(2);
  });

  it('can use windows of another length, also before 1970', () => {
    const { stream, windower, add } = windowing('counter', { windowMs: 250 });
    add(260, 1);
    add(-START - 1, 1);
    windower.flush();
    expect(stream.windows.map(({ startMs, lengthMs }) => [startMs, lengthMs])).to.deep.equal([
      [-250, 250],
      [START + 250, 250],
    ]);
  });

  it('still sends windows after one sample with a time far ahead', () => {
    const { windower, add, seconds } = windowing('counter');
    add(3_600_000, 1);
    for (let second = 0; second < 20; second++) add(second * 1000, 1);
    expect(seconds().length).to.be.within(10, 19);
    windower.flush();
    expect(seconds()).to.have.length(21);
  });

  it('treats the same tags in another order as one series', () => {
    const { stream, add } = windowing('trend');
    add(0, 1, { b: '1', a: '2' });
    add(0, 1, { a: '2', b: '1' });
    expect(stream.seriesSeen.map(({ tags }) => tags)).to.deep.equal([{ a: '2', b: '1' }]);
  });

  it('drops the given tags', () => {
    const { stream, add } = windowing('trend', { dropTags: ['url'] });
    for (let i = 0; i < 10; i++) add(0, 1, { name: 'list', url: `/${i}` });
    expect(stream.seriesSeen.map(({ tags }) => tags)).to.deep.equal([{ name: 'list' }]);
  });

  it('keeps, beyond the cap, tags with few values, and the first values of tags with many', () => {
    const { stream, windower, add } = windowing('trend', { seriesCap: 10 });
    for (let i = 0; i < 100; i++) add(i, i, { name: `/item/${i}`, status: String(i % 2) });
    add(101, 1, { name: '/item/0', status: '503' });
    windower.flush();
    expect(stream.seriesSeen.slice(10).map(({ tags }) => tags)).to.deep.equal([
      { overflow: 'true', status: '0' },
      { overflow: 'true', status: '1' },
      { name: '/item/0', overflow: 'true', status: '503' },
    ]);
    expect(stream.countOf('trend')).to.equal(101);
    const known = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => `/item/${i}`);
    expect(windower.overflows()).to.deep.equal([{ metric: 'trend', tag: 'name', values: 11, known }]);
    expect(stream.overflows).to.deep.equal([{ metric: 'trend', tag: 'name', values: 9, known }]);
  });

  it('drops tags one by one if their combinations are too many', () => {
    const { stream, windower, add } = windowing('counter', { seriesCap: 1 });
    for (let i = 0; i < 4096; i++) {
      const at = (power: number) => String(Math.floor(i / 8 ** power) % 8);
      add(i, 1, { a: at(0), b: at(1), c: at(2), d: at(3) });
    }
    windower.flush();
    expect(stream.seriesSeen.length).to.be.at.most(1 + 64 + 4);
    expect(stream.countOf('counter')).to.equal(4096);
    for (const { known } of windower.overflows()) expect(known).to.deep.equal([]);
  });

  /** Bytes of the heap in use after a collection. */
  function heapInUse(): number {
    setFlagsFromString('--expose-gc');
    runInNewContext('gc')();
    return process.memoryUsage().heapUsed;
  }

  it('stays within the cap and its memory, and counts all samples, when 60,000 names occur @slow', () => {
    const stream = new CollectedStream();
    const reader = new SamplesReader(stream, { seriesCap: 1000 });
    const names = 60_000;
    const line = (metric: string, name: number) =>
      `{"metric":"${metric}","type":"Point","data":{"time":"2026-11-23T14:39:57.1Z","value":1,"tags":{"name":"/item/${name}","method":"GET"}}}\n`;
    let heapAtHalf = 0;
    for (let i = 0; i < names; i += 1000) {
      const some = Array.from({ length: 1000 }, (_, k) => line('http_reqs', i + k) + line('http_req_duration', i + k));
      reader.push(Buffer.from(some.join('')));
      if (i === names / 2) heapAtHalf = heapInUse();
    }
    expect(heapInUse() - heapAtHalf).to.be.below(5_000_000);
    const faults = reader.end();
    expect(stream.seriesSeen).to.have.length(1000 + 2);
    const known = Array.from({ length: 15 }, (_, i) => `/item/${i}`).sort();
    expect([stream.countOf('http_reqs'), stream.countOf('http_req_duration')]).to.deep.equal([names, names]);
    expect(faults.overflow).to.deep.equal([
      { metric: 'http_reqs', tag: 'name', values: 1001, known },
      { metric: 'http_req_duration', tag: 'name', values: 1001, known },
    ]);
    expect(stream.overflows.slice(-2)).to.deep.equal(faults.overflow);
  });
});
