// Computes the value of a statistic by k6's definitions, and compares it with a target.

import { keyOf, lowerEdge, upperEdge } from '../../metrics/buckets/histogram.ts';
import type { Comparison, Kpi, Statistic } from '../../model/kpi.ts';
import type { Aggregate } from '../../model/metrics.ts';

/** The quantile (0 to 1) of a percentile: 0.95 for `p(95)`, 0.5 for `med`. undefined for other statistics. */
export function quantileOf(statistic: Statistic): number | undefined {
  if (statistic === 'med') return 0.5;
  if (!statistic.startsWith('p(') || !statistic.endsWith(')')) return undefined;
  const percentile = Number(statistic.slice(2, -1));
  return percentile >= 0 && percentile <= 100 ? percentile / 100 : undefined;
}

/**
 * The value of `statistic` as k6's thresholds see it. Beyond k6, gauges also have `avg`, `min` and `max`.
 *
 * `elapsedMs`: for the whole run, k6 counts from before setup() to after teardown(); for a part of the run, its length.
 * Returns undefined without samples, for a statistic that the type does not have, and for a counter's rate without a
 * run time.
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
 * The value that is compared with a target: statisticValue(), except for a percentile in a bucket that starts at
 * the target: it is then the target itself. Whole numbers up to 1024, such as times from Date.now(), are at the start of
 * their bucket; its middle would miss `p(95)<=10` although every value is 10. For `<` and `>=` this changes nothing.
 */
export function comparedValue(
  aggregate: Aggregate,
  kpi: Pick<Kpi, 'statistic' | 'target'>,
  elapsedMs: number | undefined,
): number | undefined {
  const value = statisticValue(aggregate, kpi.statistic, elapsedMs);
  if (value === undefined || aggregate.type !== 'trend' || quantileOf(kpi.statistic) === undefined) return value;
  // Minimum and maximum are exact, and a target may be infinite.
  if (value === aggregate.min || value === aggregate.max || !Number.isFinite(kpi.target)) return value;
  const key = keyOf(kpi.target);
  const edge = key >= 0 ? lowerEdge(key) : upperEdge(key);
  return keyOf(value) === key && edge === kpi.target ? kpi.target : value;
}

/** True if `actual comparison target` holds. */
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

/** `upper` if smaller values are better, `lower` if larger ones are, otherwise `none`. */
export function boundOf(comparison: Comparison): 'upper' | 'lower' | 'none' {
  if (comparison === '<' || comparison === '<=') return 'upper';
  return comparison === '>' || comparison === '>=' ? 'lower' : 'none';
}

/** The value furthest on the wrong side of the target; for == and != the first that misses it, otherwise the first. */
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
 * Distance of `actual` from the target on the good side, percent of the target; negative: missed by. For `==` the
 * negative distance. undefined without an actual value, for a target of 0, and for `!=`.
 */
export function marginPercent(kpi: Pick<Kpi, 'comparison' | 'target'>, actual: number | undefined): number | undefined {
  if (actual === undefined || kpi.target === 0 || kpi.comparison === '!=') return undefined;
  const above = ((actual - kpi.target) / Math.abs(kpi.target)) * 100;
  if (!Number.isFinite(above)) return undefined;
  if (kpi.comparison === '==') return above === 0 ? 0 : -Math.abs(above);
  return boundOf(kpi.comparison) === 'upper' ? 0 - above : above;
}
