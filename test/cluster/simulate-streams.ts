// How much one collecting process can handle: tsx test/cluster/simulate-streams.ts [streams] [seconds] [kB/s each]. docs/scale.md has the table.
//
// Another process simulates the API server with the given number of pods and log rate. This one follows them as `novaperf run
// --cluster` does, into an archive and the live view, and measures its CPU, its memory and the delay of lines.

import { fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { ClusterLoad } from '../../runner/cluster/cluster-load.ts';
import { openKubeApi } from '../../runner/cluster/kube-api.ts';
import { ArchiveWriter } from '../../runner/metrics/archive/archive.ts';
import { LineBytes } from '../../runner/metrics/bytes/line-bytes.ts';
import { HistogramsWriter } from '../../runner/metrics/histograms/histograms-writer.ts';
import { MergedStream } from '../../runner/metrics/several/merged-stream.ts';
import { tee } from '../../runner/metrics/sinks/tee.ts';
import { MetricsStore } from '../../runner/metrics/store/store.ts';
import { RunMemory } from '../../runner/run/load/run-memory.ts';
import { metricOf, pourSamples, type Sample } from '../metrics/seeded-stream.ts';
import { seeded } from '../seeded.ts';
import { aRun } from './cluster-run.ts';

const [streams = 200, seconds = 40, kilobytes = 15] = process.argv.slice(2).map(Number);

/** Lines of one runner, second by second, of about this many bytes per second. */
function template(bytesPerSecond: number): { header: string; bySecond: string[] } {
  const random = seeded(1);
  const lines: string[] = [];
  const writer = new HistogramsWriter(new LineBytes((line) => lines.push(line.take().toString())), {
    id: 'ID',
    k6: 'v2.2.0',
    originMs: 0,
    windowMs: 1000,
  });
  const trends = ['duration', 'waiting', 'blocked', 'receiving', 'sending', 'connecting', 'tls_handshaking'].map(
    (part) => metricOf(`http_req_${part}`, 'trend', 'time'),
  );
  const requests = metricOf('http_reqs', 'counter');
  const samples: Sample[] = [];
  // About 50 bytes a line and 1.6 a sample, as measured with real k6.
  const endpoints = Math.max(1, Math.round(bytesPerSecond / (8 * 50 + 7 * 1.6 * 50)));
  for (let second = 0; second < seconds; second++) {
    for (let endpoint = 0; endpoint < endpoints; endpoint++) {
      const tags = { name: `GET /endpoint/${endpoint}`, method: 'GET', status: '200', expected_response: 'true' };
      for (let i = 0; i < 50; i++) {
        const timeMs = second * 1000 + i * 20;
        for (const metric of trends) samples.push({ metric, tags, timeMs, value: Math.exp(random() * 2 + 3) });
        samples.push({ metric: requests, tags, timeMs, value: 1 });
      }
    }
  }
  pourSamples(samples, writer);
  writer.end();
  const bySecond = Array.from({ length: seconds + 1 }, () => '');
  let at = 0;
  for (const line of lines.slice(1)) {
    const window = /^\[\d+,\d+,(\d+),/.exec(line)?.[1];
    if (window !== undefined) at = Number(window);
    if (line.includes('"end"')) at = seconds;
    bySecond[at] += line;
  }
  return { header: lines[0] ?? '', bySecond };
}

/** A reader of a pod's log, and how many parts have been written to it. */
interface Follower {
  readonly response: ServerResponse;
  readonly header: string;
  next: number;
}

/** The other process. Like a real API server it keeps the logs, so a second reader gets them again. */
function playApiServer(): void {
  const { header, bySecond } = template(kilobytes * 1000);
  const followers = new Set<Follower>();
  /** The log of each pod after its header, with times. */
  const logged: { text: string; atMs: number }[] = [];
  let isOver = false;
  const originMs = Math.ceil(Date.now() / 1000) * 1000 + 3000;
  const stamped = (text: string) => {
    const time = `${new Date().toISOString().replace('Z', '000000Z')} `;
    return text.replace(/^(?=.)/gm, time);
  };
  const pump = (follower: Follower): void => {
    const { response } = follower;
    while (follower.next <= logged.length) {
      const text = follower.next === 0 ? follower.header : (logged[follower.next - 1]?.text ?? '');
      follower.next++;
      if (!response.write(text)) return void response.once('drain', () => pump(follower));
    }
    if (!isOver) return;
    followers.delete(follower);
    response.end();
  };
  const tick = setInterval(() => {
    if (Date.now() < originMs + (logged.length + 1) * 1000) return;
    logged.push({ text: stamped(bySecond[logged.length] ?? ''), atMs: Date.now() });
    isOver = logged.length > seconds;
    if (isOver) clearInterval(tick);
    for (const follower of followers) if (!follower.response.writableNeedDrain) pump(follower);
  }, 20);
  const pod = (n: number) => ({
    metadata: { name: `simulated-${n}-abcde` },
    status: {
      phase: isOver ? 'Succeeded' : 'Running',
      containerStatuses: [{ name: 'k6', state: isOver ? { terminated: { exitCode: 0 } } : { running: {} } }],
    },
  });
  createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    if (url.pathname.endsWith('/log')) {
      const id = /simulated-(\d+)/.exec(url.pathname)?.[1] ?? '';
      const sinceMs = Date.parse(url.searchParams.get('sinceTime') ?? '');
      const from = logged.findIndex(({ atMs }) => atMs >= sinceMs);
      const follower = {
        response,
        header: stamped(header.replace('ID', id).replace('"origin_ms":0', `"origin_ms":${originMs}`)),
        next: Number.isNaN(sinceMs) ? 0 : from < 0 ? logged.length + 1 : from + 1,
      };
      followers.add(follower);
      response.on('close', () => followers.delete(follower));
      response.flushHeaders();
      pump(follower);
    } else if (url.pathname.endsWith('/pods')) {
      response.end(JSON.stringify({ items: Array.from({ length: streams }, (_, i) => pod(i + 1)) }));
    } else response.end('{}');
  }).listen(0, '127.0.0.1', function (this: import('node:http').Server) {
    const address = this.address();
    process.send?.({
      port: typeof address === 'object' ? address?.port : 0,
      bytes: bySecond.slice(1, seconds).join('').length / (seconds - 1),
    });
  });
}

async function collect(): Promise<void> {
  const server = fork(fileURLToPath(import.meta.url), process.argv.slice(2), {
    env: { ...process.env, PLAYS_SERVER: '1' },
  });
  const { port, bytes } = await new Promise<{ port: number; bytes: number }>((resolve) =>
    server.once('message', (message) => resolve(message as { port: number; bytes: number })),
  );
  const folder = await mkdtemp(join(tmpdir(), 'novaperf-streams-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'a',
      clusters: [{ name: 'a', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'a', user: {} }],
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    }),
  );
  const archive = new ArchiveWriter(join(folder, 'archive.ndjson.gz'), {
    facts: {},
    plannedDurationMs: seconds * 1000,
  });
  const live = new MetricsStore({ timeline: false });
  const memory = new RunMemory();
  const lateness: number[] = [];
  const sink = tee(live.sink, archive, memory.sink);
  let heard = 0;
  const merged = new MergedStream(
    {
      ...sink,
      window(window) {
        // A window can come no sooner than its end.
        if (heard++ % 97 === 0) lateness.push(Date.now() - window.startMs - window.lengthMs);
        sink.window(window);
      },
    },
    true,
  );
  const load = new ClusterLoad({
    api: openKubeApi({ kubeconfig, context: undefined }),
    run: aRun({ name: 'simulated', parallelism: streams, maxVUs: streams }),
    plannedMs: seconds * 1000,
    merged,
    onLog: () => undefined,
    onProgress: (text) => process.stderr.write(`${text}\n`),
  });
  const loop = monitorEventLoopDelay({ resolution: 10 });
  loop.enable();
  const began = process.cpuUsage();
  const beganMs = Date.now();
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 500);
  const end = await load.run().catch((error: unknown) => {
    server.kill();
    throw error;
  });
  clearInterval(watch);
  const cpu = process.cpuUsage(began);
  const wallMs = Date.now() - beganMs;
  await archive.close();
  const sorted = lateness.sort((a, b) => a - b);
  const at = (q: number) => sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
  const expected = live.total('http_reqs')?.count;
  process.stdout.write(
    `${JSON.stringify({
      streams,
      seconds,
      kilobytesPerSecondEach: Math.round(bytes / 100) / 10,
      cpuCores: Math.round(((cpu.user + cpu.system) / 1000 / wallMs) * 1000) / 1000,
      cpuSeconds: Math.round((cpu.user + cpu.system) / 1e5) / 10,
      rssMegabytes: Math.round(most / 1e6),
      lagMs: { p50: at(0.5), p99: at(0.99), max: at(1) },
      eventLoopMs: { p99: Math.round(loop.percentile(99) / 1e5) / 10, max: Math.round(loop.max / 1e5) / 10 },
      complete: end.sources.filter(({ isComplete }) => isComplete).length,
      requests: expected,
    })}\n`,
  );
  await rm(folder, { recursive: true, force: true });
  server.kill();
}

if (process.env.PLAYS_SERVER === '1') playApiServer();
else await collect();
