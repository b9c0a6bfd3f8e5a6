// Facts and samples of a run, as the runner passes them to the live page; without k6 or load.

import { Windower } from '../../runner/metrics/samples/windower.ts';
import type { StreamSink } from '../../runner/metrics/sinks/sink.ts';
import type { Kpi } from '../../runner/model/kpi.ts';
import type { RunFacts } from '../../runner/model/run.ts';
import { METRICS } from '../report/sample-run.ts';

export const FACTS: RunFacts = {
  novaperfVersion: '0.1.0',
  run: 'browse_20261126T100000Z',
  startedAtMs: Date.parse('2026-11-26T10:00:00.000Z'),
  plan: {
    name: 'browse',
    component: 'Catalog',
    description: 'A visitor',
    scriptPath: '/project/scenarios/browse.ts',
    typed: true,
    profile: 'load',
    k6Scenarios: {},
    thresholds: [],
    phases: [{ name: 'hold', kind: 'hold', startMs: 0, endMs: 60_000 }],
    totalDurationMs: 60_000,
    maxVUs: 5,
    peakRate: undefined,
    options: {},
    hasHandleSummary: false,
  },
  environment: 'demo',
  environmentSource: 'configured',
  targetUrl: 'http://127.0.0.1:1',
  buildVersion: '1',
  k6: { version: '2.2.0', path: '/k6', stream: 'histograms', command: ['k6', 'run'] },
  machine: { os: 'Linux', cpu: 'cpu', cores: 2, memoryBytes: 4e9, node: 'v20' },
  verification: [],
};

export const KPI: Kpi = {
  id: 'http_req_duration p(95)<250',
  metric: 'http_req_duration',
  filter: {},
  statistic: 'p(95)',
  comparison: '<',
  target: 250,
  unit: 'ms',
  severity: 'high',
  source: 'threshold',
};

/** Sends one second of requests after another to a sink. */
export class LiveSamples {
  readonly #windower: Windower;
  second = 0;

  constructor(sink: StreamSink) {
    this.#windower = new Windower(sink);
  }

  pour(names: readonly string[], ms = 100): void {
    const timeMs = FACTS.startedAtMs + this.second++ * 1000;
    const add = (
      metric: (typeof METRICS)[keyof typeof METRICS],
      tags: Readonly<Record<string, string>>,
      value: number,
    ) =>
      this.#windower.add(
        this.#windower.seriesOf(this.#windower.declare(metric), this.#windower.tagSetOf(tags)),
        timeMs,
        0,
        value,
      );
    add(METRICS.vus, {}, 5);
    add(METRICS.iterations, {}, 1);
    for (const name of names) {
      const tags = { name, method: 'GET', status: '200', expected_response: 'true' };
      add(METRICS.http_reqs, tags, 1);
      add(METRICS.http_req_duration, tags, ms);
      add(METRICS.http_req_failed, tags, 0);
    }
    this.#windower.flush();
  }
}
