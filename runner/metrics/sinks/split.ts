// Splits a stream by metric between two sinks.

import type { Metric } from '../../model/metrics.ts';
import type { StreamSink } from './sink.ts';

/**
 * A sink that passes metrics for which `picks` is true to `picked`; the others and the load generator's health go to
 * `rest`.
 */
export function splitSink(picks: (metric: Metric) => boolean, picked: StreamSink, rest: StreamSink): StreamSink {
  // `picks` is called once per metric, not per window.
  const chosen = new Map<Metric, StreamSink>();
  const sinkOf = (metric: Metric): StreamSink => {
    const known = chosen.get(metric) ?? (picks(metric) ? picked : rest);
    chosen.set(metric, known);
    return known;
  };
  return {
    metric: (metric) => sinkOf(metric).metric(metric),
    series: (series) => sinkOf(series.metric).series(series),
    window: (window) => sinkOf(window.series.metric).window(window),
    health: (health) => rest.health(health),
    overflow: (overflow) => rest.overflow(overflow),
  };
}
