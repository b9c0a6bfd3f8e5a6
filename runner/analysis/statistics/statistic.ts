// Samples added up become the value of a statistic, by k6's definitions, and whether it meets a target.

import { keyOf, lowerEdge, upperEdge } from '../../metrics/buckets/histogram.ts';
import type { Comparison, Kpi, Statistic } from '../../model/kpi.ts';
import type { Aggregate } from '../../model/metrics.ts';

/**
 * The q (0 to 1) of a percentile: 0.95 for `p(95)`, 0.5 for `med`. undefined for statistics that are no percentile.
 */
export function quantileOf(statistic: Statistic): number | undefined {
  if (statistic === 'med') return 0.5;
  if (!statistic.startsWith('p(') || !statistic.endsWith(')')) return undefined;
  const percentile = Number(statistic.slice(2, -1));
  return percentile >= 0 && percentile <= 100 ? percentile / 100 : undefined;
}

/**
 * The value of `statistic` as k6's thresholds see it (v2.2.0, metrics/thresholds.go, Run):
 * counter `count` = sum of the values, `rate` = that sum per second of the test's run time; gauge `value` = the latest;
 * rate `rate` = share of non-zero values; trend `avg min max med p(N)`, percentiles within 0.1 %.
 * Beyond k6, gauges also have `avg`, `min` and `max`, for targets such as `vus max`.
 *
 * `elapsedMs`: for the whole run k6 counts from before setup() to after teardown(); for a part of the run, its length.
 * undefined: no sample, no such statistic for this type, or a counter's rate without a run time.
 */
export function statisticValue(
  aggregate: Aggregate,
  statistic: Statistic,
  elapsedMs: number | undefined,
): number | undefined {
  switch (aggregate.type) {
    case 'counter':
      if (statistic === 'count') return aggregate.sum;
      if (statistic !== 'rate' || elapsedMs === undefined || elapsedMs <= 0) return undefined;
      return aggregate.sum / (elapsedMs / 1000);
    case 'gauge':
      if (statistic === 'value') return aggregate.last;
      return plainStatistic(aggregate, statistic);
    case 'rate':
      return statistic === 'rate' ? aggregate.mean : undefined;
    case 'trend': {
      const q = quantileOf(statistic);
      return q === undefined ? plainStatistic(aggregate, statistic) : aggregate.quantile(q);
    }
  }
}

function plainStatistic(aggregate: Aggregate, statistic: Statistic): number | undefined {
  if (statistic === 'avg') return aggregate.mean;
  if (statistic === 'min') return aggregate.min;
  if (statistic === 'max') return aggregate.max;
  return undefined;
}

/**
 * The value that is compared with a KPI's target: statisticValue, but for a percentile whose histogram bucket begins at the
 * target. There it is the target. Whole numbers up to 1024, what Date.now() and counted things give, all stand at the beginning
 * of their bucket, and its middle would miss `p(95)<=10` where every value is 10; for `<` and `>=` it decides nothing.
 */
export function comparedValue(
  aggregate: Aggregate,
  kpi: Pick<Kpi, 'statistic' | 'target'>,
  elapsedMs: number | undefined,
): number | undefined {
  const value = statisticValue(aggregate, kpi.statistic, elapsedMs);
  if (value === undefined || aggregate.type !== 'trend' || quantileOf(kpi.statistic) === undefined) return value;
  // The smallest and the largest value are known exactly, and a target may be infinite.
  if (value === aggregate.min || value === aggregate.max || !Number.isFinite(kpi.target)) return value;
  const key = keyOf(kpi.target);
  const edge = key >= 0 ? lowerEdge(key) : upperEdge(key);
  return keyOf(value) === key && edge === kpi.target ? kpi.target : value;
}

/** Whether `actual comparison target` holds. */
export function meets(actual: number, comparison: Comparison, target: number): boolean {
  switch (comparison) {
    case '<':
      return actual < target;
    case '<=':
      return actual <= target;
    case '>':
      return actual > target;
    case '>=':
      return actual >= target;
    case '==':
      return actual === target;
    case '!=':
      return actual !== target;
  }
}

/** Whether smaller values are better (`upper` bound), larger ones (`lower`), or neither. */
export function boundOf(comparison: Comparison): 'upper' | 'lower' | 'none' {
  if (comparison === '<' || comparison === '<=') return 'upper';
  return comparison === '>' || comparison === '>=' ? 'lower' : 'none';
}

/** Of several values the one furthest to the wrong side of the target; for == and != the first that misses it, else the first. */
export function worstOf(values: readonly number[], kpi: Pick<Kpi, 'comparison' | 'target'>): number | undefined {
  const [first] = values;
  if (first === undefined) return undefined;
  switch (boundOf(kpi.comparison)) {
    case 'upper':
      return values.reduce((worst, value) => Math.max(worst, value), first);
    case 'lower':
      return values.reduce((worst, value) => Math.min(worst, value), first);
    case 'none':
      return values.find((value) => !meets(value, kpi.comparison, kpi.target)) ?? first;
  }
}

/**
 * How far `actual` is on the good side of the target, in percent of the target; negative = missed by. For `==` minus the
 * distance. undefined where there is no actual value, the target is 0, or the comparison is `!=`.
 */
export function marginPercent(kpi: Pick<Kpi, 'comparison' | 'target'>, actual: number | undefined): number | undefined {
  if (actual === undefined || kpi.target === 0 || kpi.comparison === '!=') return undefined;
  const above = ((actual - kpi.target) / Math.abs(kpi.target)) * 100;
  if (!Number.isFinite(above)) return undefined;
  if (kpi.comparison === '==') return above === 0 ? 0 : -Math.abs(above);
  return boundOf(kpi.comparison) === 'upper' ? 0 - above : above;
}
