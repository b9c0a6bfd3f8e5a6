// A whole stream goes in; the windows of a range of time, of series with certain tags, come out.

import type { Metric, Series, TimeRange } from '../model/metrics.ts';
import { tagValue } from './series-index.ts';
import type { StreamSink } from './sink.ts';

export interface Cut {
  /** Windows that begin in it count. */
  readonly range: TimeRange;
  /** Values that count, by tag. */
  readonly tags: Readonly<Record<string, readonly string[]>>;
  /** Metrics that have none of a tag in any of their series: they are kept whole, as VUs belong to no request. */
  readonly isWithout: (metric: Metric, tag: string) => boolean;
}

export function slicedSink({ range, tags, isWithout }: Cut, sink: StreamSink): StreamSink {
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
