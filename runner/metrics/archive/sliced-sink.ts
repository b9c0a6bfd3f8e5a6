// Keeps the part of a stream in a time range and with certain tags.

import type { Metric, Series, TimeRange } from '../../model/metrics.ts';
import type { StreamSink } from '../sinks/sink.ts';
import { tagValue } from '../store/series-index.ts';

/** What to keep. */
export interface Slice {
  /** Windows that begin in this range are kept. */
  readonly range: TimeRange;
  /** The values to keep, by tag. */
  readonly tags: Readonly<Record<string, readonly string[]>>;
  /** True if no series of the metric has the tag. Such metrics are kept: VUs, for example, belong to no request. */
  readonly isWithout: (metric: Metric, tag: string) => boolean;
}

/** A sink that passes only the slice on to `sink`; overflow notices always pass. */
export function slicedSink({ range, tags, isWithout }: Slice, sink: StreamSink): StreamSink {
  const wanted = Object.entries(tags);
  const kept = new Map<Series, boolean>();
  const isKept = (series: Series): boolean => {
    let known = kept.get(series);
    if (known === undefined) {
      known = wanted.every(
        ([tag, values]) => isWithout(series.metric, tag) || values.includes(tagValue(series.tags, tag)),
      );
      kept.set(series, known);
    }
    return known;
  };
  const isWithin = (startMs: number) => startMs >= range.fromMs && startMs < range.toMs;
  return {
    metric: (metric) => sink.metric(metric),
    series: (series) => {
      if (isKept(series)) sink.series(series);
    },
    window: (window) => {
      if (isWithin(window.startMs) && isKept(window.series)) sink.window(window);
    },
    health: (health) => {
      if (isWithin(health.startMs)) sink.health(health);
    },
    overflow: (overflow) => sink.overflow(overflow),
  };
}
