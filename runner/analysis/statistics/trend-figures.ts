// The figures reported for a trend.

import type { Aggregate } from '../../model/metrics.ts';
import { PERCENTILES, type Percentile, type TrendFigure } from '../../model/percentiles.ts';

const QUANTILES = new Map<Percentile, number>(PERCENTILES);

/** All figures are null without samples. */
export function trendFigures(aggregate: Aggregate | undefined): Record<TrendFigure, number | null> {
  const at = (percentile: Percentile) => aggregate?.quantile(QUANTILES.get(percentile) ?? Number.NaN) ?? null;
  return {
    avg: aggregate?.mean ?? null,
    min: aggregate?.min ?? null,
    med: at('med'),
    p90: at('p90'),
    p95: at('p95'),
    p99: at('p99'),
    p999: at('p999'),
    max: aggregate?.max ?? null,
  };
}
