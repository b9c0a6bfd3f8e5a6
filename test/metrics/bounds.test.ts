// Any input is read within bounds, and everything left out is counted.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { ArchiveWriter } from '../../runner/metrics/archive/archive.ts';
import { readArchive } from '../../runner/metrics/archive/archive-reader.ts';
import { openInput } from '../../runner/metrics/bytes/input.ts';
import { HistogramsReader } from '../../runner/metrics/histograms/histograms-reader.ts';
import { SamplesReader } from '../../runner/metrics/samples/samples-reader.ts';
import { MetricsStore } from '../../runner/metrics/store/store.ts';
import { UserError } from '../../runner/system/errors.ts';
import { propertyRuns } from '../property-runs.ts';
import { pourSamples, START_MS, samplesOf } from './seeded-stream.ts';

const iso = (afterMs: number) => new Date(START_MS + afterMs).toISOString();
const point = (metric: string, time: string, value: number | string, tags: Record<string, string> = {}) =>
  `{"metric":${JSON.stringify(metric)},"type":"Point","data":{"time":"${time}","value":${value},"tags":${JSON.stringify(tags)}}}\n`;
const declared = (metric: string, type: string) =>
  `${JSON.stringify({ type: 'Metric', data: { name: metric, type, contains: 'default' }, metric })}\n`;
const header = (id: string, originMs = START_MS) =>
  `[0,"novaperf",{"v":1,"id":"${id}","k6":"v2.2.0","origin_ms":${originMs},"window_ms":1000}]\n`;
const COUNTER =
  '[1,"metric",{"name":"http_reqs","type":"counter","contains":"default"}]\n[2,"series",0,"http_reqs",{}]\n';

function readSamples(...lines: string[]) {
  const store = new MetricsStore({ timeline: true });
  const reader = new SamplesReader(store.sink);
  for (const line of lines) reader.push(Buffer.from(line));
  const faults = reader.end();
  store.end(faults);
  return { store, faults, span: reader.span };
}

function readHistograms(...lines: string[]) {
  const store = new MetricsStore({ timeline: true });
  const reader = new HistogramsReader(store.sink);
  for (const line of lines) reader.push(Buffer.from(line));
  const faults = reader.end();
  store.end(faults);
  return { store, faults };
}

describe('bounds of the input', () => {
  it('drops a samples line that is too long, counts it and does not keep it', () => {
    const store = new MetricsStore({ timeline: true });
    const reader = new SamplesReader(store.sink);
    const piece = Buffer.alloc(1 << 20, 'x');
    reader.push(Buffer.from(`${point('http_reqs', iso(0), 1)}{"metric":"`));
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 64; i++) reader.push(piece);
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(24 << 20);
    reader.push(Buffer.from(`"\n${point('http_reqs', iso(1000), 1)}`));
    const faults = reader.end();
    expect(faults).to.include({ badLines: 1, complete: true });
    expect(faults.firstBadLine?.text).to.have.length(200);
    expect(store.total('http_reqs')?.sum).to.equal(2);
  });

  const FAR: ReadonlyArray<readonly [title: string, timeMs: number]> = [
    ['of 1970', 0],
    ['a year ahead', START_MS + 365 * 86_400_000],
    ['in the year 9999', Date.parse('9999-01-01')],
  ];
  for (const [title, timeMs] of FAR) {
    for (const place of ['first', 'last'] as const) {
      it(`leaves out and counts a sample ${title} on the ${place} line`, () => {
        const lines = Array.from({ length: 200 }, (_, i) => point('http_req_duration', iso(i * 100), 20));
        const stray = point('http_req_duration', new Date(timeMs).toISOString(), 5);
        const { store, faults, span } = readSamples(...(place === 'first' ? [stray, ...lines] : [...lines, stray]));
        expect(faults.outsideClock).to.equal(1);
        expect(store.total('http_req_duration')?.count).to.equal(200);
        expect([store.firstSampleMs, store.lastSampleMs]).to.deep.equal([START_MS, START_MS + 20_000]);
        expect((span?.toMs ?? 0) - (span?.fromMs ?? 0)).to.be.below(21_000);
      });
    }

    it(`leaves out and counts a window ${title}`, () => {
      const window = Math.floor((timeMs - START_MS) / 1000);
      const lines = Array.from({ length: 20 }, (_, i) => `[${i + 4},0,${i},10,10]\n`);
      const { store, faults } = readHistograms(header('a'), COUNTER, `[3,0,${window},7,7]\n`, ...lines);
      expect(faults.outsideClock).to.equal(7);
      expect(store.total('http_reqs')?.sum).to.equal(200);
      expect((store.lastSampleMs ?? 0) - (store.firstSampleMs ?? 0)).to.equal(20_000);
    });
  }

  it('accepts a clock that was set, and a run of one second', () => {
    const set = [0, 1000, 2000, 90 * 86_400_000, 90 * 86_400_000 + 1000, 90 * 86_400_000 + 2000];
    const { store, faults } = readSamples(...set.map((at) => point('http_reqs', iso(at), 1)));
    expect([store.total('http_reqs')?.sum, faults.outsideClock]).to.deep.equal([6, undefined]);
    expect(readSamples(point('http_reqs', iso(0), 1)).store.total('http_reqs')?.sum).to.equal(1);
  });

  it('detects two runs in one samples file', () => {
    const run = (at: number) => declared('http_reqs', 'counter') + point('http_reqs', iso(at), 1);
    expect(readSamples(run(0)).faults.runs).to.equal(undefined);
    const { store, faults } = readSamples(run(0), run(3_600_000), run(7_200_000));
    expect([store.total('http_reqs')?.sum, faults.runs, faults.badLines]).to.deep.equal([3, 3, 0]);
  });

  it('detects two histograms streams in one file, and whether one lacks its end', () => {
    const stream = (id: string, at: number, end: string) => `${header(id, START_MS + at)}${COUNTER}[3,0,0,4,4]\n${end}`;
    const end = '[4,"end",{"totals":{"http_reqs":[4,4]}}]\n';
    const two = readHistograms(stream('a', 0, end), stream('b', 3_600_000, end));
    expect(two.store.total('http_reqs')?.sum).to.equal(8);
    expect(two.faults).to.include({ runs: 2, complete: true, badLines: 0, lostLines: 0 });
    expect(readHistograms(stream('a', 0, ''), stream('b', 9000, end)).faults).to.include({ runs: 2, complete: false });
    expect(readHistograms(stream('a', 0, end), stream('a', 0, end)).faults.runs).to.equal(undefined);
  });

  it('loses no line after a forged sequence number', () => {
    const lines = Array.from({ length: 10 }, (_, i) => `[${i + 3},0,${i},1,1]\n`);
    lines.splice(5, 0, '[9007199254740990,0,4,1,1]\n');
    const { store, faults } = readHistograms(header('a'), COUNTER, ...lines);
    expect([store.total('http_reqs')?.sum, faults.lostLines, faults.badLines]).to.deep.equal([11, 0, 0]);
  });

  it('follows a sequence that continues far ahead, and counts the gap', () => {
    const lines = [0, 1, 2].map((i) => `[${5_000_000 + i},0,${i},1,1]\n`);
    const { store, faults } = readHistograms(header('a'), COUNTER, ...lines);
    expect(store.total('http_reqs')?.sum).to.equal(3);
    expect(faults.lostLines).to.be.within(4_999_990, 5_000_001);
  });

  it('accepts the largest numbers without losing the time of the run', () => {
    const { store, span } = readSamples(
      declared('http_req_duration', 'trend'),
      ...[1.7e308, -1.7e308, 1.7e308, 5].map((value, i) => point('http_req_duration', iso(i * 1000), value)),
    );
    expect(span).to.deep.equal({ fromMs: START_MS, toMs: START_MS + 3000 });
    expect(store.total('http_req_duration')).to.include({ count: 4, min: -1.7e308, max: 1.7e308 });
    expect(store.total('http_req_duration')?.sum).to.satisfy(Number.isFinite);
  });

  it('reads __proto__ as a metric like any other', () => {
    const { store } = readSamples(declared('__proto__', 'counter'), point('__proto__', iso(0), 2, { __proto__: 'x' }));
    expect([...store.metrics.keys()]).to.deep.equal(['__proto__']);
    expect(store.total('__proto__')?.sum).to.equal(2);
  });

  describe('of files', () => {
    let folder = '';
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'novaperf-bounds-'));
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    async function opened(content: Buffer) {
      const path = join(folder, 'stream');
      await writeFile(path, content);
      const input = await openInput(path);
      const chunks: Buffer[] = [];
      for await (const chunk of input.chunks) chunks.push(chunk);
      return { text: Buffer.concat(chunks).toString(), fault: input.fault };
    }

    const lines = Array.from({ length: 3000 }, (_, i) => point('http_reqs', iso(i * 10), i % 7)).join('');

    it('reads most of a small gzip with a flipped byte, and reports the damage', async () => {
      const packed = gzipSync(lines);
      const damaged = Buffer.from(packed);
      damaged[packed.length >> 1] = (damaged[packed.length >> 1] ?? 0) ^ 0xff;
      const { text, fault } = await opened(damaged);
      expect(fault).to.include('damaged');
      expect(text.length).to.be.above(lines.length / 4);
    });

    it('reports a gzip that ends early separately', async () => {
      const packed = gzipSync(lines);
      expect((await opened(packed.subarray(0, packed.length - 100))).fault).to.include('end early');
      expect((await opened(packed)).fault).to.equal(undefined);
    });

    it('reads UTF-16 as PowerShell writes it, also gzipped', async () => {
      const wide = Buffer.from(`\ufeff${lines}`, 'utf16le');
      expect((await opened(wide)).text === lines).to.equal(true);
      expect((await opened(gzipSync(wide))).text === lines).to.equal(true);
      expect((await opened(Buffer.from(wide).swap16())).text === lines).to.equal(true);
      const unmarked = Buffer.from(lines, 'utf16le');
      expect((await opened(unmarked)).text === lines).to.equal(true);
      expect((await opened(Buffer.from(unmarked).swap16())).text === lines).to.equal(true);
    });

    for (const [name, begin, command] of [
      ['Zstandard', [0x28, 0xb5, 0x2f, 0xfd, 0, 0], 'zstd -dc'],
      ['zip', [0x50, 0x4b, 3, 4, 20, 0], 'unzip -p'],
      ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], 'xz -dc'],
      ['bzip2', [0x42, 0x5a, 0x68, 0x39, 0x31, 0x41], 'bzip2 -dc'],
    ] as const) {
      it(`recognises ${name} and gives the command to read it`, async () => {
        const failure = await opened(Buffer.from(begin)).catch((error: unknown) => error);
        expect(failure).to.be.instanceOf(UserError);
        expect(failure).to.have.property('message').that.includes(name);
        expect(failure instanceof UserError && failure.toText()).to.include(command);
      });
    }

    it('reads any archive with changed, lost or added bytes, or gives an error', async () => {
      const path = join(folder, 'archive.ndjson.gz');
      const archive = new ArchiveWriter(path, { facts: { run: 'x' }, isLive: false });
      pourSamples(samplesOf(7, 10, 5), archive);
      archive.outcome({ code: 0 });
      await archive.close();
      const chunks: Buffer[] = [];
      for await (const chunk of (await openInput(path)).chunks) chunks.push(chunk);
      const text = Buffer.concat(chunks);
      const mutation = fc.record({
        at: fc.nat(text.length - 1),
        cut: fc.nat(3),
        bytes: fc.uint8Array({ maxLength: 3 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 8 }), async (mutations) => {
          let bytes: Buffer = text;
          for (const { at, cut, bytes: added } of mutations) {
            bytes = Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + cut)]);
          }
          await writeFile(path, bytes);
          const read = await readArchive(path).catch((error: unknown) => error);
          if (read instanceof UserError) return;
          if (read instanceof Error) throw read;
          if (typeof read !== 'object' || read === null || !('metrics' in read)) throw new Error('no archive');
        }),
        { numRuns: propertyRuns(100) },
      );
    });
  });
});
