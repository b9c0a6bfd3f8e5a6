import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { ArchiveWriter } from '../../runner/metrics/archive/archive.ts';
import { ArchiveContent } from '../../runner/metrics/archive/archive-content.ts';
import { readArchive } from '../../runner/metrics/archive/archive-reader.ts';
import { tee } from '../../runner/metrics/sinks/tee.ts';
import { MetricsStore } from '../../runner/metrics/store/store.ts';
import type { Aggregate, RunMetrics, TagFilter } from '../../runner/model/metrics.ts';
import { UserError } from '../../runner/system/errors.ts';
import { type Bundled, bundled } from '../bundled.ts';
import { metricOf, pourSamples, START_MS, samplesOf, seriesOf } from './seeded-stream.ts';
import { pourSoak } from './soak-stream.ts';

const SEED = 20261123;
const FACTS = { run: 'Browse_20261123T120000Z', plan: { name: 'browse', odd: '</script>\u2028"' } };
const WINDOW = { startMs: START_MS, lengthMs: 1000, count: 2, sum: 2, min: 1, max: 1, last: 1 };
const FILTERS: readonly TagFilter[] = [{}, { name: 'GET /endpoint/1' }, { status: '500' }, { group: '' }];

function plain(aggregate: Aggregate | undefined) {
  if (aggregate === undefined) return undefined;
  const { type, count, sum, min, max, last, mean } = aggregate;
  const { keys, counts } = aggregate.bins();
  const quantiles = [0, 0.5, 0.95, 0.99, 0.999, 1].map((q) => aggregate.quantile(q));
  return { type, count, sum, min, max, last, mean, quantiles, bins: [...keys].map((key, i) => [key, counts[i]]) };
}

/** Everything that a report reads from a run. */
function figuresOf(metrics: RunMetrics) {
  const names = [...metrics.metrics.keys()].sort();
  return {
    intervalMs: metrics.intervalMs,
    metrics: names.map((name) => metrics.metrics.get(name)),
    series: metrics.series.map(({ metric, tags }) => `${metric.name} ${JSON.stringify(tags)}`).sort(),
    answers: names.flatMap((name) =>
      FILTERS.map((filter) => ({
        name,
        filter,
        total: plain(metrics.total(name, filter)),
        seen: metrics.seen(name, filter),
        groups: metrics
          .groupBy(name, ['name', 'status'], filter)
          .map(({ tags, aggregate }) => [tags, plain(aggregate)]),
        timeline: metrics
          .timeline(name, filter)
          .map(({ startMs, lengthMs, aggregate }) => [startMs, lengthMs, plain(aggregate)]),
      })),
    ),
  };
}

describe('the archive of a run', () => {
  let folder = '';
  let path = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'novaperf-archive-'));
    path = join(folder, 'archive.ndjson.gz');
  });
  let writer: Bundled | undefined;
  afterEach(async () => {
    await Promise.all([rm(folder, { recursive: true, force: true }), writer?.remove()]);
    writer = undefined;
  });

  for (const [title, seconds, plannedDurationMs, intervalMs] of [
    ['a short run of known length', 60, 60_000, 1000],
    ['a short run of unknown length', 60, undefined, 1000],
    ['a run with a long planned duration', 300, 3_600_000, 5000],
    ['a run that got long', 1500, undefined, 2000],
    ['a run that took longer than planned', 2500, 60_000, 10_000],
  ] as const) {
    it(`gives all figures of the live stream for ${title}${seconds > 1000 ? ' @slow' : ''}`, async () => {
      const live = new MetricsStore({ timeline: true, originMs: START_MS });
      const archive = new ArchiveWriter(path, {
        facts: FACTS,
        ...(plannedDurationMs && { plannedDurationMs }),
        originMs: START_MS,
        content: new ArchiveContent(),
      });
      const sink = tee(live.sink, archive);
      sink.metric(metricOf('never_sampled', 'trend', 'time'));
      // A live store keeps the stream's windows while they fit; a longer window makes it use the archive's interval.
      const marker = {
        ...WINDOW,
        startMs: START_MS,
        lengthMs: intervalMs,
        series: seriesOf(0, metricOf('marker', 'counter')),
      };
      if (seconds < 1000) sink.window(marker);
      pourSamples(samplesOf(SEED, seconds, seconds > 1000 ? 3 : 20), sink);
      archive.outcome({ code: 0 });
      await archive.close();
      expect(archive.problem).to.equal(undefined);
      expect(await readdir(folder)).to.deep.equal(['archive.ndjson.gz']);
      const read = await readArchive(path);
      expect(read.metrics.intervalMs).to.equal(intervalMs);
      expect(figuresOf(read.metrics)).to.deep.equal(figuresOf(live));
      const written = archive.read();
      expect(figuresOf(written.metrics)).to.deep.equal(figuresOf(read.metrics));
      expect({ ...written, metrics: null }).to.deep.equal({ ...read, metrics: null });
      expect([read.run, read.outcome, read.truncated]).to.deep.equal([FACTS, { code: 0 }, false]);
      expect(read.faults).to.deep.equal({ badLines: 0, badValues: 0, lostLines: 0, complete: true, overflow: [] });
    });
  }

  it('keeps health and overflow, and adds up several streams', async () => {
    const archive = new ArchiveWriter(path, {
      facts: FACTS,
      plannedDurationMs: 7_200_000,
      originMs: START_MS,
      content: new ArchiveContent(),
    });
    for (let second = 0; second < 30; second++) {
      archive.health({ startMs: START_MS + second * 1000, lengthMs: 1000, cpuCores: second % 2, schedP99Ms: second });
    }
    for (const id of [0, 1])
      archive.window({ ...WINDOW, series: seriesOf(id, metricOf('http_reqs', 'counter'), { a: 'b' }) });
    archive.overflow({ metric: 'http_reqs', tag: 'url', values: 20_001 });
    archive.overflow({ metric: 'http_reqs', tag: 'url', values: 20_005 });
    await archive.close();
    const { metrics, faults } = await readArchive(path);
    expect(metrics.health).to.deep.equal(
      [0, 10, 20].map((second) => ({
        startMs: START_MS + second * 1000,
        lengthMs: 10_000,
        cpuCores: 0.5,
        schedP99Ms: second + 9,
      })),
    );
    expect(metrics.series).to.have.length(1);
    expect(metrics.total('http_reqs')?.sum).to.equal(4);
    expect(faults.overflow).to.deep.equal([{ metric: 'http_reqs', tag: 'url', values: 20_005 }]);
    const written = archive.read();
    expect([written.metrics.health, written.faults]).to.deep.equal([metrics.health, faults]);
  });

  it('keeps start and end of the run to the millisecond, for any length of intervals', async () => {
    const archive = new ArchiveWriter(path, { facts: FACTS, plannedDurationMs: 8 * 3_600_000 });
    pourSamples(samplesOf(SEED, 20, 10), archive);
    archive.span({ fromMs: START_MS + 0.25, toMs: START_MS + 19_123.5 });
    archive.load({ fromMs: START_MS + 3000, toMs: START_MS + 18_000 });
    await archive.close();
    const { metrics } = await readArchive(path);
    expect(metrics.intervalMs).to.equal(60_000);
    expect([metrics.firstSampleMs, metrics.lastSampleMs]).to.deep.equal([START_MS + 0.25, START_MS + 19_123.5]);
    expect(metrics.load).to.deep.equal({ fromMs: START_MS + 3000, toMs: START_MS + 18_000 });
  });

  it('accepts windows that do not match its intervals', async () => {
    // The archive begins with health at an odd second; the stream's windows of 2 s begin at even ones.
    const archive = new ArchiveWriter(path, { facts: FACTS });
    archive.health({ startMs: START_MS, lengthMs: 1000, cpuCores: 1 });
    const series = seriesOf(0, metricOf('http_reqs', 'counter'));
    for (let i = 0; i < 10; i++)
      archive.window({ ...WINDOW, series, startMs: START_MS + 1000 + i * 2000, lengthMs: 2000 });
    await archive.close();
    const { metrics, faults } = await readArchive(path);
    expect([metrics.total('http_reqs')?.sum, metrics.intervalMs, faults.complete]).to.deep.equal([20, 2000, true]);
  });

  it('has the run of a stream without samples', async () => {
    const archive = new ArchiveWriter(path, { facts: FACTS });
    archive.outcome({ code: 107 });
    await archive.close();
    const { metrics, run, outcome, truncated } = await readArchive(path);
    expect([run, outcome, truncated]).to.deep.equal([FACTS, { code: 107 }, false]);
    expect([metrics.firstSampleMs, metrics.series.length, metrics.timeline('vus').length]).to.deep.equal([
      undefined,
      0,
      0,
    ]);
  });

  it('can be read if it is cut anywhere', async () => {
    const archive = new ArchiveWriter(path, { facts: FACTS });
    pourSamples(samplesOf(SEED, 40, 20), archive);
    await archive.close();
    const whole = await readFile(path);
    let most = 0;
    for (const share of [0.98, 0.9, 0.5, 0.2]) {
      await writeFile(path, whole.subarray(0, Math.floor(whole.length * share)));
      const { metrics, run, truncated, outcome } = await readArchive(path);
      expect([run, truncated, outcome]).to.deep.equal([FACTS, true, undefined]);
      const count = metrics.total('http_reqs')?.count ?? 0;
      expect(count).to.be.within(1, 799);
      if (share > 0.9) most = count;
      expect(count).to.be.at.most(most);
    }
    await truncate(path, 0);
    const failure = await readArchive(path).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(UserError);
  });

  it('can be read with garbage in it', async () => {
    const archive = new ArchiveWriter(path, { facts: FACTS });
    pourSamples(samplesOf(SEED, 20, 10), archive);
    await archive.close();
    const lines = gunzipSync(await readFile(path))
      .toString('utf8')
      .split('\n');
    lines.splice(10, 0, 'garbage', '{"not":"ours"}', '[1,2', '\u0000\ufffd');
    const lost = lines.splice(60, 2);
    await writeFile(path, gzipSync(lines.join('\n')));
    const { metrics, faults, truncated } = await readArchive(path);
    expect(faults).to.include({ badLines: 4, lostLines: lost.length, complete: true });
    expect(truncated).to.equal(false);
    expect(metrics.faults).to.deep.equal(faults);
    expect(metrics.total('http_reqs')?.count).to.be.above(100);
  });

  for (const [title, content] of [
    ['text', 'hello'],
    ['gzipped k6 output', gzipSync('{"type":"Metric","data":{},"metric":"http_reqs"}\n')],
    ['nothing', ''],
  ] as const) {
    it(`gives an error if there is ${title} instead`, async () => {
      await writeFile(path, content);
      const failure = await readArchive(path).catch((error: unknown) => error);
      expect(failure)
        .to.be.instanceOf(UserError)
        .with.property('message')
        .that.includes('header of a histograms stream');
    });
  }

  /** A process that writes five windows of 7 requests each into the archive, and then runs `after`. */
  async function writerProcess(after: string, options = ''): Promise<string> {
    const script = join(folder, 'writer.mts');
    const archiveUrl = new URL('../../runner/metrics/archive/archive.ts', import.meta.url).pathname;
    await writeFile(
      script,
      `import { ArchiveWriter } from '${archiveUrl}';
       const archive = new ArchiveWriter(${JSON.stringify(path)}, { facts: ${JSON.stringify(FACTS)}, ${options} });
       const series = { id: 0, metric: { name: 'http_reqs', type: 'counter', contains: 'default' }, tags: {} };
       const pour = (second: number, count: number) =>
         archive.window({ series, startMs: ${START_MS} + second * 1000, lengthMs: 1000, count, sum: count, min: 1, max: 1, last: 1 });
       for (let second = 0; second < 5; second++) pour(second, 7);
       ${after}`,
    );
    writer = await bundled(script);
    await rm(script);
    return writer.path;
  }

  it('can be read after its process was killed @slow', async () => {
    const script = await writerProcess('setInterval(() => undefined, 1000);');
    const child = spawn(process.execPath, [script], { stdio: 'inherit' });
    const bytesWritten = async () => (await stat(`${path}.part`).catch(() => undefined))?.size ?? 0;
    while ((await bytesWritten()) < 50 && child.exitCode === null) await sleep(50);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await readdir(folder))
      .to.include('archive.ndjson.gz.part')
      .and.not.include('archive.ndjson.gz');
    const { metrics, run, truncated, outcome } = await readArchive(path);
    expect([run, truncated, outcome]).to.deep.equal([FACTS, true, undefined]);
    expect(metrics.total('http_reqs')?.sum).to.equal(35);
  });

  for (const plannedDurationMs of [undefined, 3_600_000, 8 * 3_600_000]) {
    it(`keeps what was saved before its process was killed, with ${plannedDurationMs ?? 'no'} ms planned`, async () => {
      const archive = new ArchiveWriter(path, {
        facts: FACTS,
        originMs: START_MS,
        ...(plannedDurationMs !== undefined && { plannedDurationMs }),
      });
      const live = new MetricsStore({ timeline: true, originMs: START_MS });
      const samples = samplesOf(SEED, 200, 20);
      for (const [from, to] of [
        [0, 1],
        [1, 30],
        [30, 130],
        [130, 131],
      ] as const) {
        const isBetween = ({ timeMs }: { timeMs: number }) =>
          timeMs >= START_MS + from * 1000 && timeMs < START_MS + to * 1000;
        pourSamples(samples.filter(isBetween), tee(live.sink, archive));
        archive.sample({ at: to });
        await archive.save();
        const dead = await readArchive(path);
        expect(dead).to.deep.include({ run: FACTS, outcome: undefined, truncated: true });
        expect(dead.samples).to.deep.include({ at: to });
        expect(dead.faults).to.include({ badLines: 0, lostLines: 0 });
        for (const { name } of live.metrics.values()) {
          for (const filter of FILTERS) {
            expect(plain(dead.metrics.total(name, filter))).to.deep.equal(plain(live.total(name, filter)));
          }
        }
      }
      await archive.close();
      expect(await readdir(folder)).to.deep.equal(['archive.ndjson.gz']);
    });
  }

  it('counts nothing twice and loses nothing that was saved, at whatever time its process is killed @slow', async () => {
    const script = await writerProcess(
      `
       const trend = { id: 1, metric: { name: 'my_trend', type: 'trend', contains: 'time' }, tags: {} };
       const bins = { keys: Int32Array.of(5), counts: Float64Array.of(1) };
       let second = 5;
       setInterval(() => {
         pour(second++, 1);
         archive.window({ series: trend, startMs: ${START_MS} + second * 1000, lengthMs: 1000, count: 1, sum: 1, min: 1, max: 1, last: 1, bins });
         const count = 30 + second;
         void archive.save().then(() => process.stdout.write(count + '\\n'));
       }, 5);`,
      'plannedDurationMs: 3_600_000',
    );
    for (let kill = 0; kill < 4; kill++) {
      const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
      await once(child.stdout, 'data');
      await sleep(100 + kill * 137);
      child.kill('SIGKILL');
      await once(child, 'close');
      // What was saved before the last but one message is on the disk.
      const saved = Number(said.trim().split('\n').at(-2) ?? 0);
      const { metrics } = await readArchive(path);
      const found = metrics.total('http_reqs')?.sum ?? 0;
      expect(found).to.be.at.least(saved);
      expect(found - 35).to.be.within(
        (metrics.total('my_trend')?.count ?? 0) - 1,
        (metrics.total('my_trend')?.count ?? 0) + 1,
      );
      for (const file of await readdir(folder)) if (file.startsWith('archive')) await rm(join(folder, file));
    }
  });

  it('keeps what could be written before a quota was reached, and the run goes on @slow', async function () {
    if (process.platform === 'win32') this.skip();
    const script = await writerProcess(`
       for (let second = 5; archive.problem === undefined && second < 1e6; second++) {
         pour(second, Math.floor(Math.random() * 1e15));
         if (second % 1000 === 0) { await archive.drained(); await new Promise((done) => setTimeout(done, 5)); }
       }
       await archive.close();
       console.log(archive.problem);`);
    const limited = ['-c', 'ulimit -f 64; exec "$0" "$@"', process.execPath, script];
    const child = spawn('sh', limited, { stdio: ['ignore', 'pipe', 'inherit'] });
    const said = Buffer.concat(await child.stdout.toArray()).toString();
    expect(said).to.match(/^archive\.ndjson\.gz is incomplete, .*(EFBIG|ENOSPC)/);
    const { metrics, run, truncated } = await readArchive(path);
    expect([run, truncated]).to.deep.equal([FACTS, true]);
    expect(metrics.total('http_reqs')?.sum).to.be.above(35);
  });

  it('does not stop a run if the disk is full, and reports it once', async function () {
    if (process.platform !== 'linux') this.skip();
    await symlink('/dev/full', `${path}.part`);
    const archive = new ArchiveWriter(path, { facts: FACTS });
    pourSamples(samplesOf(SEED, 60, 20), archive);
    await archive.drained();
    archive.outcome({ code: 0 });
    await archive.close();
    expect(archive.problem).to.match(/^archive\.ndjson\.gz is incomplete, .*ENOSPC/);
    expect(await readdir(folder)).to.deep.equal(['archive.ndjson.gz.part']);
  });

  it('does not stop a run if its folder was removed', async () => {
    const archive = new ArchiveWriter(join(folder, 'gone', 'archive.ndjson.gz'), { facts: FACTS });
    pourSamples(samplesOf(SEED, 5, 20), archive);
    await archive.close();
    expect(archive.problem).to.include('ENOENT');
  });

  it('names the missing file', async () => {
    const failure = await readArchive(path).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(UserError);
  });

  it('stays small for an hour of a soak, as does the memory of its numbers @slow', async () => {
    // 10 endpoints at 200 requests a second: a fifth of the series and of the load that simulate-soak.ts measures for 8 hours.
    const archive = new ArchiveWriter(path, { facts: FACTS, plannedDurationMs: 3_600_000 });
    const soak = { seconds: 600, requestsPerSecond: 200, endpoints: 10, startMs: START_MS, seed: SEED };
    await pourSoak(soak, archive, () => archive.drained());
    await archive.close();
    const { size } = await stat(path);
    const { metrics } = await readArchive(path);
    expect(metrics.total('http_reqs')?.sum).to.equal(600 * 200);
    expect(size).to.be.below(2e6);
    expect(metrics).to.be.instanceOf(MetricsStore).with.property('bytesHeld').that.is.below(4e6);
  });
});
