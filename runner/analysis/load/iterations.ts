// What a stream says of iterations and what the scenarios asked for become counts: asked, begun, completed, interrupted, dropped.

import type { RunMetrics, Series } from '../../model/metrics.ts';
import type { ScenarioPlan } from '../../model/plan.ts';
import { askedIterations, openScenarios } from './arrival-rate.ts';

export interface IterationCounts {
  readonly completed: number;
  /** Iterations that a VU began. undefined: the stream does not say. */
  readonly begun: number | undefined;
  /** Begun and cut: when gracefulStop or gracefulRampDown was over, or the run was stopped. */
  readonly interrupted: number | undefined;
  /** Arrival-rate scenarios had no free VU for them. */
  readonly dropped: number;
  /** Iterations of shared-iterations and per-vu-iterations that were not begun when maxDuration was over. */
  readonly notBegun: number;
  /** Completed ones of the scenarios that `notBegun` is of. */
  readonly completedOfThem: number;
  /** What the arrival-rate scenarios of this instance were asked for, and began. undefined: no such scenario, or not known. */
  readonly open: { readonly asked: number; readonly begun: number } | undefined;
}

export interface Demand {
  readonly scenarios: ScenarioPlan['k6Scenarios'];
  readonly options: ScenarioPlan['options'];
  /** Milliseconds of load. undefined: the run was cut, and is not compared with what it could not finish. */
  readonly elapsedMs: number | undefined;
}

/**
 * Counts the iterations of a run. k6 pushes one sample of data_sent at the end of every iteration, completed or interrupted
 * (internal/js/runner.go, runFn), and one of iterations only when it completed.
 */
export function countIterations(metrics: RunMetrics, { scenarios, options, elapsedMs }: Demand): IterationCounts {
  const completed = metrics.total('iterations')?.sum ?? 0;
  const begun = begunIn(metrics, completed);
  const asked = elapsedMs === undefined ? undefined : askedIterations(scenarios, elapsedMs, options);
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

/** Iterations begun, in all or in one scenario; `completed` is the least it can be. undefined where setup() cannot be distinguished. */
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

/** Iterations that the arrival-rate scenarios began: all of the run's, or those that carry their names. */
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
 * k6 counts both into dropped_iterations. By the executor of the scenario where it is known; else by the samples: an arrival rate
 * drops one at a time, the others say once how many are left.
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
