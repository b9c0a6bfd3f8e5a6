// Results of many runs of a few scenarios, all from one seeded run, for tests of the list of all runs.

import { latencyFigures } from '../../runner/analysis/requests/primary.ts';
import type { Result, ResultKpi } from '../../runner/model/result.ts';
import { seeded } from '../seeded.ts';
import { resultOf, shopSamples } from './sample-run.ts';

const metrics = shopSamples({ seconds: 60, requestsPerSecond: 30 });
const latency = latencyFigures(metrics);
const sample = resultOf(metrics);

export const FIRST_START_MS = Date.parse(sample.started_at);
const SCENARIOS = ['browse', 'checkout', 'search'];

/** A target on response time that this run met or missed, by its value. */
function judged(kpi: ResultKpi, factor: number): ResultKpi {
  if (kpi.actual === null || kpi.unit !== 'ms') return kpi;
  const actual = kpi.actual * factor;
  return { ...kpi, actual, verdict: actual < kpi.target ? 'pass' : 'fail' };
}

/**
 * One run an hour, the last one newest: three scenarios in turn, two profiles, a new build every tenth run; p95 is 200 ms and
 * 1 ms more a run; every fifth run failed.
 */
export function manyRuns(runs: number): Result[] {
  const random = seeded(11);
  return Array.from({ length: runs }, (_, index) => ({
    ...sample,
    run: `run_${index}`,
    scenario: SCENARIOS[index % 3] ?? '',
    profile: index % 2 === 0 ? 'load' : 'soak',
    build_version: `1.4.${Math.floor(index / 10)}`,
    status: index % 5 === 0 ? 'fail' : 'pass',
    kpis: sample.kpis.map((kpi) => judged(kpi, 0.7 + random() * 0.6)),
    started_at: new Date(FIRST_START_MS + index * 3_600_000).toISOString(),
    latency: latency === null ? null : { ...latency, p95: 200 + index },
  }));
}
