import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { SamplesReader } from '../../runner/metrics/samples/samples-reader.ts';
import type { WindowerOptions } from '../../runner/metrics/samples/windower.ts';
import type { StreamFaults } from '../../runner/model/metrics.ts';
import { anyCharacter } from '../any-character.ts';
import { propertyRuns } from '../property-runs.ts';
import { type Cell, CollectedStream, readNaively } from './collected-stream.ts';

const SEED = 20261123;
/** Recorded from k6 v2.2.0 with k6-v2.2.0.js next to it, TZ=Europe/Berlin. */
const RECORDED = readFileSync(new URL('../fixtures/samples/k6-v2.2.0.json', import.meta.url));

function read(chunks: readonly Uint8Array[], options?: WindowerOptions) {
  const stream = new CollectedStream();
  const reader = new SamplesReader(stream, options);
  for (const chunk of chunks) reader.push(chunk);
  const faults: StreamFaults = reader.end();
  return { stream, reader, faults };
}

const readText = (text: string) => read([Buffer.from(text)]);

function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const borders = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return borders.slice(1).map((end, i) => bytes.subarray(borders[i], end));
}

/** A minimum may be 0 or -0, and sums of extreme values depend on the order of additions; all else is equal. */
const comparable = (cell: Cell | undefined) => cell && { ...cell, sum: 0, min: cell.min + 0, max: cell.max + 0 };

function expectSameCells(got: ReadonlyMap<string, Cell>, wanted: ReadonlyMap<string, Cell>): void {
  expect([...got.keys()].sort()).to.deep.equal([...wanted.keys()].sort());
  for (const [name, cell] of wanted) {
    const other = got.get(name);
    // chai is ten times slower for equal cells, but reports differences better.
    if (!isDeepStrictEqual(comparable(other), comparable(cell)))
      expect(comparable(other), name).to.deep.equal(comparable(cell));
    const scale = Math.max(Math.abs(cell.min), Math.abs(cell.max)) * cell.count;
    if (scale < 1e300) expect(other?.sum, name).to.be.closeTo(cell.sum, scale * cell.count * Number.EPSILON);
  }
}

/** The same bytes, cut in several ways. */
function expectLikeNaive(bytes: Buffer, cuts: ReadonlyArray<readonly number[]>): void {
  const naive = readNaively(bytes);
  const [first] = naive.bad;
  for (const places of cuts) {
    const { stream, reader, faults } = read(cutAt(bytes, places));
    expectSameCells(stream.cells, naive.cells);
    expect(reader.samples).to.equal(naive.samples);
    expect(faults.badValues).to.equal(naive.badValues);
    expect(faults.badLines).to.equal(naive.bad.length);
    expect(faults.firstBadLine).to.deep.equal(first && { line: first[0], text: first[1] });
  }
}

const HOSTILE_TEXTS = [
  '',
  '"',
  '\\',
  '}',
  '}}',
  '}}}\n',
  '{"a":"b"}',
  '"value":1,',
  '"}}}\n{"metric":"m","type":"Point","data":{"time":"',
  '"},"metadata":{"a":"b"',
  ',"tags":{',
  '</script>&<',
  '\u2028\u2029\u0000\u007f\ufeff',
  'ünï 🛒',
  '\ud800',
  '__proto__',
];
const text = fc.oneof(
  fc.constantFrom('GET /products', '200', 'default', ...HOSTILE_TEXTS),
  fc.string({ unit: anyCharacter, maxLength: 12 }),
);
const metricName = fc.oneof(
  fc.constantFrom('http_req_duration', 'orders', 'stock', 'cached'),
  fc.constantFrom('a"b', 'ü', 'x'),
);
const tagName = fc.oneof(fc.constantFrom('name', 'status', 'url', '__proto__', '1', '0'), text);
const tags = fc
  .array(fc.tuple(tagName, text), { maxLength: 4 })
  .map((pairs) => `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`);

/** As Go's encoding/json writes a float64. */
function goNumber(value: number): string {
  const magnitude = Math.abs(value);
  if (Object.is(value, -0)) return '-0';
  if (magnitude !== 0 && (magnitude < 1e-6 || magnitude >= 1e21)) return value.toExponential();
  return value === 0 ? '0' : plainDigits(value);
}

function plainDigits(value: number): string {
  const shortest = String(value);
  return shortest.includes('e') ? value.toFixed(20).replace(/0+$/, '') : shortest;
}

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(goNumber),
  fc.double({ min: 0, max: 1e5, noNaN: true }).map((value) => goNumber(Math.round(value * 1e6) / 1e6)),
  fc.integer().map(goNumber),
  fc.constantFrom(
    '0',
    '-0',
    '1',
    '9007199254740993',
    '123456789012345',
    '1234567890123456',
    '0.000001',
    '1e+21',
    '5e-324',
  ),
  fc.constantFrom(
    '1.7976931348623157e+308',
    '1e999',
    'null',
    '"1"',
    '01',
    '1.',
    '.5',
    '-',
    '+1',
    '1e',
    '0x1',
    'NaN',
    '--1',
  ),
);
const time = fc
  .tuple(
    fc.integer({ min: 0, max: 20 }),
    fc.oneof(
      fc.constantFrom('', '.5', '.999999999', '.0000000001'),
      fc.integer({ min: 0, max: 999_999_999 }).map((n) => `.${n}`),
    ),
    fc.constantFrom('Z', 'Z', '+02:00', '-03:30', '+0200', ''),
  )
  .map(([second, fraction, zone]) => `2026-11-23T23:59:${String(40 + second).padStart(2, '0')}${fraction}${zone}`);

const usual = fc
  .tuple(metricName, time, number, tags)
  .map(
    ([m, t, v, g]) => `{"metric":${JSON.stringify(m)},"type":"Point","data":{"time":"${t}","value":${v},"tags":${g}}}`,
  );
const withMetadata = fc.tuple(usual, tags).map(([line, metadata]) => `${line.slice(0, -2)},"metadata":${metadata}}}`);
const oldOrder = fc
  .tuple(metricName, time, number, tags)
  .map(
    ([m, t, v, g]) => `{"type":"Point","data":{"time":"${t}","value":${v},"tags":${g}},"metric":${JSON.stringify(m)}}`,
  );
const declaration = fc
  .tuple(metricName, fc.constantFrom('counter', 'gauge', 'rate', 'trend', 'histogram'))
  .map(
    ([m, type]) =>
      `{"type":"Metric","data":{"name":${JSON.stringify(m)},"type":"${type}","contains":"time","thresholds":[],"submetrics":null},"metric":${JSON.stringify(m)}}`,
  );
const foreign = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '{}',
    '[]',
    '1',
    'null',
    '{"type":"Point"}',
    '{"metric":"x","type":"Point","data":{"time":"',
  ),
  fc.json(),
  text.map((noise) => noise.replaceAll('\n', ' ')),
);
/** As k6 writes them, several lines of one request share time and tags; the reader has a fast path for that. */
const metadata = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  tags.map((pairs) => `,"metadata":${pairs}`),
);
const request = fc
  .tuple(time, tags, metadata, fc.array(fc.tuple(metricName, number), { minLength: 1, maxLength: 9 }))
  .map(([t, g, metadata, samples]) =>
    samples.map(
      ([m, v]) =>
        `{"metric":${JSON.stringify(m)},"type":"Point","data":{"time":"${t}","value":${v},"tags":${g}${metadata}}}`,
    ),
  );
const lines = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: request },
      { weight: 2, arbitrary: fc.oneof(usual, withMetadata, oldOrder, declaration).map((line) => [line]) },
      { weight: 1, arbitrary: foreign.map((line) => [line]) },
    ),
    { maxLength: 12 },
  )
  .map((groups) => groups.flat());
const places = fc.array(fc.nat(), { maxLength: 20 });
/** Each generated stream is cut in several ways; the reference reads its bytes once. */
const CUTS = 4;
const cutsOfOne = fc.array(places, { minLength: CUTS, maxLength: CUTS });

describe('thresholds in a stream', () => {
  it('of two runs, one after the other, are those of both', () => {
    const declared = (thresholds: string[]) =>
      JSON.stringify({ type: 'Metric', data: { name: 't', type: 'trend', contains: 'time', thresholds }, metric: 't' });
    const { reader } = readText([['max<5'], [], ['max<9', 'max<5']].map(declared).join('\n'));
    expect([...reader.thresholds]).to.deep.equal([['t', ['max<5', 'max<9']]]);
  });
});

describe('points', () => {
  it('reads what k6 v2.2.0 recorded exactly as JSON.parse does', () => {
    const { stream, faults, reader } = read([RECORDED]);
    const naive = readNaively(RECORDED);
    expectSameCells(stream.cells, naive.cells);
    expect(faults).to.deep.equal({ badLines: 0, badValues: 0, lostLines: 0, complete: true, overflow: [] });
    expect(reader.lines).to.equal(RECORDED.toString().split('\n').length - 1);
    expect(reader.lastSampleMs).to.equal(Date.parse('2026-11-23T16:07:08.130+01:00'));
  });

  it('keeps the tags that k6 had to escape', () => {
    const { stream } = read([RECORDED]);
    const odd = stream.seriesSeen.find(({ tags }) => tags.odd !== undefined);
    expect(odd?.tags.odd).to.equal('x"value":1}},"tags":{"a":"b"}}}\n\\');
    expect(odd?.tags.group).to.equal('::a "group" of </script> & \u2028 ünï 🛒');
  });

  it('has type and unit of every metric that k6 declared', () => {
    const { stream } = read([RECORDED]);
    const known = Object.fromEntries(stream.metrics.map(({ name, type, contains }) => [name, `${type} ${contains}`]));
    expect(known).to.include({
      http_reqs: 'counter default',
      http_req_duration: 'trend time',
      data_sent: 'counter data',
      stock: 'gauge default',
      cached: 'rate default',
      price: 'trend default',
      wait: 'trend time',
    });
  });

  it('gives the same figures wherever the recorded bytes are cut, down to single ones', () => {
    const whole = read([RECORDED]).stream.cells;
    for (const size of [1, 7, 64, 1000, 4096]) {
      const places = Array.from({ length: Math.floor(RECORDED.length / size) }, (_, i) => i * size);
      expect(read(cutAt(RECORDED, places)).stream.cells, `${size} bytes`).to.deep.equal(whole);
    }
  });

  it('accepts a chunk that is overwritten afterwards', () => {
    const stream = new CollectedStream();
    const reader = new SamplesReader(stream);
    const chunk = Buffer.alloc(1000);
    for (let at = 0; at < RECORDED.length; at += chunk.length)
      reader.push(chunk.subarray(0, RECORDED.copy(chunk, 0, at)));
    reader.end();
    expect(stream.cells).to.deep.equal(read([RECORDED]).stream.cells);
  });

  it('equals JSON.parse on generated lines, hostile ones too, split anywhere', () => {
    fc.assert(
      fc.property(lines, fc.constantFrom('\n', '\r\n'), cutsOfOne, (all, ending, cuts) => {
        expectLikeNaive(Buffer.from(all.map((line) => line + ending).join('')), cuts);
      }),
      { seed: SEED, numRuns: propertyRuns(300) },
    );
  });

  it('equals JSON.parse on lines with a changed, lost or added byte', () => {
    const mutation = fc.tuple(
      fc.nat(),
      fc.constantFrom('change', 'lose', 'add'),
      fc.oneof(fc.constantFrom(...Buffer.from('"{}:,\\ 0.e-\r\n')), fc.nat(255)),
    );
    fc.assert(
      fc.property(
        request,
        request,
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        places,
        (a, b, mutations, cuts) => {
          const bytes = [...Buffer.from([...a, ...b, ...a].map((line) => `${line}\n`).join(''))];
          for (const [place, kind, byte] of mutations)
            bytes.splice(place % (bytes.length - 1), kind === 'add' ? 0 : 1, ...(kind === 'lose' ? [] : [byte]));
          expectLikeNaive(Buffer.from(bytes), [cuts]);
        },
      ),
      { seed: SEED, numRuns: propertyRuns(600) },
    );
  });

  const point = (metric: string, value: string, tags = '{}', time = '2026-11-23T14:39:57.4Z') =>
    `{"metric":"${metric}","type":"Point","data":{"time":"${time}","value":${value},"tags":${tags}}}`;

  const declared = (type: string) =>
    `{"type":"Metric","data":{"name":"a","type":"${type}","contains":"default"},"metric":"a"}\n`;

  const TOLERATED: ReadonlyArray<readonly [what: string, text: string]> = [
    ['CRLF', `${point('a', '1')}\r\n${point('a', '2')}\r\n`],
    ['no final newline', `${point('a', '1')}\n${point('a', '2')}`],
    ['a byte order mark', `\ufeff${point('a', '1')}\n${point('a', '2')}\n`],
    ['blank lines', `\n\r\n${point('a', '1')}\n  \n${point('a', '2')}\n\n`],
    [
      'spaces between the parts',
      `${point('a', '1').replaceAll(':', ' : ').replace('57 : ', '57:').replace('14 : 39 : ', '14:39:')}\n${point('a', '2')}\n`,
    ],
    [
      'lines of 1 MB',
      `${point('a', '1', `{"big":"${'x'.repeat(1 << 20)}"}`)}\n${point('a', '2', `{"big":"${'y'.repeat(1 << 20)}"}`)}\n`,
    ],
    [
      'the field order of older versions',
      '{"type":"Point","data":{"time":"2021-02-24T13:37:10Z","value":1,"tags":{"t":"v"},"metadata":{"m":"f"}},"metric":"a"}\n{"type":"Point","data":{"time":"2021-02-24T13:37:10Z","value":2,"tags":null},"metric":"a"}\n',
    ],
  ];
  for (const [what, text] of TOLERATED) {
    it(`accepts ${what} without a fault`, () => {
      const bytes = Buffer.from(text);
      const { stream, faults, reader } = read(cutAt(bytes, [3, 100_000, 500_000, bytes.length - 1]));
      expect(faults).to.deep.equal({ badLines: 0, badValues: 0, lostLines: 0, complete: true, overflow: [] });
      expect(reader.samples).to.equal(2);
      expect(stream.windows.reduce((sum, window) => sum + window.sum, 0)).to.equal(3);
    });
  }

  const NUMBERS = [
    '0',
    '-0',
    '1',
    '0.238636',
    '-0.000001234',
    '123456789012345',
    '0.30000000000000004',
    '9007199254740993',
    '99999999.9999999',
    '1e-7',
    '1e+21',
    '5e-324',
    '1.7976931348623157e+308',
    '2.2250738585072011e-308',
    '0.1000000000000000055511151231257827',
  ];
  for (const text of NUMBERS) {
    it(`reads ${text.length > 20 ? `${text.slice(0, 20)}…` : text} bit for bit as Number() does`, () => {
      const { stream } = readText(`${point('a', text)}\n${point('a', text)}\n`);
      const [window] = stream.windows;
      expect([window?.min, window?.max]).to.deep.equal([Number(text), Number(text)]);
    });
  }

  it("counts a line that is not k6's, with its number and first 200 characters, and continues", () => {
    const noise = `panic: ${'x'.repeat(500)}`;
    const { faults, reader } = readText(`${point('a', '1')}\n${noise}\n{"level":"info"}\n${point('a', '2')}\n`);
    expect(reader.samples).to.equal(2);
    expect(faults.badLines).to.equal(2);
    expect(faults.firstBadLine).to.deep.equal({ line: 2, text: noise.slice(0, 200) });
    expect(faults.complete).to.equal(true);
  });

  it('rejects a time of NUL bytes', () => {
    const { faults } = readText(`${declared('rate')}${point('a', '1', '{}', `${'\0'.repeat(19)}Z`)}\n`);
    expect(faults.badLines).to.equal(1);
  });

  it('counts values that are not finite numbers', () => {
    const { faults, reader } = readText(
      ['1e999', 'null', '"7"', '3'].map((value) => `${point('a', value)}\n`).join(''),
    );
    expect([reader.samples, faults.badValues, faults.badLines]).to.deep.equal([1, 3, 0]);
  });

  it('reports a stream that was cut within its last line', () => {
    const { faults, reader } = read([RECORDED.subarray(0, RECORDED.length - 30)]);
    expect([faults.complete, faults.badLines]).to.deep.equal([false, 0]);
    expect(reader.samples).to.equal(readNaively(RECORDED).samples - 1);
  });

  it('gives the time of the first and last iteration, without setup() and teardown()', () => {
    const reader = new SamplesReader(new CollectedStream());
    const line = (metric: string, at: string, value: number, tags: Record<string, string>) =>
      `${JSON.stringify({ metric, type: 'Point', data: { time: `2026-11-23T14:39:${at}Z`, value, tags } })}\n`;
    expect(reader.load).to.equal(undefined);
    reader.push(
      Buffer.from(
        line('http_req_duration', '50.5', 500, { group: '::setup' }) +
          line('vus', '51', 0, {}) +
          line('http_req_duration', '55.5', 250, { group: '', scenario: 'default' }) +
          line('iteration_duration', '56', 900, { group: '' }) +
          line('http_req_duration', '59', 10, { group: '::teardown' }),
      ),
    );
    const ms = (text: string) => Date.parse(`2026-11-23T14:39:${text}Z`);
    expect(reader.load).to.deep.equal({ fromMs: ms('55.1'), toMs: ms('56') });
    expect(reader.span).to.deep.equal({ fromMs: ms('50'), toMs: ms('59') });
  });

  it('reads an empty stream without a fault', () => {
    const { faults, reader, stream } = read([]);
    expect(faults).to.deep.equal({ badLines: 0, badValues: 0, lostLines: 0, complete: true, overflow: [] });
    expect([reader.samples, reader.lines, reader.lastSampleMs, stream.metrics]).to.deep.equal([0, 0, undefined, []]);
  });

  const UNDECLARED: ReadonlyArray<readonly [name: string, type: string, contains: string]> = [
    ['http_reqs', 'counter', 'default'],
    ['http_req_duration', 'trend', 'time'],
    ['http_req_failed', 'rate', 'default'],
    ['data_sent', 'counter', 'data'],
    ['vus', 'gauge', 'default'],
    ['my_own', 'trend', 'default'],
    ['constructor', 'trend', 'default'],
  ];
  for (const [name, type, contains] of UNDECLARED) {
    it(`reads ${name} as a ${type} if its declaration was cut off`, () => {
      const { stream, faults } = readText(`${point(name, '1')}\n`);
      expect(stream.metrics).to.deep.equal([{ name, type, contains }]);
      expect(faults.badLines).to.equal(0);
    });
  }

  it('reads two runs in one file', () => {
    const { stream, faults } = readText(declared('rate') + declared('rate'));
    expect([stream.metrics.length, faults.badLines]).to.deep.equal([1, 0]);
  });

  it('counts a declaration that contradicts an earlier one as a bad line', () => {
    const { stream, faults } = readText(declared('rate') + declared('gauge'));
    expect(stream.metrics.map(({ type }) => type)).to.deep.equal(['rate']);
    expect(faults.firstBadLine?.line).to.equal(2);
  });

  it('puts a sample of the last nanosecond of a second into that second', () => {
    const { stream } = readText(`${point('a', '1', '{}', '2026-11-23T14:39:57.999999999Z')}\n`);
    expect(stream.windows[0]?.startMs).to.equal(Date.parse('2026-11-23T14:39:57Z'));
  });
});
