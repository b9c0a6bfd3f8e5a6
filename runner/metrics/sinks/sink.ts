// What every reader of a stream writes to: declarations, series, windows and the load generator's health, in stream
// order.

import type { GeneratorHealth, Metric, Series, SeriesOverflow, SeriesWindow } from '../../model/metrics.ts';

/** Receives a stream. A metric comes before its series, a series before its windows. */
export interface StreamSink {
  metric(metric: Metric): void;
  series(series: Series): void;
  window(window: SeriesWindow): void;
  health(health: GeneratorHealth): void;
  /**
   * A metric exceeded the cap of series: from now on its further series lose this tag. May come again with more values.
   */
  overflow(overflow: SeriesOverflow): void;
}
