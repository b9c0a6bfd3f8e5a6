// CPU of the analysis of 8 hours with 50 endpoints: observations, drift of every endpoint, and causes. Each figure is from a fresh
// process, like `novaperf report`: `tsx bench/verdicts/analysis-cost.ts` prints one.

import { spawnSync } from 'node:child_process';
import { assembleEndpoints } from '../../runner/analysis/result/assemble-endpoints.ts';
import { assembleMetrics } from '../../runner/analysis/result/assemble-metrics.ts';
import { keyOf } from '../../runner/metrics/buckets/histogram.ts';
import { MetricsStore } from '../../runner/metrics/store/store.ts';
import type { Bins, Metric, Series, Tags } from '../../runner/model/metrics.ts';
import { analyseSimulated } from './simulated-result.ts';
import { SIMULATED_START_MS } from './simulated-shop.ts';
import { normal, seeded } from './streams.ts';

const HOURS = 8;
const ENDPOINTS = 50;
const PER_MINUTE = 80;
const MINUTE_MS = 60_000;
const RUNS = 5;

const trend = (name: string): Metric => ({ name, type: 'trend', contains: 'time' });
const PARTS = ['duration', 'waiting', 'receiving', 'sending', 'blocked'].map((part) => trend(`http_req_${part}`));
const COUNTS: readonly Metric[] = [
  { name: 'http_reqs', type: 'counter', contains: 'default' },
  { name: 'http_req_failed', type: 'rate', contains: 'default' },
];
const ITERATIONS = trend('iteration_duration');
const VUS: Metric = { name: 'vus', type: 'gauge', contains: 'default' };

function longRun(): MetricsStore {
  const store = new MetricsStore({ timeline: true });
  const random = seeded(1);
  let ids = 0;
  const seriesOf = (metric: Metric, tags: Tags): Series => ({ id: ids++, metric, tags });
  const add = (series: Series, minute: number, values: readonly number[]) => {
    const sum = values.reduce((total, value) => total + value, 0);
    const [min, max] = [Math.min(...values), Math.max(...values)];
    const startMs = SIMULATED_START_MS + minute * MINUTE_MS;
    const isTrend = series.metric.type === 'trend';
    const window = { series, startMs, lengthMs: MINUTE_MS, count: values.length, sum, min, max, last: values[0] ?? 0 };
    store.sink.window(isTrend ? { ...window, bins: binsOf(values) } : window);
  };
  const endpoints = Array.from({ length: ENDPOINTS }, (_, i) => {
    const name = `GET /resource/${i}`;
    const tags = { name, method: 'GET', status: '200', scenario: 'default', expected_response: 'true' };
    return [...PARTS, ...COUNTS].map((metric) => seriesOf(metric, tags));
  });
  const iterations = seriesOf(ITERATIONS, { scenario: 'default' });
  const vus = seriesOf(VUS, {});
  for (let minute = 0; minute < HOURS * 60; minute++) {
    for (const [i, all] of endpoints.entries()) {
      const times = Array.from({ length: PER_MINUTE }, () => 20 * (1 + i / 10) * Math.exp(0.5 * normal(random)));
      for (const series of all) add(series, minute, series.metric.type === 'rate' ? times.map(() => 0) : times);
    }
    add(
      iterations,
      minute,
      Array.from({ length: PER_MINUTE }, () => 8000 * Math.exp(0.1 * normal(random))),
    );
    add(vus, minute, [20]);
  }
  store.end({ badLines: 0, badValues: 0, lostLines: 0, complete: true, overflow: [] });
  return store;
}

function binsOf(values: readonly number[]): Bins {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(keyOf(value), (counts.get(keyOf(value)) ?? 0) + 1);
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return { keys: Int32Array.from(sorted, ([key]) => key), counts: Float64Array.from(sorted, ([, count]) => count) };
}

/** CPU milliseconds of this process, without the tables of the report. */
function measureOnce(): number {
  const metrics = longRun();
  const seconds = HOURS * 3600;
  assembleMetrics(metrics, seconds * 1000);
  assembleEndpoints(metrics, seconds * 1000);
  const before = process.cpuUsage();
  analyseSimulated({ profile: 'soak', seconds, metrics, kpis: [] });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** CPU milliseconds of several processes, ascending. */
export function analysisCosts(): number[] {
  const costs = Array.from({ length: RUNS }, () => {
    const { stdout, stderr } = spawnSync('npx', ['tsx', import.meta.filename], { encoding: 'utf8' });
    const cost = Number(stdout);
    if (stdout.trim() === '' || Number.isNaN(cost)) throw new Error(`Expected milliseconds, found ${stdout}${stderr}`);
    return cost;
  });
  return costs.sort((a, b) => a - b);
}

if (process.argv[1] === import.meta.filename) process.stdout.write(`${measureOnce()}\n`);
