// Passes a stream to several sinks.

import type { StreamSink } from './sink.ts';

/** A sink that passes every call to all of `sinks`, in order. Nothing is copied; an exception in one ends the call. */
export function tee(...sinks: readonly StreamSink[]): StreamSink {
  return {
    metric(metric) {
      for (const sink of sinks) sink.metric(metric);
    },
    series(series) {
      for (const sink of sinks) sink.series(series);
    },
    window(window) {
      for (const sink of sinks) sink.window(window);
    },
    health(health) {
      for (const sink of sinks) sink.health(health);
    },
    overflow(overflow) {
      for (const sink of sinks) sink.overflow(overflow);
    },
  };
}
