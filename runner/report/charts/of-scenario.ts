// One k6 scenario as if it were the whole run: every chart and table that is made from a run can be made from it.

import type { RunMetrics, TagFilter } from '../../model/metrics.ts';
import type { Result, ResultKpi } from '../../model/result.ts';
import type { ChartInput } from './chart.ts';

/** Points of a line for all scenarios together, so that a page with many of them stays small. */
const POINTS_OF_ALL = 400;
const MOST_POINTS = 100;
const FEWEST_POINTS = 24;

/** The samples with these tags alone. What has no tags of the script (the SUT, the load generator) is left out. */
function withTags(metrics: RunMetrics, tags: TagFilter): RunMetrics {
  const within = (filter: TagFilter = {}) => ({ ...filter, ...tags });
  const { firstSampleMs, lastSampleMs, load, intervalMs, faults, series } = metrics;
  return {
    metrics: metrics.metrics,
    series,
    firstSampleMs,
    lastSampleMs,
    load,
    intervalMs,
    health: [],
    faults,
    total: (metric, filter, range) => metrics.total(metric, within(filter), range),
    uncertain: (metric, filter) => metrics.uncertain(metric, within(filter)),
    timeline: (metric, filter) => metrics.timeline(metric, within(filter)),
    groupBy: (metric, names, filter) => metrics.groupBy(metric, names, within(filter)),
    seen: (metric, filter) => metrics.seen(metric, within(filter)),
  };
}

/** Targets on this scenario's samples, as targets on the whole of what is shown. */
function ownKpis(kpis: readonly ResultKpi[], name: string): ResultKpi[] {
  return kpis.flatMap((kpi) => {
    const { scenario, ...filter } = kpi.filter;
    return scenario === name ? [{ ...kpi, filter }] : [];
  });
}

/** `input` as the scenario `name` alone, of a run with so many of them: the same time axis, fewer points. */
export function ofScenario(input: ChartInput, name: string, scenarios: number): ChartInput {
  const { result, metrics } = input;
  const filter = { scenario: name };
  const own = result.scenarios[name];
  const scenarioResult: Result = {
    ...result,
    kpis: ownKpis(result.kpis, name),
    scenarios: own === undefined ? {} : { [name]: own },
    // Those of the result are of all scenarios.
    metrics: {},
    iterations: {
      ...result.iterations,
      completed: metrics.total('iterations', filter)?.sum ?? 0,
      dropped: metrics.total('dropped_iterations', filter)?.sum ?? 0,
    },
  };
  return {
    ...input,
    isPart: true,
    result: scenarioResult,
    metrics: withTags(metrics, filter),
    mostPoints: Math.min(MOST_POINTS, Math.max(FEWEST_POINTS, Math.floor(POINTS_OF_ALL / Math.max(scenarios, 1)))),
  };
}
