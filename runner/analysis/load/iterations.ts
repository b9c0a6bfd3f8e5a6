// Counts iterations from the stream and the scenarios: requested, started, completed, interrupted, dropped.

import type { RunMetrics, Series } from '../../model/metrics.ts';
import type { ScenarioPlan } from '../../model/plan.ts';
import { openScenarios, requestedIterations } from './arrival-rate.ts';

export interface IterationCounts {
  readonly completed: number;
  /** Iterations that a VU started. undefined: not known from the stream. */
  readonly begun: number | undefined;
  /** Started but not completed: gracefulStop or gracefulRampDown expired, or the run was stopped. */
  readonly interrupted: number | undefined;
  /** Iterations of arrival-rate scenarios without a free VU. */
  readonly dropped: number;
  /** Iterations of shared-iterations and per-vu-iterations that were not started when maxDuration expired. */
  readonly notBegun: number;
  /** Completed iterations of the scenarios that `notBegun` refers to. */
  readonly completedOfThem: number;
  /**
   * Iterations that the arrival-rate scenarios of this instance requested and started. undefined: no such scenario, or
   * not known.
   */
  readonly open: { readonly asked: number; readonly begun: number } | undefined;
}

/** What the scenarios requested. */
export interface Demand {
  readonly scenarios: ScenarioPlan['k6Scenarios'];
  readonly options: ScenarioPlan['options'];
  /** Length of the load, milliseconds. undefined: the run was cut, so it is not compared with the plan. */
  readonly elapsedMs: number | undefined;
}

/**
 * Counts the iterations of a run. k6 emits one sample of data_sent at the end of every iteration, completed or
 * interrupted (internal/js/runner.go, runFn), and one of iterations only for a completed one.
 */
export function countIterations(metrics: RunMetrics, { scenarios, options, elapsedMs }: Demand): IterationCounts {
  const completed = metrics.total('iterations')?.sum ?? 0;
  const begun = begunIn(metrics, completed);
  const asked = elapsedMs === undefined ? undefined : requestedIterations(scenarios, elapsedMs, options);
  const { dropped, notBegun, completedOfThem } = missing(metrics, scenarios);
  const openBegun = begunByRate(metrics, scenarios, begun);
  return {
    completed,
    begun,
    interrupted: begun === undefined ? undefined : begun - completed,
    dropped,
    notBegun,
    completedOfThem,
    open: asked === undefined || openBegun === undefined ? undefined : { asked, begun: openBegun },
  };
}

/**
 * Iterations started, in total or in one scenario, at least `completed`. undefined if setup() cannot be distinguished.
 */
function begunIn(metrics: RunMetrics, completed: number, scenario?: string): number | undefined {
  const ended = metrics.series.filter(({ metric, tags }) => metric.name === 'data_sent' && !isOutsideLoad(tags));
  if (ended.length === 0 || ended.some(({ tags }) => tags.scenario === undefined && tags.group === undefined)) {
    return undefined;
  }
  if (scenario !== undefined && ended.some(({ tags }) => tags.scenario === undefined)) return undefined;
  const filter = scenario === undefined ? {} : { scenario };
  const groups = metrics.groupBy('data_sent', ['group', 'scenario'], filter);
  const count = groups.reduce((sum, { tags, aggregate }) => sum + (isOutsideLoad(tags) ? 0 : aggregate.count), 0);
  return Math.max(completed, count);
}

function isOutsideLoad({ group }: Series['tags']): boolean {
  return group === '::setup' || group === '::teardown';
}

/** Iterations that the arrival-rate scenarios started: all of the run's, or those tagged with their names. */
function begunByRate(
  metrics: RunMetrics,
  scenarios: Demand['scenarios'],
  begun: number | undefined,
): number | undefined {
  const open = openScenarios(scenarios);
  if (open.length === Object.keys(scenarios).length) return begun;
  const each = open.map(({ name }) => {
    const completed = metrics.total('iterations', { scenario: name })?.sum ?? 0;
    return begunIn(metrics, completed, name);
  });
  return each.reduce<number | undefined>(
    (sum, count) => (sum === undefined || count === undefined ? undefined : sum + count),
    0,
  );
}

const BY_NUMBER = new Set(['shared-iterations', 'per-vu-iterations']);

/**
 * k6 counts both kinds in dropped_iterations. The scenario's executor distinguishes them if known, otherwise the
 * samples do: an arrival rate drops one at a time, other executors report the rest in one sample.
 */
function missing(
  metrics: RunMetrics,
  scenarios: Demand['scenarios'],
): Pick<IterationCounts, 'dropped' | 'notBegun' | 'completedOfThem'> {
  const executors = new Set(Object.values(scenarios).map(({ executor }) => executor));
  const isByNumber = (scenario: string, isOneByOne: boolean) => {
    const executor = Object.hasOwn(scenarios, scenario) ? scenarios[scenario]?.executor : undefined;
    if (executor !== undefined) return BY_NUMBER.has(executor);
    return executors.size > 0 ? [...executors].every((one) => BY_NUMBER.has(one)) : !isOneByOne;
  };
  const sums = { dropped: 0, notBegun: 0, completedOfThem: 0 };
  for (const { tags, aggregate } of metrics.groupBy('dropped_iterations', ['scenario'])) {
    const where = isByNumber(tags.scenario ?? '', aggregate.sum === aggregate.count) ? 'notBegun' : 'dropped';
    sums[where] += aggregate.sum;
    if (where === 'notBegun') sums.completedOfThem += metrics.total('iterations', tags)?.sum ?? 0;
  }
  return sums;
}
