import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { keyOf } from '../../runner/metrics/buckets/histogram.ts';
import type { SeriesWindow } from '../../runner/model/metrics.ts';
import { histogramsK6, runK6 } from './histograms-k6.ts';
import { type KeptStream, readStream } from './histograms-sink.ts';

/** A script with every source of samples: scenarios, groups, checks, errors, custom metrics, odd tags, metadata. */
const SCRIPT = `
import http from 'k6/http';
import { check, group, sleep } from 'k6';
import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
const trend = new Trend('my_trend'), timing = new Trend('my_timing', true), counter = new Counter('my_counter');
const gauge = new Gauge('my_gauge'), rate = new Rate('my_rate');
export const options = {
  systemTags: ['proto', 'status', 'method', 'url', 'name', 'group', 'check', 'error', 'error_code', 'scenario', 'expected_response', 'vu', 'iter'],
  thresholds: { 'http_req_duration{name:one}': ['p(95)<500'], my_trend: ['avg<5'] },
  scenarios: {
    closed: { executor: 'constant-vus', vus: 3, duration: '2s', exec: 'closed' },
    open: { executor: 'constant-arrival-rate', rate: 40, duration: '2s', preAllocatedVUs: 5, exec: 'open', tags: { kind: 'say "hi" </script> \\u2028 漢' } },
  },
};
export function closed() {
  group('outer', () => group('inner', () => {
    const response = http.get(__ENV.TARGET + '/one', { tags: { name: 'one' } });
    check(response, { 'is 200': (r) => r.status === 200, 'is never': () => false });
  }));
  trend.add(__ITER - 2.5); timing.add(__ITER * 0.37); counter.add(0.1); gauge.add(__ITER); rate.add(__ITER % 3 === 0);
  sleep(0.02);
}
export function open() {
  http.get(__ENV.TARGET + '/two/' + (__ITER % 4));
  http.get('http://127.0.0.1:1/', { tags: { name: 'refused' } });
  trend.add(1 / 0);
}
`;

interface Point {
  readonly type: 'Metric' | 'Point';
  readonly metric: string;
  readonly data: {
    readonly type: string;
    readonly time: string;
    readonly value: number;
    readonly tags: Readonly<Record<string, string>>;
  };
}

interface Expected {
  readonly values: number[];
  readonly type: string;
}

/** The content of k6's JSON output, by metric, tags and second. */
function fromPoints(file: string): Map<string, Expected> {
  const types = new Map<string, string>();
  const result = new Map<string, Expected>();
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const { type, metric, data }: Point = JSON.parse(line);
    if (type === 'Metric') types.set(metric, data.type);
    if (type !== 'Point') continue;
    const startMs = Math.floor(Date.parse(data.time) / 1000) * 1000;
    const key = placeKey(metric, data.tags, startMs);
    const expected = result.get(key) ?? { values: [], type: types.get(metric) ?? '' };
    result.set(key, expected);
    expected.values.push(data.value);
  }
  return result;
}

function placeKey(metric: string, tags: Readonly<Record<string, string>>, startMs: number): string {
  return JSON.stringify([metric, Object.entries(tags).sort(), startMs]);
}

function byPlace(kept: KeptStream): Map<string, SeriesWindow[]> {
  const result = new Map<string, SeriesWindow[]>();
  for (const window of kept.windows) {
    const key = placeKey(window.series.metric.name, window.series.tags, window.startMs);
    result.set(key, [...(result.get(key) ?? []), window]);
  }
  return result;
}

function countByKey(keys: Iterable<readonly [key: number, count: number]>): Array<[number, number]> {
  const counts = new Map<number, number>();
  for (const [key, count] of keys) counts.set(key, (counts.get(key) ?? 0) + count);
  return [...counts].sort(([a], [b]) => a - b);
}

describe('the histograms stream of a real k6', function () {
  this.timeout(120_000);
  let k6: string;
  let folder: string;
  let server: Server;
  let target: string;

  before(async function () {
    this.timeout(600_000); // the first build
    k6 = await histogramsK6();
    folder = mkdtempSync(join(tmpdir(), 'novaperf-wire-'));
    writeFileSync(join(folder, 'script.js'), SCRIPT);
    server = createServer((request, response) => {
      response.writeHead(request.url === '/two/3' ? 404 : 200, { 'content-type': 'text/plain' }).end('hello');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    target = `http://127.0.0.1:${address.port}`;
  });

  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('equals the points of the same run, added up per series and second', async () => {
    const points = join(folder, 'points.json');
    const run = await runK6(k6, [
      '--out',
      'novaperf=-',
      '--out',
      `json=${points}`,
      '-e',
      `TARGET=${target}`,
      join(folder, 'script.js'),
    ]);
    expect(run.exitCode, run.stderr).to.equal(0);
    const { kept, faults } = readStream(run.stdout);
    const open = kept.windows.filter((w) => w.series.metric.name === 'iterations' && w.series.tags.scenario === 'open');
    expect(faults).to.deep.equal({
      badLines: 0,
      badValues: open.reduce((sum, { count }) => sum + count, 0), // an Infinity in each
      lostLines: 0,
      complete: true,
      overflow: [],
    });

    // k6's JSON output leaves infinities out too, with an error in its log.
    const expected = fromPoints(points);
    const got = byPlace(kept);
    expect([...got.keys()].sort()).to.deep.equal([...expected.keys()].sort());
    for (const [place, windows] of got) {
      const { values, type } = expected.get(place) ?? { values: [], type: '' };
      const sum = windows.reduce((total, window) => total + window.sum, 0);
      expect(windows[0]?.series.metric.type, place).to.equal(type);
      expect(
        windows.reduce((total, window) => total + window.count, 0),
        place,
      ).to.equal(values.length);
      if (type === 'rate') expect(sum, place).to.equal(values.filter((value) => value !== 0).length);
      else
        expect(sum, place).to.be.closeTo(
          values.reduce((a, b) => a + b, 0),
          1e-9 * Math.max(1, Math.abs(sum)),
        );
      if (type === 'trend' || type === 'gauge') {
        expect(Math.min(...windows.map(({ min }) => min)), place).to.equal(Math.min(...values));
        expect(Math.max(...windows.map(({ max }) => max)), place).to.equal(Math.max(...values));
      }
      if (type === 'trend') {
        const bins = windows.flatMap(({ bins: b }) =>
          [...(b?.keys ?? [])].map((key, i) => [key, b?.counts[i] ?? 0] as const),
        );
        expect(countByKey(bins), place).to.deep.equal(countByKey(values.map((value) => [keyOf(value), 1] as const)));
      }
    }
    const metrics = new Set(kept.metrics.map(({ name }) => name));
    for (const name of [
      'my_trend',
      'my_timing',
      'my_counter',
      'my_gauge',
      'my_rate',
      'group_duration',
      'checks',
      'vus',
    ]) {
      expect(metrics).to.include(name);
    }
    expect(kept.metrics.find(({ name }) => name === 'my_timing')?.contains).to.equal('time');
    expect(kept.declared.some(({ tags }) => tags.error_code === '1212')).to.equal(true);
    expect(kept.declared.some(({ tags }) => tags.kind === 'say "hi" </script> \u2028 漢')).to.equal(true);
  });

  it('includes the health of k6', async () => {
    const run = await runK6(k6, [
      '--out',
      'novaperf=-?window=500ms',
      '-e',
      `TARGET=${target}`,
      join(folder, 'script.js'),
    ]);
    const { kept } = readStream(run.stdout);
    expect(kept.healths.length).to.be.greaterThan(3);
    for (const health of kept.healths) {
      expect(health.lengthMs).to.equal(500);
      expect(health.cpuCores).to.be.within(0, 64);
      expect(health.coresAllowed).to.be.greaterThan(0);
      expect(health.residentBytes).to.be.within(1e7, 1e10);
      expect(health.goroutines).to.be.greaterThan(5);
      expect(health.schedP99Ms).to.be.at.least(health.schedP50Ms ?? 0);
    }
  });

  it('is marked incomplete when k6 is killed', async () => {
    const args = ['--out', 'novaperf=-', '-e', `TARGET=${target}`, join(folder, 'script.js')];
    const run = await runK6(k6, args, (child) => child.kill('SIGKILL'));
    const { faults } = readStream(run.stdout);
    expect(faults.complete).to.equal(false);
  });

  it('ends the load when its reader goes away, with a message and no stack trace', async () => {
    const args = ['--out', 'novaperf=-?window=100ms', '-e', `TARGET=${target}`, join(folder, 'script.js')];
    const run = await runK6(k6, args, (child) => child.stdout?.destroy());
    expect(run.exitCode).to.equal(105);
    expect(run.stderr).to.include('cannot write to stdout').and.not.include('goroutine ');
  });

  it('names the tag with too many values, and loses no request', async () => {
    writeFileSync(
      join(folder, 'explode.js'),
      `import http from 'k6/http';
       export const options = { vus: 2, iterations: 300 };
       export default function () { http.get(__ENV.TARGET + '/' + __VU + '-' + __ITER); }`,
    );
    const run = await runK6(k6, ['--out', 'novaperf=-?cap=100', '-e', `TARGET=${target}`, join(folder, 'explode.js')]);
    const { kept, faults } = readStream(run.stdout);
    expect(faults.overflow.map(({ metric }) => metric)).to.include.members(['http_reqs', 'http_req_duration']);
    for (const { tag, values } of faults.overflow) {
      expect(tag).to.be.oneOf(['name', 'url']);
      expect(values).to.be.closeTo(300, 15);
    }
    const requests = kept.windows.filter(({ series }) => series.metric.name === 'http_reqs');
    expect(requests.reduce((sum, { count }) => sum + count, 0)).to.equal(300);
    const ofStatus = requests.filter(({ series }) => series.tags.status === '200');
    expect(ofStatus.reduce((sum, { count }) => sum + count, 0)).to.equal(300);
    expect(kept.declared.length).to.be.lessThan(240);
  });

  it('can be written to a file without the tags that the options exclude', async () => {
    const file = join(folder, 'archive.ndjson');
    const out = `novaperf=${file}?drop=url,status`;
    const run = await runK6(k6, ['--out', out, '-e', `TARGET=${target}`, join(folder, 'script.js')]);
    expect(run.stdout.toString()).to.equal('');
    const { kept, faults } = readStream(readFileSync(file));
    expect(faults.complete).to.equal(true);
    expect(kept.declared.some(({ tags }) => tags.name === 'one')).to.equal(true);
    expect(kept.declared.filter(({ tags }) => 'url' in tags || 'status' in tags)).to.deep.equal([]);
  });

  const wrong: ReadonlyArray<[option: string, complaint: string]> = [
    ['window=abc', 'expected window to be a duration of whole milliseconds from 100ms to 1h0m0s'],
    ['cap=0', 'expected cap to be a whole number of series from 1 to 1000000'],
    ['colour=red', 'expected the options window, drop and cap'],
  ];
  for (const [option, complaint] of wrong) {
    it(`rejects ${option} before any load`, async () => {
      const run = await runK6(k6, ['--out', `novaperf=-?${option}`, join(folder, 'script.js')]);
      expect(run.exitCode).to.not.equal(0);
      expect(run.stderr).to.include(complaint);
    });
  }
});
