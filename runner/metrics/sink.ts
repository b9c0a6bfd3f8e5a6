// What every reader of a stream pours into: declarations, series, windows and the generator's health, in stream order.

import type { GeneratorHealth, Metric, Series, SeriesWindow } from '../model/metrics.ts';

/** Receives a stream as it is read. A metric comes before its series, a series before its windows. */
export interface StreamSink {
  metric(metric: Metric): void;
  series(series: Series): void;
  window(window: SeriesWindow): void;
  health(health: GeneratorHealth): void;
  /** A metric exceeded the series cap; `tag` had the most distinct values, `values` of them (a lower bound where counting stopped). */
  overflow(metric: string, tag: string, values: number): void;
}
