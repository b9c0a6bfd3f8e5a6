// What an open model asks of the run itself becomes KPIs that nobody has to write: the asked load arrived.

import type { Kpi } from '../model/kpi.ts';
import { DEGRADATION, RISE } from './drift-target.ts';

/** The load is the one that was asked for with this share of its iterations begun, and no more than that share dropped. */
export const LOAD_LIMITS = { achievedShare: 0.98, droppedShare: 0.01 } as const;

/**
 * KPIs on the load of an open model: `askedIterations` is what its arrival rates asked for up to the end of the run, undefined
 * for closed models and for runs that were cut, which have none.
 */
export function builtinKpis(
  askedIterations: number | undefined,
  degradation: Degradation | undefined,
  watchesMemory: boolean,
): Kpi[] {
  return [...degradationKpis(degradation, watchesMemory), ...loadKpis(askedIterations)];
}

/**
 * A soak asks whether it stays as good: over the steady load no endpoint's p50 or p95 rises by so much in percent and in milliseconds, and
 * the memory of no process goes on rising by so much in percent and in megabytes.
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

/** What the first of them counts: iterations that were begun, whether they completed or were cut at the end. No metric of k6's. */
export const BEGUN_ITERATIONS = 'iterations_begun';

const COMMON = { filter: {}, severity: 'high', source: 'builtin', unit: '' } as const;

function loadKpis(askedIterations: number | undefined): Kpi[] {
  if (askedIterations === undefined || askedIterations <= 0) return [];
  return [
    {
      ...COMMON,
      id: 'asked rate reached',
      metric: BEGUN_ITERATIONS,
      statistic: 'count',
      comparison: '>=',
      target: Math.floor(askedIterations * LOAD_LIMITS.achievedShare),
    },
    {
      ...COMMON,
      id: 'dropped iterations',
      metric: 'dropped_iterations',
      statistic: 'count',
      comparison: '<=',
      target: Math.floor(askedIterations * LOAD_LIMITS.droppedShare),
    },
  ];
}
