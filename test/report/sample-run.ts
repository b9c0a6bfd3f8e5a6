// A seeded run of a small shop. Its samples go through the real windower and store, for tests of reports.

import { assembleEndpoints } from '../../runner/analysis/result/assemble-endpoints.ts';
import { assembleChecks, assembleErrors } from '../../runner/analysis/result/assemble-errors.ts';
import { assembleMetrics } from '../../runner/analysis/result/assemble-metrics.ts';
import { type TagSet, Windower } from '../../runner/metrics/samples/windower.ts';
import { MetricsStore } from '../../runner/metrics/store/store.ts';
import type { Metric, Tags } from '../../runner/model/metrics.ts';
import type { Result, ResultKpi } from '../../runner/model/result.ts';
import { seeded } from '../seeded.ts';

export const LOAD_START_MS = Date.parse('2026-11-23T10:00:00.000Z');

export const METRICS = {
  http_reqs: { name: 'http_reqs', type: 'counter', contains: 'default' },
  http_req_duration: { name: 'http_req_duration', type: 'trend', contains: 'time' },
  http_req_blocked: { name: 'http_req_blocked', type: 'trend', contains: 'time' },
  http_req_connecting: { name: 'http_req_connecting', type: 'trend', contains: 'time' },
  http_req_tls_handshaking: { name: 'http_req_tls_handshaking', type: 'trend', contains: 'time' },
  http_req_sending: { name: 'http_req_sending', type: 'trend', contains: 'time' },
  http_req_waiting: { name: 'http_req_waiting', type: 'trend', contains: 'time' },
  http_req_receiving: { name: 'http_req_receiving', type: 'trend', contains: 'time' },
  http_req_failed: { name: 'http_req_failed', type: 'rate', contains: 'default' },
  grpc_req_duration: { name: 'grpc_req_duration', type: 'trend', contains: 'time' },
  ws_sessions: { name: 'ws_sessions', type: 'counter', contains: 'default' },
  ws_session_duration: { name: 'ws_session_duration', type: 'trend', contains: 'time' },
  ws_msgs_sent: { name: 'ws_msgs_sent', type: 'counter', contains: 'default' },
  iterations: { name: 'iterations', type: 'counter', contains: 'default' },
  iteration_duration: { name: 'iteration_duration', type: 'trend', contains: 'time' },
  dropped_iterations: { name: 'dropped_iterations', type: 'counter', contains: 'default' },
  vus: { name: 'vus', type: 'gauge', contains: 'default' },
  data_received: { name: 'data_received', type: 'counter', contains: 'data' },
  data_sent: { name: 'data_sent', type: 'counter', contains: 'data' },
  checks: { name: 'checks', type: 'rate', contains: 'default' },
  group_duration: { name: 'group_duration', type: 'trend', contains: 'time' },
  order_time: { name: 'order_time', type: 'trend', contains: 'time' },
  basket_size: { name: 'basket_size', type: 'trend', contains: 'default' },
} as const satisfies Record<string, Metric>;

/** Samples by hand: `add` one value of a metric at a time after the start of load. */
export class Samples {
  readonly store = new MetricsStore({ timeline: true });
  readonly #windower = new Windower(this.store.sink);
  readonly #tagSets = new WeakMap<Tags, TagSet>();

  /** The same tags object is sorted only once. */
  add(metric: Metric, tags: Tags, atMs: number, value: number): void {
    const open = this.#windower.declare(metric);
    const tagSet = this.#tagSets.get(tags) ?? this.#windower.tagSetOf(tags);
    this.#tagSets.set(tags, tagSet);
    const series = this.#windower.seriesOf(open, tagSet);
    this.#windower.add(series, Math.floor(LOAD_START_MS + atMs), 0, value);
  }

  done(complete = true): MetricsStore {
    this.#windower.flush();
    this.store.end({ badLines: 0, badValues: 0, lostLines: 0, complete, overflow: [] });
    return this.store;
  }
}

export interface ShopOptions {
  readonly seconds: number;
  readonly requestsPerSecond: number;
  readonly seed?: number;
  /** Request names; each is slower than the one before. */
  readonly names?: readonly string[];
  readonly checkNames?: readonly string[];
  readonly scenario?: string;
  /** Share of requests answered with 503, and of those not answered at all, in the second half of the run. */
  readonly errorShare?: number;
  /** Factor on all times. */
  readonly factor?: number;
}

const NAMES = ['GET /products', 'GET /products/{id}', 'GET /search', 'POST /login', 'POST /cart', 'POST /orders'];

/** Fills samples as a shop under load would: latency grows in the second half, errors begin there. */
export function shopSamples(options: ShopOptions): MetricsStore {
  const {
    seconds,
    requestsPerSecond,
    seed = 7,
    names = NAMES,
    scenario = 'browse',
    errorShare = 0.02,
    factor = 1,
  } = options;
  const checkNames = options.checkNames ?? ['status is 200', 'has products', 'order is confirmed'];
  const random = seeded(seed);
  const samples = new Samples();
  const ofIteration = { scenario, group: '' };
  const ofShop = { scenario, group: '::shop' };
  const ofPay = { scenario, group: '::shop::pay' };
  const ofCheck = new Map(checkNames.map((check) => [check, { check, group: '::shop', scenario }]));
  const ofRequest = new Map<string, Tags>();
  const requests = Math.round(seconds * requestsPerSecond);
  for (let index = 0; index < requests; index++) {
    const atMs = (index * 1000) / requestsPerSecond + random() * 5;
    const isLate = atMs > seconds * 500;
    const which = Math.floor(random() ** 1.6 * names.length);
    const name = names[which] ?? 'GET /';
    const isRefused = isLate && random() < errorShare * 0.3;
    const isError = !isRefused && isLate && random() < errorShare;
    const status = isRefused ? '0' : isError ? '503' : '200';
    const normal = Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
    const waiting = isRefused
      ? 0
      : factor * (25 + which * 22) * Math.exp(0.35 * normal) * (isLate ? 1.6 : 1) + (random() < 0.01 ? 400 : 0);
    const kind = `${status} ${name}`;
    const tags = ofRequest.get(kind) ?? {
      name,
      url: name,
      method: name.split(' ')[0] ?? 'GET',
      status,
      expected_response: String(status === '200'),
      scenario,
      group: '',
      proto: 'HTTP/1.1',
      ...(isRefused ? { error: 'dial: connection refused', error_code: '1212' } : {}),
      ...(isError ? { error_code: '1503' } : {}),
    };
    ofRequest.set(kind, tags);
    const connecting = random() < 0.02 ? 1.4 : 0;
    samples.add(METRICS.http_reqs, tags, atMs, 1);
    samples.add(METRICS.http_req_duration, tags, atMs, waiting === 0 ? 0 : waiting + 0.4);
    samples.add(METRICS.http_req_blocked, tags, atMs, 0.02 + connecting);
    samples.add(METRICS.http_req_connecting, tags, atMs, connecting);
    samples.add(METRICS.http_req_tls_handshaking, tags, atMs, 0);
    samples.add(METRICS.http_req_sending, tags, atMs, 0.1);
    samples.add(METRICS.http_req_waiting, tags, atMs, waiting);
    samples.add(METRICS.http_req_receiving, tags, atMs, 0.3);
    samples.add(METRICS.http_req_failed, tags, atMs, status === '200' ? 0 : 1);
    const check = checkNames[index % checkNames.length] ?? 'check';
    samples.add(METRICS.checks, ofCheck.get(check) ?? {}, atMs, status === '200' ? 1 : 0);
    if (index % 3 === 0) {
      samples.add(METRICS.iterations, ofIteration, atMs, 1);
      samples.add(METRICS.iteration_duration, ofIteration, atMs, waiting * 3 + 1000);
      samples.add(METRICS.group_duration, ofShop, atMs, waiting * 2);
      samples.add(METRICS.group_duration, ofPay, atMs, waiting);
      samples.add(METRICS.order_time, ofIteration, atMs, waiting * 2.5);
      samples.add(METRICS.basket_size, ofIteration, atMs, 1 + Math.floor(random() * 9));
      samples.add(METRICS.data_received, ofIteration, atMs, 5200);
      samples.add(METRICS.data_sent, ofIteration, atMs, 900);
    }
  }
  for (let second = 0; second < seconds; second++) {
    const share = Math.min(1, (second + 1) / (seconds * 0.2), (seconds - second) / (seconds * 0.1));
    samples.add(METRICS.vus, {}, second * 1000 + 10, Math.max(1, Math.round(20 * share)));
  }
  const store = samples.done();
  for (let second = 0; second < seconds; second++) {
    store.sink.health({
      startMs: LOAD_START_MS + second * 1000,
      lengthMs: 1000,
      cpuCores: 0.3 + random() * 0.2,
      coresAllowed: 2,
      residentBytes: 90e6 + second * 1000,
      goroutines: 60,
      schedP99Ms: 0.2 + random() * 0.3,
    });
  }
  return store;
}

function kpi(
  metrics: MetricsStore,
  part: Pick<ResultKpi, 'metric' | 'statistic' | 'target' | 'unit'> & Partial<ResultKpi>,
): ResultKpi {
  const { metric, statistic, target, unit, filter = {}, comparison = '<', ...more } = part;
  const total = metrics.total(
    metric,
    metric === 'http_req_duration' ? { ...filter, expected_response: 'true' } : filter,
  );
  const q = /^p\((.+)\)$/.exec(statistic)?.[1];
  const actual = (q === undefined ? total?.mean : total?.quantile(Number(q) / 100)) ?? null;
  const isMet = actual !== null && (comparison === '<' ? actual < target : actual > target);
  const sign = comparison === '<' ? 1 : -1;
  const tags = Object.entries(filter).map(([tag, value]) => `${tag}:${value}`);
  return {
    id: `${metric}${tags.length > 0 ? `{${tags.join(',')}}` : ''} ${statistic}${comparison}${target}`,
    metric,
    filter,
    statistic,
    comparison,
    target,
    actual,
    ci_low: actual === null || q === undefined ? null : actual * 0.96,
    ci_high: actual === null || q === undefined ? null : actual * 1.05,
    confidence: q === undefined ? 'unknown' : 'provisional',
    unit,
    samples: total?.count ?? 0,
    verdict: actual === null ? 'no_data' : isMet ? 'pass' : 'fail',
    severity: 'high',
    source: 'threshold',
    expression: `${metric}${tags.length > 0 ? `{${tags.join(',')}}` : ''} ${statistic} ${comparison} ${target}${unit === '' ? '' : ` ${unit}`}`,
    margin_percent: actual === null || target === 0 ? null : (sign * (target - actual) * 100) / target,
    note: actual === null ? 'No sample matched. Names that did occur: GET /products, GET /products/{id}.' : null,
    ...more,
  };
}

/** A Result over these metrics, complete by the schema; `more` replaces fields. */
export function resultOf(metrics: MetricsStore, more: Partial<Result> = {}): Result {
  const elapsedMs = (metrics.lastSampleMs ?? 0) - (metrics.firstSampleMs ?? 0);
  const checks = assembleChecks(metrics);
  const iterations = metrics.total('iterations')?.sum ?? 0;
  const kpis = [
    kpi(metrics, {
      metric: 'http_req_duration',
      statistic: 'p(95)',
      target: 250,
      unit: 'ms',
      severity: 'critical',
      source: 'target',
    }),
    kpi(metrics, { metric: 'http_req_duration', statistic: 'p(99)', target: 500, unit: 'ms' }),
    kpi(metrics, {
      metric: 'http_req_duration',
      filter: { name: 'GET /products' },
      statistic: 'p(95)',
      target: 60,
      unit: 'ms',
    }),
    kpi(metrics, { metric: 'http_req_failed', statistic: 'rate', target: 0.01, unit: '' }),
    kpi(metrics, { metric: 'checks', statistic: 'rate', comparison: '>', target: 0.95, unit: '', severity: 'medium' }),
    kpi(metrics, {
      metric: 'http_req_duration',
      filter: { name: 'GET /prodcts' },
      statistic: 'p(95)',
      target: 300,
      unit: 'ms',
    }),
  ];
  const missed = kpis.filter(({ verdict }) => verdict === 'fail');
  return {
    schema_version: 1,
    novaperf_version: '0.1.0',
    run: 'browse_20261123T100000Z',
    scenario: 'browse',
    component: 'Catalog',
    description: 'A visitor lists products, searches, opens one and orders it',
    profile: 'load',
    environment: 'demo',
    environment_source: 'configured',
    hosts: [],
    target_url: 'http://127.0.0.1:3000',
    build_version: '1.4.2+7f3c1d',
    started_at: new Date(LOAD_START_MS).toISOString(),
    load_started_at: null,
    load_ended_at: null,
    ended_at: new Date(LOAD_START_MS + elapsedMs).toISOString(),
    duration_ms: elapsedMs,
    status: missed.length > 0 ? 'fail' : 'pass',
    status_reason:
      missed.length > 0
        ? `${missed.length} of ${kpis.length} targets were missed and 1 had no data.`
        : 'Every target was met.',
    exit_code: missed.length > 0 ? 99 : 0,
    partial: false,
    script: 'scenarios/browse.ts',
    k6: {
      version: 'v2.2.0',
      path: '/usr/local/bin/k6',
      stream: 'samples',
      exit_code: 0,
      command: ['k6', 'run', '--quiet', '--out', 'json=-', 'browse.js'],
    },
    machine: { os: 'Linux 6.1 x64', cpu: 'AMD EPYC 7763', cores: 2, memory_bytes: 8.3e9, node: 'v20.19.4' },
    kpis,
    metrics: assembleMetrics(metrics, elapsedMs),
    endpoints: assembleEndpoints(metrics, elapsedMs),
    checks,
    errors: assembleErrors(metrics, checks, [], iterations),
    findings: [
      {
        kind: 'response_time_rose',
        severity: 'high',
        title: 'p95 of all endpoints rose by 60 % halfway through the run and stayed there',
        detail:
          'Before: 152 ms, after: 243 ms.\nThroughput did not change, so the load did not cause it.\nLook at what happened on the server at that time.',
        kpis: kpis.slice(0, 1).map(({ id }) => id),
        moved_with: kpis.slice(0, 1).map(({ id }) => id),
      },
      {
        kind: 'no_data',
        severity: 'medium',
        title: 'The target on {name:GET /prodcts} matched no request',
        detail: 'Names that did occur: GET /products, GET /products/{id}.',
        kpis: kpis.slice(5).map(({ id }) => id),
      },
    ],
    phases: [
      { name: 'ramp-up', kind: 'ramp-up', start_ms: 0, end_ms: elapsedMs * 0.2 },
      { name: 'hold', kind: 'hold', start_ms: elapsedMs * 0.2, end_ms: elapsedMs * 0.9 },
      { name: 'ramp-down', kind: 'ramp-down', start_ms: elapsedMs * 0.9, end_ms: elapsedMs },
    ],
    scenarios: { browse: { executor: 'ramping-vus', stages: [{ duration: '24s', target: 20 }] } },
    iterations: { completed: iterations, dropped: 0, exceptions: 0 },
    vus_max: metrics.total('vus')?.max ?? null,
    options: { scenarios: { browse: { executor: 'ramping-vus' } }, thresholds: { http_req_failed: ['rate<0.01'] } },
    generator: {
      state: 'clean',
      reasons: [],
      cpu_cores_avg: 0.41,
      cpu_cores_max: 0.5,
      cores_allowed: 2,
      resident_bytes_max: 9.1e7,
      sched_p99_ms: 0.42,
      goroutines_max: 60,
      dropped_iterations: 0,
      achieved_rate: null,
      backlog_max: 12,
    },
    server: {},
    stream: { complete: true, bad_lines: 0, bad_values: 0, lost_lines: 0 },
    files: { html: 'report.html', markdown: 'report.md' },
    conport: { progress_id: 12, decision_id: 4, performance_notes: [], test_execution_report: null, error_logs: [] },
    ...more,
  };
}
