// The percentiles reported for every trend. result.json, its tables and exports use this list.

/**
 * Field name in results and quantile (0 to 1), ascending. After adding a row, type errors show the other places to
 * change.
 */
export const PERCENTILES = [
  ['med', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
] as const;

export type Percentile = (typeof PERCENTILES)[number][0];

/** The fields of a trend's figures, in display order. */
export const TREND_FIGURES = ['avg', 'min', ...PERCENTILES.map(([field]) => field), 'max'] as const;

export type TrendFigure = 'avg' | 'min' | Percentile | 'max';
