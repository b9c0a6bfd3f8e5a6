// Builds the metric table of a result, with k6's meaning of count and rate.

import type { Metric, RunMetrics } from '../../model/metrics.ts';
import type { Result } from '../../model/result.ts';
import { trendFigures } from '../statistics/trend-figures.ts';

type MetricRow = Result['metrics'][string];

/** The unit of a metric's values: ms, bytes, share (rates, 0 to 1) or count. */
export function unitOf(metric: Metric): string {
  if (metric.type === 'rate') return 'share';
  if (metric.contains === 'time') return 'ms';
  if (metric.contains === 'data') return 'bytes';
  return 'count';
}

/**
 * All metrics by name. As in k6's summary, a counter's `count` is the sum of its values and its `rate` that sum per
 * second of the run (`elapsedMs`); a rate's `rate` is the share of non-zero values. A metric without samples has count
 * 0 and nulls.
 */
export function assembleMetrics(metrics: RunMetrics, elapsedMs: number): Result['metrics'] {
  const sorted = [...metrics.metrics.values()].sort((a, b) => a.name.localeCompare(b.name));
  // fromEntries, because assigning a key called __proto__ would lose it.
  return Object.fromEntries(sorted.map((metric) => [metric.name, row(metric, metrics, elapsedMs)]));
}

function row(metric: Metric, metrics: RunMetrics, elapsedMs: number): MetricRow {
  const total = metrics.total(metric.name);
  const isTrend = metric.type === 'trend';
  const isCounter = metric.type === 'counter';
  let rate: number | null = null;
  if (isCounter && total !== undefined && elapsedMs > 0) rate = (total.sum * 1000) / elapsedMs;
  if (metric.type === 'rate') rate = total?.mean ?? null;
  return {
    type: metric.type,
    unit: unitOf(metric),
    count: (isCounter ? total?.sum : total?.count) ?? 0,
    samples: total?.count ?? 0,
    rate,
    ...trendFigures(isTrend ? total : undefined),
    ...(metric.type === 'gauge' && { min: total?.min ?? null, max: total?.max ?? null }),
    value: isCounter ? (total?.sum ?? null) : metric.type === 'gauge' ? (total?.last ?? null) : null,
  };
}
