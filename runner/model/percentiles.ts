// The percentiles that are reported of every trend: result.json, its tables and exports follow this one list.

/** The field of a result's figures and its quantile, 0 to 1, ascending. Of a further row the compiler asks where it is read and kept. */
export const PERCENTILES = [
  ['med', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
] as const;

export type Percentile = (typeof PERCENTILES)[number][0];

/** Fields of a trend's figures, in their order. */
export const TREND_FIGURES = ['avg', 'min', ...PERCENTILES.map(([field]) => field), 'max'] as const;

export type TrendFigure = 'avg' | 'min' | Percentile | 'max';
