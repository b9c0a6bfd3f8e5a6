// KPIs that novaperf adds to a run: that the requested load was reached, and that a soak does not degrade.

import type { Kpi } from '../model/kpi.ts';
import { DEGRADATION, RISE } from './drift-target.ts';

/** The requested load is reached if at least `achievedShare` of its iterations were started and at most `droppedShare` dropped. */
export const LOAD_LIMITS = { achievedShare: 0.98, droppedShare: 0.01 } as const;

/**
 * The KPIs that novaperf adds to a run. `requestedIterations`: iterations that the arrival rates requested until the end of the run, undefined
 * without arrival rates and for runs that were cut. `degradation`: the limits of a soak. `watchesMemory`: the SUT's memory is monitored.
 */
export function builtinKpis(
  requestedIterations: number | undefined,
  degradation: Degradation | undefined,
  watchesMemory: boolean,
): Kpi[] {
  return [...degradationKpis(degradation, watchesMemory), ...loadKpis(requestedIterations)];
}

/**
 * The limits of a soak. During the steady load no endpoint's p50 or p95 may rise by `percent` and `ms`, and the memory of no process may
 * keep rising by `percent` and `mb` (megabytes).
 */
export interface Degradation {
  readonly percent: number;
  readonly ms: number;
  readonly mb: number;
}

function degradationKpis(limits: Degradation | undefined, watchesMemory: boolean): Kpi[] {
  if (limits === undefined) return [];
  const common = { ...COMMON, comparison: '<', target: limits.percent, unit: '%' } as const;
  return [
    {
      ...common,
      id: 'no degradation',
      metric: 'http_req_duration',
      statistic: DEGRADATION,
      leastRise: limits.ms,
    },
    ...(watchesMemory
      ? [
          {
            ...common,
            id: 'no growing memory',
            metric: 'server.memory_bytes',
            statistic: RISE,
            leastRise: limits.mb * 1e6,
          },
        ]
      : []),
  ];
}

/** The count of started iterations, completed or interrupted at the end. It is calculated, not a metric of k6. */
export const BEGUN_ITERATIONS = 'iterations_begun';

const COMMON = { filter: {}, severity: 'high', source: 'builtin', unit: '' } as const;

function loadKpis(requestedIterations: number | undefined): Kpi[] {
  if (requestedIterations === undefined || requestedIterations <= 0) return [];
  return [
    {
      ...COMMON,
      id: 'asked rate reached',
      metric: BEGUN_ITERATIONS,
      statistic: 'count',
      comparison: '>=',
      target: Math.floor(requestedIterations * LOAD_LIMITS.achievedShare),
    },
    {
      ...COMMON,
      id: 'dropped iterations',
      metric: 'dropped_iterations',
      statistic: 'count',
      comparison: '<=',
      target: Math.floor(requestedIterations * LOAD_LIMITS.droppedShare),
    },
  ];
}
