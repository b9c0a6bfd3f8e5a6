// The value of a target within a part of the run.

import type { Kpi } from '../../model/kpi.ts';
import type { RunMetrics, TimeRange } from '../../model/metrics.ts';
import { isOverTime } from '../../targets/drift-target.ts';
import { inK6Unit } from '../../targets/unit.ts';
import { comparedValue, meets } from './statistic.ts';

export interface PartValue {
  /** In the unit of the metric, as `kpi`. */
  readonly value: number;
  readonly kpi: Kpi;
  readonly isMet: boolean;
}

/**
 * undefined if the part has no sample, or the target cannot be measured over a part: counts, gauges, and targets with
 * their own `during` or `over`.
 */
export function valueWithin(asked: Kpi, metrics: RunMetrics, range: TimeRange): PartValue | undefined {
  const metric = metrics.metrics.get(asked.metric);
  if (metric === undefined || (metric.type !== 'trend' && metric.type !== 'rate')) return undefined;
  const { statistic, comparison, during, overMs, source } = asked;
  if (source === 'builtin' || during !== undefined || overMs !== undefined || isOverTime(statistic)) return undefined;
  if (comparison === '==' || comparison === '!=') return undefined;
  const kpi = inK6Unit(asked, metric);
  const aggregate = metrics.total(kpi.metric, kpi.filter, range);
  if (aggregate === undefined || aggregate.count === 0) return undefined;
  const value = comparedValue(aggregate, kpi, range.toMs - range.fromMs);
  return value === undefined ? undefined : { value, kpi, isMet: meets(value, comparison, kpi.target) };
}
