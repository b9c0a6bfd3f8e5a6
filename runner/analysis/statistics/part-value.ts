// A part of a run → the value of a target in it, where a part says the same as the whole.

import type { Kpi } from '../../model/kpi.ts';
import type { RunMetrics, TimeRange } from '../../model/metrics.ts';
import { isOverTime } from '../../targets/drift-target.ts';
import { inK6Unit } from '../../targets/unit.ts';
import { comparedValue, meets } from './statistic.ts';

export interface PartValue {
  /** In the unit of the metric, as `kpi` is. */
  readonly value: number;
  readonly kpi: Kpi;
  readonly isMet: boolean;
}

/** undefined where the part has no sample, or is no measure of this target: counts, gauges, targets that choose a part themselves. */
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
