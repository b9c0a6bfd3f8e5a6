// The Result of a simulated run, by the same analysis as for a real one.

import { analyseRun } from '../../runner/analysis/result/analyse.ts';
import type { Kpi } from '../../runner/model/kpi.ts';
import type { RunMetrics } from '../../runner/model/metrics.ts';
import type { ScenarioPlan } from '../../runner/model/plan.ts';
import type { Result } from '../../runner/model/result.ts';
import type { Outcome, RunFacts } from '../../runner/model/run.ts';
import { kpisFromThresholds } from '../../runner/targets/targets.ts';
import { SIMULATED_START_MS, type SimulatedRun, simulateRun } from './simulated-shop.ts';

/** A simulated run with thresholds. */
export interface SimulatedResult extends SimulatedRun {
  readonly profile: ScenarioPlan['profile'];
  /** `http_req_duration{name:GET /search} p(95)<250`, … */
  readonly thresholds?: ReadonlyArray<readonly [metric: string, expression: string]>;
}

/** Simulates a run and analyses it. */
export function simulateResult(run: SimulatedResult): Result {
  const { profile, seconds, thresholds = [] } = run;
  const kpis: Kpi[] = kpisFromThresholds(
    thresholds.map(([metric, expression]) => ({ metric, expression, abortOnFail: false, delayAbortEvalMs: 0 })),
  );
  return analyseSimulated({ profile, seconds, metrics: simulateRun(run), kpis });
}

/** The analysis of simulated numbers: facts and outcome of a complete run of that length. */
export function analyseSimulated({
  profile,
  seconds,
  metrics,
  kpis,
}: Pick<SimulatedResult, 'profile' | 'seconds'> & { readonly metrics: RunMetrics; readonly kpis: readonly Kpi[] }) {
  return analyseRun({ facts: factsOf(profile, seconds), outcome: outcomeOf(seconds), metrics, kpis });
}

function factsOf(profile: ScenarioPlan['profile'], seconds: number): RunFacts {
  return {
    novaperfVersion: '0.0.0',
    run: 'Simulated_20261123T100000Z',
    startedAtMs: SIMULATED_START_MS,
    plan: {
      name: 'simulated',
      component: 'Shop',
      description: 'A simulated run',
      scriptPath: '/scenarios/simulated.ts',
      typed: true,
      profile,
      k6Scenarios: { default: { executor: 'constant-vus' } },
      thresholds: [],
      phases: [{ name: 'steady', kind: 'hold', startMs: 0, endMs: seconds * 1000 }],
      totalDurationMs: seconds * 1000,
      maxVUs: 20,
      peakRate: undefined,
      options: {},
      hasHandleSummary: false,
    },
    environment: 'demo',
    environmentSource: 'configured',
    targetUrl: 'http://127.0.0.1:1',
    buildVersion: 'simulated',
    k6: { version: 'v2.2.0', path: 'k6', stream: 'histograms', command: [] },
    machine: { os: 'linux', cpu: 'simulated', cores: 2, memoryBytes: 8e9, node: process.version },
    verification: [],
  };
}

function outcomeOf(seconds: number): Outcome {
  return {
    endedAtMs: SIMULATED_START_MS + seconds * 1000,
    k6ExitCode: 0,
    firstSampleMs: SIMULATED_START_MS,
    lastSampleMs: SIMULATED_START_MS + seconds * 1000,
    stoppedBy: null,
    abortedByKpi: null,
    exceptions: [],
    faults: { badLines: 0, badValues: 0, lostLines: 0, complete: true, overflow: [] },
    warnings: [],
    samples: [],
  };
}
