// One stream becomes two: the metrics that are picked go to one sink, everything else to the other.

import type { Metric } from '../model/metrics.ts';
import type { StreamSink } from './sink.ts';

/** A sink that hands what `picks` chooses to `picked`, the rest, and the generator's health, to `rest`. */
export function splitSink(picks: (metric: Metric) => boolean, picked: StreamSink, rest: StreamSink): StreamSink {
  // Asked once a metric, not once a window.
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
