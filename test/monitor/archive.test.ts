// Readings of the SUT are in the run's archive, and k6's numbers are the same as without them.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ArchiveWriter } from '../../runner/metrics/archive/archive.ts';
import { readArchive } from '../../runner/metrics/archive/archive-reader.ts';
import type { Metric, Series } from '../../runner/model/metrics.ts';
import type { ServerSeries } from '../../runner/model/server.ts';
import { loadPart } from '../../runner/monitor/load-part.ts';
import { ServerRecorder } from '../../runner/monitor/recorder.ts';
import { serverResult } from '../../runner/monitor/server-figures.ts';

const REQUESTS: Metric = { name: 'http_reqs', type: 'counter', contains: 'default' };
const CPU: ServerSeries = { metric: 'server.cpu_percent', unit: '%', labels: {} };
const ROUTE: ServerSeries = { metric: 'server.route', unit: '1/s', labels: { source: 'theirs', phase: 'moon' } };

/** One value for all runs that are compared, because their intervals begin at it. */
const END_MS = Math.floor(Date.now() / 1000) * 1000;

/** A run of some seconds until END_MS: 5 s idle, load for `loadSeconds`, 5 s idle. */
async function written(
  folder: string,
  { withServer, loadSeconds, ends }: { withServer: boolean; loadSeconds: number; ends: boolean },
): Promise<string> {
  const path = join(folder, `${withServer}-${loadSeconds}-${ends}.ndjson.gz`);
  const loadFromMs = END_MS - 5000 - loadSeconds * 1000;
  const archive = new ArchiveWriter(path, { facts: {}, plannedDurationMs: loadSeconds * 1000, originMs: END_MS });
  const series: Series = { id: 0, metric: REQUESTS, tags: { name: 'x' } };
  for (let second = 0; second < loadSeconds; second++) {
    const startMs = loadFromMs + second * 1000;
    archive.window({ series, startMs, lengthMs: 1000, count: second + 1, sum: second + 1, min: 1, max: 1, last: 1 });
  }
  // k6's windows come first: readings are buffered for some seconds after the start.
  const recorder = new ServerRecorder(loadFromMs - 5000);
  if (withServer) {
    recorder.attach(archive, loadFromMs);
    recorder.loadEnded(END_MS - 5000);
    for (let atMs = loadFromMs - 5000; atMs < END_MS; atMs += 1000) {
      const isLoad = atMs >= loadFromMs && atMs < END_MS - 5000;
      recorder.readings('demo', [
        { series: CPU, value: isLoad ? 50 : 2, atMs: atMs + 500 },
        { series: ROUTE, value: isLoad ? 10 : 0, atMs: atMs + 500 },
      ]);
    }
    recorder.note({ about: 'source', name: 'demo', kind: 'process', target: 'pid 1' });
    recorder.note({ about: 'gap', source: 'demo', fromMs: loadFromMs, toMs: loadFromMs + 1, reason: 'gone' });
  }
  recorder.flush();
  if (ends) archive.span({ fromMs: loadFromMs + 120, toMs: END_MS - 5000 - 80 });
  await archive.close();
  return path;
}

describe('the archive of a run with monitoring', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'novaperf-server-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const [loadSeconds, ends] of [
    [60, true],
    [60, false],
    [7200, true],
  ] as const) {
    it(`gives the same k6 numbers as without: ${loadSeconds} s${ends ? '' : ', a run that was killed'}`, async () => {
      const plain = (await readArchive(await written(folder, { withServer: false, loadSeconds, ends }))).metrics;
      const watched = (await readArchive(await written(folder, { withServer: true, loadSeconds, ends }))).metrics;
      const lengthOf = (metrics: typeof plain) => (metrics.lastSampleMs ?? 0) - (metrics.firstSampleMs ?? 0);
      expect([...watched.metrics.keys()]).to.deep.equal([...plain.metrics.keys()]);
      expect(watched.series.map(({ metric }) => metric.name)).to.deep.equal(['http_reqs']);
      expect(lengthOf(watched)).to.equal(lengthOf(plain)).and.to.be.above(0);
      expect(watched.intervalMs).to.equal(plain.intervalMs);
      const sums = (metrics: typeof plain) => metrics.timeline('http_reqs').map(({ aggregate }) => aggregate?.sum);
      expect(sums(watched)).to.deep.equal(sums(plain));
      expect(plain.server).to.equal(undefined);
    });
  }

  it('separates before, during and after, even if an interval is longer than the idle time', async () => {
    const { metrics } = await readArchive(await written(folder, { withServer: true, loadSeconds: 7200, ends: true }));
    expect(metrics.intervalMs).to.be.above(5000);
    const result = serverResult(metrics.server);
    const cpu = result.metrics?.find(({ name }) => name === 'server.cpu_percent');
    expect(cpu).to.deep.include({ unit: '%', source: 'demo', labels: {}, recovered: true });
    expect(cpu?.before).to.deep.equal({ samples: 5, avg: 2, min: 2, max: 2, p95: 2, last: 2 });
    expect(cpu?.during).to.deep.equal({ samples: 7200, avg: 50, min: 50, max: 50, p95: 50, last: 50 });
    expect(cpu?.after).to.deep.equal({ samples: 5, avg: 2, min: 2, max: 2, p95: 2, last: 2 });
    const [source] = result.sources ?? [];
    expect(source?.state).to.equal('gaps');
    expect(source?.gaps.map(({ reason }) => reason)).to.deep.equal(['gone']);
    if (metrics.server === undefined) throw new Error('Expected numbers of the server');
    expect(loadPart(metrics.server.metrics).total('server.cpu_percent')?.min).to.equal(50);
  });

  it('renames labels of an exporter that collide with ours', async () => {
    const { metrics } = await readArchive(await written(folder, { withServer: true, loadSeconds: 10, ends: true }));
    const route = serverResult(metrics.server).metrics?.find(({ name }) => name === 'server.route');
    expect(route?.labels).to.deep.equal({ exported_source: 'theirs', exported_phase: 'moon' });
    expect(route?.during?.avg).to.equal(10);
  });
});
