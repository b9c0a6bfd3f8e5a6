// The real node_exporter against our own readings of the machine, and a Prometheus server that scrapes it.

import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Reading } from '../../runner/model/server.ts';
import { ExpositionSource } from '../../runner/monitor/exposition-source.ts';
import { MachineSource } from '../../runner/monitor/machine-source.ts';
import { panelsOf } from '../../runner/monitor/panels.ts';
import { PrometheusSource } from '../../runner/monitor/prometheus-source.ts';
import { ALL_SERIES } from '../../runner/monitor/series-filter.ts';
import { freePort, NODE_EXPORTER, PROMETHEUS, reportIfMissing, startServer } from './exporters.ts';

const pauseMs = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const never = new AbortController().signal;
const ALL = { ...ALL_SERIES, maxSeries: 5000 };

async function twice(source: {
  sample(signal: AbortSignal): Promise<readonly Reading[]>;
}): Promise<readonly Reading[]> {
  await source.sample(never);
  await pauseMs(1000);
  return source.sample(never);
}

const sum = (readings: readonly Reading[], metric: string) =>
  readings.filter(({ series }) => series.metric === metric).reduce((total, { value }) => total + value, 0);

describe('the real node_exporter', function () {
  this.timeout(120_000);
  let exporter: ChildProcess | undefined;
  let url = '';
  before(async function () {
    if (reportIfMissing('prometheus-node-exporter', NODE_EXPORTER) || NODE_EXPORTER === undefined) return this.skip();
    const port = await freePort();
    url = `http://127.0.0.1:${port}/metrics`;
    exporter = await startServer(NODE_EXPORTER, [`--web.listen-address=127.0.0.1:${port}`], url);
  });
  after(() => void exporter?.kill('SIGKILL'));

  it('is read completely, agrees with our readings of the machine, and fills the panels by default', async () => {
    const source = new ExpositionSource('node', { url, headers: {}, filter: ALL });
    const machine = new MachineSource('machine');
    const [readings, own] = await Promise.all([twice(source), twice(machine)]);
    expect(readings.length).to.be.above(200);
    const used =
      sum(readings, 'server.node_memory_MemTotal_bytes') - sum(readings, 'server.node_memory_MemAvailable_bytes');
    expect(used).to.be.closeTo(sum(own, 'server.machine_memory_bytes'), 0.2 * used);
    // The modes of every core add up to a second per second.
    const cores = readings.filter(({ series }) => series.labels.mode === 'idle').length;
    expect(sum(readings, 'server.node_cpu_seconds_total')).to.be.closeTo(cores, 0.25 * cores);
    const series = readings.map(({ series: { metric, labels } }) => ({ name: metric, labels, source: 'node' }));
    expect(panelsOf(series).panels.map(({ id }) => id)).to.include.members(['cpu', 'memory', 'network']);
  });

  it('is cut at the cap by default, which is reported', async () => {
    const source = new ExpositionSource('node', { url, headers: {}, filter: { ...ALL_SERIES, maxSeries: 100 } });
    await source.sample(never);
    expect(await source.sample(never)).to.have.length.at.most(100);
    expect(source.remarks().join()).to.match(/\d+ series were left out, because at most 100/);
  });
});

describe('a real Prometheus server', function () {
  this.timeout(90_000);
  let server: ChildProcess | undefined;
  let folder = '';
  let url = '';
  const began = Date.now();
  before(async function () {
    if (reportIfMissing('prometheus', PROMETHEUS) || PROMETHEUS === undefined) return this.skip();
    const port = await freePort();
    folder = await mkdtemp(join(tmpdir(), 'novaperf-prometheus-'));
    url = `http://127.0.0.1:${port}`;
    const config = `global: { scrape_interval: 1s }\nscrape_configs:\n  - job_name: itself\n    static_configs: [{ targets: ['127.0.0.1:${port}'] }]\n`;
    await writeFile(join(folder, 'prometheus.yml'), config);
    const args = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    server = await startServer(PROMETHEUS, args, `${url}/-/ready`);
    // Waits for its first scrapes.
    for (let i = 0; i < 40 && (await seen()) < 6; i++) await pauseMs(500);
  });
  after(async () => {
    server?.kill('SIGKILL');
    if (folder !== '') await rm(folder, { recursive: true, force: true });
  });
  const seen = async () =>
    (await ask([{ name: 'up', query: 'up' }]).collect({ fromMs: began, toMs: Date.now() }, never)).length;
  const ask = (queries: Array<{ name: string | undefined; query: string }>, more = {}) =>
    new PrometheusSource('prometheus', { url, queries, stepMs: 1000, headers: {}, maxSeries: 500, ...more });

  it('answers queries over the run, under the given name or that of the series, with its labels', async () => {
    const readings = await ask([
      { name: undefined, query: 'up' },
      { name: 'goroutines', query: 'go_goroutines' },
      { name: 'reads', query: 'rate(prometheus_http_requests_total[3s])' },
    ]).collect({ fromMs: began, toMs: Date.now() }, never);
    const up = readings.filter(({ series }) => series.metric === 'server.up');
    expect(up.length).to.be.above(3);
    expect(up.every(({ value }) => value === 1)).to.equal(true);
    expect(up[0]?.series.labels.job).to.equal('itself');
    const steps = up.slice(1).map(({ atMs }, index) => atMs - (up[index]?.atMs ?? 0));
    expect(new Set(steps)).to.deep.equal(new Set([1000]));
    expect(
      readings.filter(({ series }) => series.metric === 'server.goroutines').every(({ value }) => value > 5),
    ).to.equal(true);
    expect(readings.find(({ series }) => series.metric === 'server.reads')?.series.unit).to.equal('1/s');
  });

  it('gives the error of an invalid query, and the number of series above the cap', async () => {
    const error = await ask([{ name: 'x', query: 'rate(' }])
      .collect({ fromMs: began, toMs: Date.now() }, never)
      .catch((error: unknown) => String(error));
    expect(error).to.match(/status 400.*parse error/);
    const few = ask([{ name: 'x', query: '{__name__=~"go_.*"}' }], { maxSeries: 2 });
    const readings = await few.collect({ fromMs: began, toMs: Date.now() }, never);
    expect(new Set(readings.map(({ series }) => series)).size).to.equal(2);
    expect(few.remarks().join()).to.match(/series were left out/);
  });

  it('exports its own counters, summaries and histograms, which are read', async () => {
    const readings = await twice(new ExpositionSource('itself', { url: `${url}/metrics`, headers: {}, filter: ALL }));
    expect(sum(readings, 'server.prometheus_http_requests_total')).to.be.above(0);
    expect(
      readings.some(
        ({ series }) =>
          series.metric === 'server.prometheus_http_request_duration_seconds' && series.labels.quantile === '0.95',
      ),
    ).to.equal(true);
    const series = readings.map(({ series: { metric, labels } }) => ({ name: metric, labels, source: 'itself' }));
    expect(panelsOf(series).panels.map(({ id }) => id)).to.include.members(['memory', 'threads', 'requests']);
  });
});
