// The numbers of a run against the demo shop for faults, a rate and a seed, without k6 and in simulated time: every request has the
// decision of the real shop, including its connection pool.

import { Decisions } from '../../runner/demo/decisions.ts';
import { parseFault } from '../../runner/demo/faults.ts';
import { randomStream } from '../../runner/demo/random.ts';
import type { RouteName } from '../../runner/demo/routes.ts';
import { keyOf } from '../../runner/metrics/buckets/histogram.ts';
import { Windower } from '../../runner/metrics/samples/windower.ts';
import { MetricsStore } from '../../runner/metrics/store/store.ts';
import type { Metric, Series, Tags } from '../../runner/model/metrics.ts';
import type { ServerNote } from '../../runner/monitor/notes.ts';

/** Start of simulated runs. */
export const SIMULATED_START_MS = Date.parse('2026-11-23T10:00:00.000Z');

/** What to simulate. */
export interface SimulatedRun {
  readonly seconds: number;
  /** Requests a second. */
  readonly rate: number;
  readonly seed: number;
  /** In the demo's grammar. */
  readonly faults?: readonly string[];
  readonly connections?: number;
  /** Noise of the whole service: deviation of ln(time), with seconds correlated by `phi`. */
  readonly noise?: { readonly sd: number; readonly phi: number };
}

/** Requests of a visitor, in percent. */
const MIX: ReadonlyArray<readonly [RouteName, number]> = [
  ['GET /products', 26],
  ['GET /products/:id', 24],
  ['GET /products/:id/related', 10],
  ['GET /search', 18],
  ['POST /login', 4],
  ['GET /cart', 6],
  ['POST /cart/items', 6],
  ['DELETE /cart', 2],
  ['POST /orders', 4],
];

const trend = (name: string): Metric => ({ name, type: 'trend', contains: 'time' });
const M = {
  reqs: { name: 'http_reqs', type: 'counter', contains: 'default' },
  duration: trend('http_req_duration'),
  waiting: trend('http_req_waiting'),
  receiving: trend('http_req_receiving'),
  sending: trend('http_req_sending'),
  blocked: trend('http_req_blocked'),
  failed: { name: 'http_req_failed', type: 'rate', contains: 'default' },
  iterations: { name: 'iterations', type: 'counter', contains: 'default' },
  vus: { name: 'vus', type: 'gauge', contains: 'default' },
} as const satisfies Record<string, Metric>;

/** Simulates a run. */
export function simulateRun({ seconds, rate, seed, faults = [], connections = 20, noise }: SimulatedRun): MetricsStore {
  const store = new MetricsStore({ timeline: true });
  const windower = new Windower(store.sink);
  const add = (metric: Metric, tags: Tags, atMs: number, value: number) => {
    const open = windower.declare(metric);
    windower.add(windower.seriesOf(open, windower.tagSetOf(tags)), Math.floor(SIMULATED_START_MS + atMs), 0, value);
  };
  const decisions = new Decisions(
    seed,
    faults.map((text) => parseFault(text)),
  );
  const dice = randomStream(seed, 'simulated mix');
  const levels = noisyLevels(seconds + 60, seed, noise);
  const pool = new Array<number>(connections).fill(0);
  const inUse = new Float64Array(seconds + 1);
  const finished: Array<{ atMs: number; tags: Tags; ms: number; fails: boolean }> = [];
  for (let i = 0, atMs = 0; ; i++) {
    atMs += (-Math.log(dice.uniformAt(2 * i)) * 1000) / rate;
    if (atMs >= seconds * 1000) break;
    const route = routeAt(dice.uniformAt(2 * i + 1));
    const { serviceMs, fails } = decisions.next(route, atMs);
    const ownMs = serviceMs * (levels[Math.floor(atMs / 1000)] ?? 1);
    const first = indexOfLeast(pool);
    const beganMs = Math.max(atMs, pool[first] ?? 0);
    const endMs = beganMs + ownMs;
    pool[first] = endMs;
    for (let s = Math.floor(beganMs / 1000); s <= Math.min(seconds, Math.floor(endMs / 1000)); s++) {
      const overlapMs = Math.min(endMs, (s + 1) * 1000) - Math.max(beganMs, s * 1000);
      inUse[s] = (inUse[s] ?? 0) + overlapMs / 1000;
    }
    const [method = ''] = route.split(' ');
    const tags = {
      name: route,
      method,
      url: route,
      scenario: 'default',
      group: '',
      status: fails ? '500' : '200',
      expected_response: String(!fails),
      ...(fails ? { error_code: '1500' } : {}),
    };
    finished.push({ atMs: endMs, tags, ms: endMs - atMs, fails });
  }
  finished.sort((a, b) => a.atMs - b.atMs);
  for (const { atMs, tags, ms, fails } of finished) {
    if (atMs >= seconds * 1000) continue;
    add(M.reqs, tags, atMs, 1);
    add(M.duration, tags, atMs, ms + 0.4);
    add(M.waiting, tags, atMs, ms);
    add(M.receiving, tags, atMs, 0.3);
    add(M.sending, tags, atMs, 0.1);
    add(M.blocked, tags, atMs, 0.02);
    add(M.failed, tags, atMs, fails ? 1 : 0);
    add(M.iterations, { scenario: 'default', group: '' }, atMs, 1);
  }
  for (let second = 0; second < seconds; second++) add(M.vus, {}, second * 1000 + 10, 20);
  windower.flush();
  store.end({ badLines: 0, badValues: 0, lostLines: 0, complete: true, overflow: [] });
  store.server = serverOf({ seconds, seed, inUse, connections, leakPerSecond: leakOf(faults) });
  return store;
}

function routeAt(uniform: number): RouteName {
  let left = uniform * 100;
  for (const [route, share] of MIX) {
    if (left < share) return route;
    left -= share;
  }
  return 'GET /products';
}

function indexOfLeast(values: readonly number[]): number {
  return values.reduce((least, value, i) => (value < (values[least] ?? Infinity) ? i : least), 0);
}

function noisyLevels(seconds: number, seed: number, noise: SimulatedRun['noise']): number[] {
  if (noise === undefined) return [];
  const numbers = randomStream(seed, 'simulated noise');
  let level = numbers.normalAt(0);
  return Array.from({ length: seconds }, (_, i) => {
    level = noise.phi * level + Math.sqrt(1 - noise.phi ** 2) * numbers.normalAt(i + 1);
    return Math.exp(noise.sd * level);
  });
}

function leakOf(faults: readonly string[]): number {
  return faults
    .map((text) => parseFault(text))
    .reduce((sum, fault) => sum + (fault.kind === 'memory-leak' ? fault.bytes_per_second : 0), 0);
}

interface ServerOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly inUse: Float64Array;
  readonly connections: number;
  readonly leakPerSecond: number;
}

const IDLE_SECONDS = 5;

/** A Node process: its memory rises at the start of load and levels off, its heap varies with collections. */
function serverOf({ seconds, seed, inUse, connections, leakPerSecond }: ServerOptions) {
  const store = new MetricsStore({ timeline: true });
  const numbers = randomStream(seed, 'simulated server');
  const at: Readonly<Record<string, { unit: string; value: (second: number) => number }>> = {
    'server.memory_bytes': {
      unit: 'bytes',
      value: (s) =>
        60e6 +
        14e6 * (1 - Math.exp(-Math.max(0, s) / 12)) +
        leakPerSecond * Math.max(0, s) +
        3e5 * numbers.normalAt(s + IDLE_SECONDS),
    },
    'server.nodejs_heap_size_used_bytes': {
      unit: 'bytes',
      value: (s) => 18e6 + 6e6 * ((Math.max(0, s) % 9) / 9) + 2e5 * numbers.normalAt(5000 + s),
    },
    'server.cpu_percent': { unit: '%', value: (s) => (s < 0 ? 1 : 14) + Math.abs(numbers.normalAt(10_000 + s)) },
    'server.db_connections_in_use': {
      unit: '',
      value: (s) => Math.min(connections, Math.round(inUse[Math.max(0, s)] ?? 0)),
    },
    'server.db_connections_max': { unit: '', value: () => connections },
    'server.threads': { unit: '', value: () => 11 },
  };
  const endMs = SIMULATED_START_MS + seconds * 1000;
  const notes: ServerNote[] = [
    { about: 'phase', phase: 'before', fromMs: SIMULATED_START_MS - IDLE_SECONDS * 1000, toMs: SIMULATED_START_MS },
    { about: 'phase', phase: 'after', fromMs: endMs, toMs: endMs },
    { about: 'source', name: 'demo', kind: 'exposition', target: 'http://127.0.0.1:1/metrics' },
    { about: 'samples', source: 'demo', samples: seconds },
  ];
  for (const [name, { unit, value }] of Object.entries(at)) {
    notes.push({ about: 'metric', name, unit });
    const seriesOf = (tags: Tags): Series => ({ id: 0, metric: { name, type: 'trend', contains: 'default' }, tags });
    const [before, during] = [seriesOf({ source: 'demo', phase: 'before' }), seriesOf({ source: 'demo' })];
    for (let second = -IDLE_SECONDS; second < seconds; second++) {
      const read = value(second);
      store.sink.window({
        series: second < 0 ? before : during,
        startMs: SIMULATED_START_MS + second * 1000,
        lengthMs: 1000,
        count: 1,
        sum: read,
        min: read,
        max: read,
        last: read,
        bins: { keys: Int32Array.of(keyOf(read)), counts: Float64Array.of(1) },
      });
    }
  }
  return { metrics: store, notes };
}
