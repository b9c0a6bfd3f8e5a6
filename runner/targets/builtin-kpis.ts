// What an open model asks of the run itself becomes KPIs that nobody has to write: the asked load arrived.

import type { Kpi } from '../model/kpi.ts';

/** Below this share of the asked iterations the load was not the one that was asked for. */
export const ACHIEVED_SHARE = 0.98;

/**
 * KPIs on the load of an open model: `askedIterations` is what its arrival rates asked for up to the end of the run, undefined
 * for closed models and for runs that were cut, which have none. A handful of iterations may be under way at the end.
 */
export function builtinKpis(askedIterations: number | undefined): Kpi[] {
  if (askedIterations === undefined || askedIterations <= 0) return [];
  const common = { filter: {}, severity: 'high', source: 'builtin', unit: '' } as const;
  return [
    {
      ...common,
      id: 'asked rate reached',
      metric: 'iterations',
      statistic: 'count',
      comparison: '>=',
      target: Math.floor(askedIterations * ACHIEVED_SHARE),
    },
    {
      ...common,
      id: 'no dropped iterations',
      metric: 'dropped_iterations',
      statistic: 'count',
      comparison: '<=',
      target: 0,
    },
  ];
}
