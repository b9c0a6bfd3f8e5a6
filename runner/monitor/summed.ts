// Adds up the rates of a metric over its labels: requests of all routes and statuses become requests.

import { Histogram } from '../metrics/buckets/histogram.ts';
import { matchesFilter } from '../metrics/store/series-index.ts';
import type { Aggregate, Interval, RunMetrics, Series, TagFilter } from '../model/metrics.ts';

/**
 * The same metrics, except that a metric for which `isRate` is true is summed over its matching series, interval by
 * interval, with one value per interval. Other metrics keep one distribution over all series: memory of two processes
 * is not added up.
 */
export function summedRates(metrics: RunMetrics, isRate: (metric: string) => boolean): RunMetrics {
  const matching = (metric: string, filter: TagFilter) =>
    metrics.series.filter((series) => series.metric.name === metric && matchesFilter(series.tags, filter));
  const isSummed = (metric: string, filter: TagFilter) => isRate(metric) && matching(metric, filter).length > 1;
  const timeline = (metric: string, filter: TagFilter = {}): readonly Interval[] =>
    isSummed(metric, filter) ? sumOf(matching(metric, filter), metrics) : metrics.timeline(metric, filter);
  return {
    ...plainOf(metrics),
    total(metric, filter = {}, range) {
      if (!isSummed(metric, filter)) return metrics.total(metric, filter, range);
      const values = timeline(metric, filter)
        .filter(({ startMs }) => range === undefined || (startMs >= range.fromMs && startMs < range.toMs))
        .flatMap(({ aggregate }) => aggregate?.mean ?? []);
      return values.length === 0 ? undefined : aggregateOf(values);
    },
    timeline,
  };
}

/** Copied by hand: a spread would not copy the store's getters. */
function plainOf(metrics: RunMetrics): RunMetrics {
  return {
    metrics: metrics.metrics,
    series: metrics.series,
    firstSampleMs: metrics.firstSampleMs,
    lastSampleMs: metrics.lastSampleMs,
    intervalMs: metrics.intervalMs,
    health: metrics.health,
    faults: metrics.faults,
    total: (metric, filter, range) => metrics.total(metric, filter, range),
    uncertain: (metric, filter) => metrics.uncertain(metric, filter),
    timeline: (metric, filter) => metrics.timeline(metric, filter),
    groupBy: (metric, tags, filter) => metrics.groupBy(metric, tags, filter),
    seen: (metric, filter) => metrics.seen(metric, filter),
  };
}

function sumOf(series: readonly Series[], metrics: RunMetrics): Interval[] {
  const sums: Array<{ startMs: number; lengthMs: number; sum: number | undefined }> = [];
  for (const { metric, tags } of series) {
    for (const [index, { startMs, lengthMs, aggregate }] of metrics.timeline(metric.name, tags).entries()) {
      const known = sums[index] ?? { startMs, lengthMs, sum: undefined };
      if (aggregate?.mean !== undefined) known.sum = (known.sum ?? 0) + aggregate.mean;
      sums[index] = known;
    }
  }
  return sums.map(({ startMs, lengthMs, sum }) => ({
    startMs,
    lengthMs,
    aggregate: sum === undefined ? undefined : aggregateOf([sum]),
  }));
}

function aggregateOf(values: readonly number[]): Aggregate {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  const { count, sum, min, max, mean } = histogram;
  return {
    type: 'trend',
    count,
    sum,
    min,
    max,
    last: values.at(-1),
    mean,
    quantile: (q) => histogram.quantile(q),
    bins: () => histogram.toBins(),
  };
}
