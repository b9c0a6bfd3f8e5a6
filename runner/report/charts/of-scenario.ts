// One k6 scenario in the form of a whole run, so that the charts of a run can be made for it.

import type { RunMetrics, TagFilter } from '../../model/metrics.ts';
import type { Result, ResultKpi } from '../../model/result.ts';
import type { ChartInput } from './chart.ts';

/** Points of a line, all scenarios together; it keeps pages with many scenarios small. */
const POINTS_OF_ALL = 400;
const MOST_POINTS = 100;
const FEWEST_POINTS = 24;

/** Only the samples with these tags. Data of the SUT and the load generator, which has no tags, is left out. */
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

/** The targets on this scenario, without the scenario in their filter. */
function ownKpis(kpis: readonly ResultKpi[], name: string): ResultKpi[] {
  return kpis.flatMap((kpi) => {
    const { scenario, ...filter } = kpi.filter;
    return scenario === name ? [{ ...kpi, filter }] : [];
  });
}

/** The input reduced to one scenario: the same time axis, fewer points. `scenarios`: how many the run has. */
export function ofScenario(input: ChartInput, name: string, scenarios: number): ChartInput {
  const { result, metrics } = input;
  const filter = { scenario: name };
  const own = result.scenarios[name];
  const scenarioResult: Result = {
    ...result,
    kpis: ownKpis(result.kpis, name),
    scenarios: own === undefined ? {} : { [name]: own },
    // Empty, because the metrics of the result cover all scenarios.
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
