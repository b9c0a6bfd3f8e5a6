// Builds the rows for the journeys of a scenario (defineScenario's `journeys`): their share of the load, and their
// figures.

import type { RunMetrics } from '../../model/metrics.ts';
import type { ScenarioPlan } from '../../model/plan.ts';
import type { ResultJourney } from '../../model/result.ts';
import { primaryLatency } from '../requests/primary.ts';

type K6Scenario = ScenarioPlan['k6Scenarios'][string];

/** True if a k6 scenario is a journey: its tag `journey` is its own name. */
export function isJourney(name: string, { tags }: K6Scenario): boolean {
  return typeof tags === 'object' && tags !== null && 'journey' in tags && tags.journey === name;
}

/**
 * One row per journey, in the order of the definition; empty if the script has none. `share_asked`: share of the
 * virtual users, or of the iterations per second in open models, at the highest load. `share`: share of the completed
 * iterations.
 */
export function assembleJourneys(
  metrics: RunMetrics,
  k6Scenarios: ScenarioPlan['k6Scenarios'],
  elapsedMs: number,
): ResultJourney[] {
  const journeys = Object.entries(k6Scenarios).filter(([name, scenario]) => isJourney(name, scenario));
  const sizes = journeys.map(([, scenario]) => sizeOf(scenario));
  const whole = sizes.reduce((sum, size) => sum + size, 0);
  const primary = primaryLatency(metrics);
  const iterationsOf = (name: string) => metrics.total('iterations', { journey: name })?.sum ?? 0;
  const all = journeys.reduce((sum, [name]) => sum + iterationsOf(name), 0);
  return journeys.map(([name], index) => {
    const filter = { journey: name };
    const iterations = iterationsOf(name);
    const latency = primary && metrics.total(primary.metric, { ...primary.filter, ...filter });
    return {
      name,
      share_asked: whole > 0 ? (sizes[index] ?? 0) / whole : null,
      share: all > 0 ? iterations / all : null,
      iterations,
      rate_per_s: elapsedMs > 0 ? (iterations * 1000) / elapsedMs : null,
      requests: metrics.total('http_reqs', filter)?.sum ?? 0,
      error_rate: metrics.total('http_req_failed', filter)?.mean ?? null,
      latency_metric: primary?.metric ?? null,
      med: latency?.quantile(0.5) ?? null,
      p95: latency?.quantile(0.95) ?? null,
      p99: latency?.quantile(0.99) ?? null,
      max: latency?.max ?? null,
    };
  });
}

/** The highest load that an executor requests; all journeys of a scenario use the same unit. */
function sizeOf({ vus, rate, stages }: K6Scenario): number {
  const targets = Array.isArray(stages) ? stages.map((stage: { target?: unknown }) => stage.target) : [];
  return Math.max(0, ...[vus, rate, ...targets].filter((each) => typeof each === 'number'));
}
