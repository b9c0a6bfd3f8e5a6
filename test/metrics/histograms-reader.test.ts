import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { keyOf } from '../../runner/metrics/buckets/histogram.ts';
import { LineBytes } from '../../runner/metrics/bytes/line-bytes.ts';
import { HistogramsReader } from '../../runner/metrics/histograms/histograms-reader.ts';
import { HistogramsWriter } from '../../runner/metrics/histograms/histograms-writer.ts';
import type { Metric, SeriesWindow } from '../../runner/model/metrics.ts';
import { UserError } from '../../runner/system/errors.ts';
import { anyCharacter } from '../any-character.ts';
import { propertyRuns } from '../property-runs.ts';
import { KeptStream, readStream } from './histograms-sink.ts';

const golden = readFileSync(new URL('../fixtures/histograms/ordinary.ndjson', import.meta.url));
const lines = golden.toString().trim().split('\n');
const clean = readStream(golden);

const ORIGIN_MS = 1_732_372_384_000;
const HEADER = `[0,"novaperf",{"v":1,"id":"i","k6":"v2.2.0","go":"go1","origin_ms":${ORIGIN_MS},"window_ms":1000}]`;
const METRIC = '[1,"metric",{"name":"t","type":"trend","contains":"time"}]';
const SERIES = '[2,"series",0,"t",{"name":"x"}]';
const DATA = '[3,0,0,1,1,1,1,"ySt-#"]';
const END = '[4,"end",{"totals":{"t":[1,1]}}]';

describe('HistogramsReader', () => {
  it('reads the same for any chunk borders, with \\n or \\r\\n, with or without the last newline', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(golden.length), { maxLength: 40 }),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        (borders, lineEnd, hasLast) => {
          const bytes = Buffer.from(lines.join(lineEnd) + (hasLast ? lineEnd : ''));
          const cuts = [0, ...borders.sort((a, b) => a - b), bytes.length];
          const chunks = cuts.slice(1).map((cut, i) => bytes.subarray(cuts[i], cut));
          expect(readStream(...chunks)).to.deep.equal(clean);
        },
      ),
      { numRuns: propertyRuns(100) },
    );
  });

  it('does not keep the chunks that it is given', () => {
    const kept = new KeptStream();
    const reader = new HistogramsReader(kept, (kind, payload) => kept.notes.push([kind, payload]));
    const chunk = Buffer.alloc(7);
    for (let at = 0; at < golden.length; at += chunk.length) {
      reader.push(chunk.subarray(0, golden.copy(chunk, 0, at)));
      chunk.fill(0);
    }
    expect({ kept, faults: reader.end() }).to.deep.equal(clean);
  });

  it('counts text between the lines, gives the place of the first, and continues', () => {
    const garbage = [
      'hello from a script',
      '[',
      '[1,2',
      '{"a":1}',
      'null',
      '[-1,0,0,1]',
      '""',
      '[3,"nobody"',
      '\u0000\uffff',
    ];
    const mixed = lines.flatMap((line, i) => [line, garbage[i % garbage.length] ?? '']).join('\n');
    const { kept, faults } = readStream(mixed);
    expect(kept).to.deep.equal(clean.kept);
    expect(faults).to.deep.equal({
      ...clean.faults,
      badLines: lines.length,
      firstBadLine: { line: 2, text: 'hello from a script' },
    });
  });

  it('never throws, for any bytes', () => {
    const jsonish = fc.array(
      fc.oneof(fc.nat(5), fc.constantFrom('end', 'series', 'metric', 'health', 'x'), fc.jsonValue()),
    );
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string({ unit: anyCharacter }),
            jsonish.map((value) => JSON.stringify(value)),
          ),
        ),
        (texts) => {
          const { faults } = readStream([HEADER, METRIC, SERIES, ...texts].join('\n'));
          expect(faults.badLines).to.be.at.least(0);
        },
      ),
      { numRuns: propertyRuns(100) },
    );
  });

  it('counts missing lines, and detects a cut stream', () => {
    for (const [from, to] of [
      [14, 15],
      [20, 27],
      [12, lines.length],
    ] as const) {
      const { faults } = readStream([...lines.slice(0, from), ...lines.slice(to)].join('\n'));
      expect(faults).to.deep.include({
        badLines: 0,
        lostLines: to === lines.length ? 0 : to - from,
        complete: to !== lines.length,
      });
    }
  });

  it('counts windows of a lost declaration as bad lines, and reads the other series', () => {
    const { kept, faults } = readStream(lines.filter((line) => !line.startsWith('[2,')).join('\n'));
    expect(kept.declared.map(({ id }) => id)).to.deep.equal(kept.declared.map((_, i) => i));
    expect(faults.lostLines).to.be.greaterThan(0);
    expect(faults.badLines).to.equal(lines.filter((line) => /^\[\d+,0,/.test(line)).length);
  });

  it('counts a repeated line once, and accepts a late one', () => {
    const swapped = [...lines.slice(0, 20), lines[21], lines[20], ...lines.slice(22)].join('\n');
    expect(readStream(swapped).faults.lostLines).to.equal(0);
    expect(readStream(swapped).kept.windows).to.have.deep.members(clean.kept.windows);
    const doubled = lines.flatMap((line) => [line, line]).join('\n');
    expect(readStream(doubled).kept).to.deep.equal(clean.kept);
    expect(readStream(doubled).faults).to.deep.include({ badLines: 0, repeatedLines: lines.length, complete: true });
  });

  it('reads data lines with spaces', () => {
    const spaced = lines.map((line) =>
      line.startsWith('[1') ? JSON.stringify(JSON.parse(line), null, 1).replace(/\n/g, '') : line,
    );
    expect(readStream(spaced.join('\n'))).to.deep.equal(clean);
  });

  const bad: ReadonlyArray<[title: string, line: string]> = [
    ['of an unknown series', '[3,9,0,1,1,1,1,"ySt-#"]'],
    ['with bins that do not add up to the count', '[3,0,0,2,2,1,1,"ySt-#"]'],
    ['with a broken bin', '[3,0,0,1,1,1,1,"Kht-\\\\"]'],
    ['without bins', '[3,0,0,1,1,1,1]'],
    ['with too many numbers', '[3,0,0,1,1,1,1,1,"ySt-#"]'],
    ['with far too many numbers', `[3,0,0,1,${'1,'.repeat(50)}1]`],
    ['with too few numbers', '[3,0,0,1,1,1,"ySt-#"]'],
    ['with a count of 0', '[3,0,0,0,0,0,0,""]'],
    ['with a broken count', '[3,0,0,1.5,1,1,1,"ySt-#"]'],
    ['with a window beyond all time', '[3,0,9007199254740991,1,1,1,1,"ySt-#"]'],
    ['with a minimum above the maximum', '[3,0,0,1,1,2,1,"ySt-#"]'],
    ['with an invalid number', '[3,0,0,1,1,1,1e999,"ySt-#"]'],
    ['with a number that is not JSON', '[3,0,0,1,.5,1,1.,"ySt-#"]'],
    ['with something after it', '[3,0,0,1,1,1,1,"ySt-#"] '.concat('x')],
    ['with an extra comma', '[3,0,0,1,1,1,1,"ySt-#",]'],
    ['with a second header', HEADER.replace('[0', '[3')],
    ['with a metric declared twice', METRIC.replace('[1', '[3')],
    ['with a series declared twice', SERIES.replace('[2', '[3')],
    ['with a metric of an unknown type', '[3,"metric",{"name":"u","type":"toString","contains":"time"}]'],
    ['with a series of an unknown metric', '[3,"series",1,"u",{}]'],
    ['with a tag that is not text', '[3,"series",1,"t",{"a":1}]'],
    ['with tags that are a list', '[3,"series",1,"t",["a"]]'],
    ['with a health figure that is not a number', '[3,"health",0,{"cpu_cores":"1"}]'],
    ['with an overflow of nothing', '[3,"overflow",{}]'],
    ['with an overflow with numbers as known values', '[3,"overflow",{"metric":"m","tag":"t","values":1,"known":[1]}]'],
    ['with a window length of 0', '[3,"window_ms",0]'],
  ];
  for (const [title, line] of bad) {
    it(`counts a line ${title} as bad and reads nothing from it`, () => {
      const { kept, faults } = readStream([HEADER, METRIC, SERIES, line, DATA, END].join('\n'));
      expect(faults).to.deep.include({ badLines: 1, lostLines: 0, complete: true });
      expect(faults.firstBadLine?.line).to.equal(4);
      expect(kept.windows).to.have.lengthOf(1);
      expect(kept.declared).to.have.lengthOf(1);
      expect(kept.healths).to.have.lengthOf(0);
    });
  }

  it('reads nothing before the header', () => {
    const { kept, faults } = readStream([METRIC, SERIES, DATA, END].join('\n'));
    expect(kept.metrics).to.have.lengthOf(0);
    expect(faults).to.deep.include({ badLines: 4, complete: false });
  });

  it('gives an error for a stream of another version', () => {
    expect(() => readStream(HEADER.replace('"v":1', '"v":2'))).to.throw(UserError, 'version 1, found version 2');
  });

  it('drops a line of 20 MB without keeping it', () => {
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const { kept, faults } = readStream(...Array.from({ length: 20 }, () => chunk), `\n${lines.join('\n')}`);
    expect(kept).to.deep.equal(clean.kept);
    expect(faults.badLines).to.equal(1);
    expect(faults.firstBadLine?.text).to.equal('x'.repeat(200));
  });

  it('shows at most 200 characters of a bad line', () => {
    const { faults } = readStream('漢'.repeat(5000));
    expect(faults.firstBadLine).to.deep.equal({ line: 1, text: '漢'.repeat(200) });
  });

  it('passes on notes of any kind, and continues', () => {
    const { kept, faults } = readStream(
      [HEADER, '[1,"run",{"a":[1]}]', '[2,"to come",null]', '[3,"end",{}]'].join('\n'),
    );
    expect(kept.notes.slice(1)).to.deep.equal([
      ['run', { a: [1] }],
      ['to come', null],
      ['end', {}],
    ]);
    expect(faults).to.deep.include({ badLines: 0, complete: true });
  });
});

describe('HistogramsWriter', () => {
  const metrics: readonly Metric[] = [
    { name: 'my_trend', type: 'trend', contains: 'time' },
    { name: 'my_counter', type: 'counter', contains: 'data' },
    { name: 'my_rate', type: 'rate', contains: 'default' },
    { name: 'my_gauge', type: 'gauge', contains: 'default' },
  ];
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0); // no -0: JSON has none

  const anyWindow = fc
    .record({
      metric: fc.constantFrom(...metrics),
      tags: fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), { noNullPrototype: true }),
      window: fc.integer({ min: -10, max: 40_000 }),
      values: fc.array(finite, { minLength: 1, maxLength: 20 }),
    })
    .map(({ metric, tags, window, values }): SeriesWindow => {
      const sorted = [...values].sort((a, b) => keyOf(a) - keyOf(b));
      const keys = [...new Set(sorted.map(keyOf))];
      const hasRange = metric.type === 'trend' || metric.type === 'gauge';
      return {
        series: { id: -1, metric, tags },
        startMs: ORIGIN_MS + window * 2000,
        lengthMs: 2000,
        count: values.length,
        sum: metric.type === 'rate' ? values.filter((value) => value !== 0).length : (values[0] ?? 0),
        min: hasRange ? Math.min(...values) : 0,
        max: hasRange ? Math.max(...values) : 0,
        last: metric.type === 'gauge' ? (values[0] ?? 0) : 0,
        ...(metric.type === 'trend'
          ? {
              bins: {
                keys: Int32Array.from(keys),
                counts: Float64Array.from(keys, (key) => values.filter((value) => keyOf(value) === key).length),
              },
            }
          : {}),
      };
    });

  it('writes any windows, health, overflow and notes so that they read back as they were', () => {
    fc.assert(
      fc.property(fc.array(anyWindow), fc.jsonValue(), (windows, payload) => {
        const text: string[] = [];
        const header = { id: 'i', k6: 'v2.2.0', originMs: ORIGIN_MS, windowMs: 1000 };
        const writer = new HistogramsWriter(new LineBytes((lines) => text.push(lines.take().toString())), header);
        const health = { startMs: ORIGIN_MS + 3000, lengthMs: 1000, cpuCores: 0.5, schedP99Ms: 2.5 };
        writer.health(health);
        writer.note('run', payload);
        writer.setWindowMs(2000);
        for (const window of windows) writer.window(window);
        writer.overflow({ metric: 'my_trend', tag: 'url', values: 5, known: ['/a'] });
        writer.end(3);
        const { kept, faults } = readStream(text.join(''));
        const withoutIds = (window: SeriesWindow) => ({ ...window, series: { ...window.series, id: -1 } });
        expect(kept.windows.map(withoutIds)).to.deep.equal(windows);
        expect(kept.declared.map(({ id }) => id)).to.deep.equal(windows.map((_, i) => i));
        expect(kept.healths).to.deep.equal([health]);
        expect(kept.notes[1]).to.deep.equal(['run', JSON.parse(JSON.stringify(payload))]);
        expect(faults).to.deep.equal({
          badLines: 0,
          badValues: 3,
          lostLines: 0,
          complete: true,
          overflow: [{ metric: 'my_trend', tag: 'url', values: 5, known: ['/a'] }],
        });
      }),
    );
  });

  it('rejects windows that do not match those of the stream, reserved notes, and lines after the end', () => {
    const writer = new HistogramsWriter(new LineBytes(), {
      id: 'i',
      k6: 'v2.2.0',
      originMs: ORIGIN_MS,
      windowMs: 1000,
    });
    const [metric] = metrics;
    if (metric === undefined) throw new Error('no metric');
    const window = { series: { id: 0, metric, tags: {} }, lengthMs: 1000, count: 1, sum: 1, min: 1, max: 1, last: 0 };
    expect(() => writer.window({ ...window, startMs: ORIGIN_MS + 1 })).to.throw('Expected windows of 1000 ms');
    expect(() => writer.window({ ...window, startMs: ORIGIN_MS, lengthMs: 2000 })).to.throw(
      'Expected windows of 1000 ms',
    );
    expect(() => writer.window({ ...window, startMs: ORIGIN_MS })).to.throw('Expected bins');
    expect(() => writer.note('end', {})).to.throw('"end"');
    writer.end();
    expect(() => writer.setWindowMs(5)).to.throw('after the end');
  });
});
