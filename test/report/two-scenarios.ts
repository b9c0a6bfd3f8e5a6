// Two k6 scenarios in one seeded run: the page must show the same for one of them as for a run of only that one.

import type { MetricsStore } from '../../runner/metrics/store/store.ts';
import { seeded } from '../seeded.ts';
import { METRICS, Samples } from './sample-run.ts';

/** Requests of `search` are slow and sometimes fail; `browse` has groups and an endpoint that both call. */
const SCENARIOS = {
  browse: { names: ['GET /products', 'GET /health'], ms: 20, failing: 0, group: '::shop' },
  search: { names: ['GET /search', 'GET /health'], ms: 90, failing: 0.1, group: '' },
} as const;

export type ScenarioName = keyof typeof SCENARIOS;

/** Ten requests a second of each given scenario for a minute; its samples do not depend on the others. */
export function scenarioSamples(...names: readonly ScenarioName[]): MetricsStore {
  const samples = new Samples();
  for (const scenario of ['browse', 'search'] as const) {
    const { names: endpoints, ms, failing, group } = SCENARIOS[scenario];
    const random = seeded(scenario === 'browse' ? 3 : 4);
    for (let index = 0; index < 600; index++) {
      const [which, how, fails] = [random(), random(), random()];
      if (!names.includes(scenario)) continue;
      const atMs = index * 100;
      const name = endpoints[which < 0.8 ? 0 : 1];
      const status = fails < failing ? '503' : '200';
      const tags = { scenario, name, method: 'GET', group, status, expected_response: String(status === '200') };
      samples.add(METRICS.http_reqs, tags, atMs, 1);
      samples.add(METRICS.http_req_duration, tags, atMs, ms * (0.5 + how));
      samples.add(METRICS.http_req_waiting, tags, atMs, ms * how);
      samples.add(METRICS.http_req_failed, tags, atMs, status === '200' ? 0 : 1);
      samples.add(METRICS.checks, { scenario, group, check: `${scenario} is 200` }, atMs, status === '200' ? 1 : 0);
      samples.add(METRICS.iterations, { scenario, group: '' }, atMs, 1);
      samples.add(METRICS.iteration_duration, { scenario, group: '' }, atMs, ms * 3);
      samples.add(METRICS.data_received, { scenario, group: '' }, atMs, 500 + ms);
      if (group !== '') samples.add(METRICS.group_duration, { scenario, group }, atMs, ms * 2);
      if (scenario === 'search') samples.add(METRICS.order_time, { scenario, group: '' }, atMs, ms * how);
    }
  }
  for (let second = 0; second < 60; second++) samples.add(METRICS.vus, {}, second * 1000 + 10, 5);
  return samples.done();
}

/** The scenarios of the result, as k6 inspects them. */
export const TWO_SCENARIOS = {
  browse: { executor: 'constant-vus', vus: 5, duration: '1m' },
  search: { executor: 'constant-arrival-rate', rate: 10, timeUnit: '1s', duration: '1m' },
};
