// Plans and results of made-up runs, valid by the schemas of the real ones; a temporary store for a test.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScenarioPlan } from '../../runner/model/plan.ts';
import {
  type Result,
  type ResultEndpoint,
  type ResultError,
  type ResultKpi,
  resultSchema,
} from '../../runner/model/result.ts';
import { type ConportStore, openStore } from '../../runner/records/store/store.ts';

export const ENDED_AT = '2026-11-23T14:40:04.000Z';

export function aPlan(changes: Partial<ScenarioPlan> = {}): ScenarioPlan {
  return {
    name: 'browse-catalog',
    component: 'Catalog',
    description: 'A visitor lists products',
    scriptPath: '/project/scenarios/browse-catalog.ts',
    typed: true,
    profile: 'load',
    k6Scenarios: { default: { executor: 'constant-vus' } },
    thresholds: [],
    phases: [],
    totalDurationMs: 240_000,
    maxVUs: 20,
    peakRate: undefined,
    options: {},
    hasHandleSummary: false,
    ...changes,
  };
}

export function aKpi(changes: Partial<ResultKpi> = {}): ResultKpi {
  return {
    id: 'page_latency',
    metric: 'http_req_duration',
    filter: { name: 'GET /products' },
    statistic: 'p(95)',
    comparison: '<',
    target: 300,
    actual: 120.5,
    ci_low: 118,
    ci_high: 124,
    confidence: 'firm',
    unit: 'ms',
    samples: 4000,
    verdict: 'pass',
    severity: 'high',
    source: 'target',
    expression: 'http_req_duration{name:GET /products} p(95) < 300 ms',
    margin_percent: 59.8,
    note: null,
    ...changes,
  };
}

export function anError(changes: Partial<ResultError> = {}): ResultError {
  return {
    kind: 'http',
    endpoint: 'POST /orders',
    method: 'POST',
    url: 'POST /orders',
    status: '500',
    code: '1500',
    message: 'status 500',
    count: 12,
    share: 0.05,
    first_seen_at: '2026-11-23T14:37:00.000Z',
    last_seen_at: '2026-11-23T14:39:00.000Z',
    where: null,
    samples: [],
    ...changes,
  };
}

export function anEndpoint(changes: Partial<ResultEndpoint> = {}): ResultEndpoint {
  const none = { avg: null, min: null, med: null, p90: null, p95: null, p99: null, p999: null, max: null };
  return {
    ...{
      name: 'GET /products',
      method: 'GET',
      protocol: 'http',
      requests: 100,
      rate_per_s: 1,
      failed: 0,
      error_rate: 0,
    },
    ...none,
    all: { med: null, p95: null, p99: null, max: null },
    statuses: {},
    ...changes,
  };
}

export function aResult(changes: Partial<Result> = {}): Result {
  return resultSchema.parse({
    schema_version: 1,
    novaperf_version: '0.1.0',
    run: 'browse-catalog_20261123T143604Z',
    scenario: 'browse-catalog',
    component: 'Catalog',
    description: 'A visitor lists products',
    profile: 'load',
    environment: 'demo',
    target_url: 'http://127.0.0.1:8080',
    build_version: '1.4.2',
    started_at: '2026-11-23T14:36:04.000Z',
    ended_at: ENDED_AT,
    duration_ms: 240_000,
    status: 'pass',
    status_reason: 'the target was met',
    exit_code: 0,
    partial: false,
    script: '/project/scenarios/browse-catalog.ts',
    k6: { version: '2.2.0', path: '/usr/bin/k6', stream: 'samples', exit_code: 0, command: ['k6', 'run'] },
    machine: { os: 'Linux', cpu: 'x', cores: 2, memory_bytes: 1, node: '20.20.2' },
    kpis: [aKpi()],
    metrics: {},
    endpoints: [],
    checks: [],
    errors: [],
    findings: [],
    phases: [],
    scenarios: { default: { executor: 'constant-vus' } },
    iterations: { completed: 100, dropped: 0, exceptions: 0 },
    vus_max: 20,
    options: {},
    generator: {
      state: 'clean',
      reasons: [],
      cpu_cores_avg: null,
      cpu_cores_max: null,
      cores_allowed: null,
      resident_bytes_max: null,
      sched_p99_ms: null,
      goroutines_max: null,
      dropped_iterations: 0,
      achieved_rate: null,
      backlog_max: null,
    },
    server: {},
    stream: { complete: true, bad_lines: 0, bad_values: 0, lost_lines: 0 },
    files: {},
    conport: {
      progress_id: null,
      decision_id: null,
      performance_notes: [],
      test_execution_report: null,
      error_logs: [],
    },
    ...changes,
  });
}

/** A folder that is removed after the test. */
export async function inTemporaryFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'novaperf-conport-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function inStore(work: (store: ConportStore) => Promise<void>): Promise<void> {
  await inTemporaryFolder(async (folder) => work(await openStore(join(folder, 'conport'))));
}
