// Judges the built-in KPIs on the load of an open model, from the counts of its iterations.

import type { JudgedKpi, Kpi } from '../../model/kpi.ts';
import { BEGUN_ITERATIONS } from '../../targets/builtin-kpis.ts';
import type { IterationCounts } from '../load/iterations.ts';
import { byValue } from '../statistics/decide.ts';

/**
 * Compares started and dropped iterations of arrival-rate scenarios with the KPI; undefined for a KPI on something
 * else.
 */
export function judgeDemand(
  kpi: Kpi,
  { open, dropped }: Pick<IterationCounts, 'open' | 'dropped'>,
): JudgedKpi | undefined {
  const actual =
    kpi.metric === BEGUN_ITERATIONS ? open?.begun : kpi.metric === 'dropped_iterations' ? dropped : undefined;
  if (actual === undefined) return undefined;
  return {
    ...kpi,
    ...byValue(kpi, actual, 'exact'),
    actual,
    ciLow: undefined,
    ciHigh: undefined,
    intervalAbsence: 'exact',
    confidence: 'unknown',
    samples: actual,
    note: kpi.metric === 'dropped_iterations' && dropped === 0 ? 'nothing was dropped' : undefined,
  };
}
