// Run by hand: node --import tsx test/metrics/simulate-soak.ts [--seconds 28800] [--rate 1000] [--endpoints 50]
// For a soak of the given rate, endpoints and length it prints the size of the archive, the time and memory of a report, and the
// memory of the live store at 1 and 20 million requests. The goals are in the README.

import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ArchiveWriter } from '../../runner/metrics/archive/archive.ts';
import { readArchive } from '../../runner/metrics/archive/archive-reader.ts';
import { MetricsStore } from '../../runner/metrics/store/store.ts';
import { pourSoak } from './soak-stream.ts';

const START_MS = Date.UTC(2026, 10, 23, 8, 0, 0);
const SEED = 8;
const QUANTILES = [0.5, 0.9, 0.95, 0.99, 0.999];

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
const peakBytes = () => process.resourceUsage().maxRSS * 1024;

interface Size {
  readonly seconds: number;
  readonly rate: number;
  readonly endpoints: number;
}

async function write(path: string, size: Size): Promise<void> {
  const startedAt = performance.now();
  const archive = new ArchiveWriter(path, {
    facts: { run: 'Simulated_soak' },
    plannedDurationMs: size.seconds * 1000,
    originMs: START_MS,
  });
  const soak = { ...size, requestsPerSecond: size.rate, startMs: START_MS, seed: SEED };
  await pourSoak(soak, archive, (second) => (second % 10 === 0 ? archive.drained() : undefined));
  await archive.close();
  const { size: bytes } = await stat(path);
  print(
    `archive       ${megabytes(bytes)}, poured in ${seconds(performance.now() - startedAt)}, peak memory ${megabytes(peakBytes())}`,
  );
}

/** What a report reads from an archive: timelines and totals of all requests and of every endpoint, and every metric's total. */
async function read(path: string): Promise<void> {
  const startedAt = performance.now();
  const { metrics } = await readArchive(path);
  const readMs = performance.now() - startedAt;
  const ask = (name: string, filter = {}) => {
    let points = 0;
    for (const { aggregate } of metrics.timeline(name, filter)) {
      for (const q of QUANTILES.slice(0, 4)) if (aggregate?.quantile(q) !== undefined) points++;
    }
    return points;
  };
  let points = ask('http_req_duration');
  for (const name of metrics.metrics.keys()) {
    const total = metrics.total(name);
    for (const q of QUANTILES) total?.quantile(q);
  }
  for (const { tags, aggregate } of metrics.groupBy('http_req_duration', ['name', 'method'])) {
    for (const q of QUANTILES) aggregate.quantile(q);
    const failed = metrics.total('http_req_failed', tags);
    if (failed !== undefined) metrics.timeline('http_req_failed', tags);
    points += ask('http_req_duration', tags);
  }
  const reportMs = performance.now() - startedAt - readMs;
  print(
    `read          ${seconds(readMs)}, ${metrics.series.length} series, intervals of ${metrics.intervalMs / 1000} s`,
  );
  print(`aggregations  ${seconds(reportMs)}, ${points} percentiles of intervals`);
  print(`together      ${seconds(readMs + reportMs)}, peak memory ${megabytes(peakBytes())}`);
}

/** The live store during a stream of `requests`. */
async function live(requests: number, size: Size): Promise<void> {
  const store = new MetricsStore({ timeline: false });
  store.recent('http_req_duration');
  const soak = { ...size, seconds: requests / size.rate, requestsPerSecond: size.rate, startMs: START_MS, seed: SEED };
  await pourSoak(soak, store.sink, (second) => {
    if (second % 2 === 0) store.total('http_req_duration')?.quantile(0.95);
    return second % 100 === 0 ? new Promise((done) => setImmediate(done)) : undefined;
  });
  const held = store.bytesHeld;
  print(
    `live store    ${requests / 1e6} million requests: peak memory ${megabytes(peakBytes())}, of it the store ${(held / 1e6).toFixed(1)} MB`,
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '28800' },
    rate: { type: 'string', default: '1000' },
    endpoints: { type: 'string', default: '50' },
    step: { type: 'string' },
    archive: { type: 'string' },
  },
});
const size: Size = { seconds: Number(values.seconds), rate: Number(values.rate), endpoints: Number(values.endpoints) };
const { step, archive: given } = values;
if (step !== undefined) {
  // One step in a process of its own, so that its peak memory is its own.
  if (step === 'write') await write(given ?? '', size);
  else if (step === 'read') await read(given ?? '');
  else await live(Number(step), size);
} else {
  const folder = await mkdtemp(join(tmpdir(), 'novaperf-soak-'));
  const archive = given ?? join(folder, 'archive.ndjson.gz');
  print(`${size.seconds} s at ${size.rate} requests/s over ${size.endpoints} endpoints, 14 metrics a request`);
  for (const each of ['write', 'read', '1000000', '20000000']) {
    const args = ['--step', each, '--archive', archive, '--seconds', `${size.seconds}`, '--rate', `${size.rate}`];
    const script = fileURLToPath(import.meta.url);
    const node = [...process.execArgv, script, ...args, '--endpoints', `${size.endpoints}`];
    if (spawnSync(process.execPath, node, { stdio: 'inherit' }).status !== 0) process.exitCode = 1;
  }
  await rm(folder, { recursive: true, force: true });
}
