// Merges the streams of several k6 processes, one after another or at the same time.
//
// Windows are added up by the sink, by the time on each source's own clock. VUs and health need special treatment: VUs
// are summed over the processes, health is that of the worst one.

import type { StreamSink } from '../sinks/sink.ts';
import { isSummedGauge, SummedGauges } from './summed-gauges.ts';
import { WorstHealth } from './worst-health.ts';

/** With live sources, a second is passed on once the newest window is this far past it. */
const LATE_MS = 3000;

/** Gives each source a sink of its own and merges what they receive into `sink`. */
export class MergedStream {
  readonly #sink: StreamSink;
  readonly #gauges = new SummedGauges();
  readonly #health = new WorstHealth();
  readonly #isLive: boolean;
  #newestMs = -Infinity;

  /**
   * `isLive`: sources arrive at the same time, and seconds are passed on during the run. Otherwise end() passes
   * everything on.
   */
  constructor(sink: StreamSink, isLive: boolean) {
    this.#sink = sink;
    this.#isLive = isLive;
  }

  /** Returns the sink for one more source. */
  source(): StreamSink {
    const sink = this.#sink;
    const gauge = this.#gauges.source();
    return {
      metric: (metric) => sink.metric(metric),
      series: (series) => {
        if (!isSummedGauge(series.metric)) sink.series(series);
      },
      window: (window) => {
        if (isSummedGauge(window.series.metric)) gauge(window);
        else sink.window(window);
        if (window.startMs > this.#newestMs) this.#cameTo(window.startMs);
      },
      health: (health) => this.#health.add(health),
      overflow: (overflow) => sink.overflow(overflow),
    };
  }

  /** Passes on the rest. Call it when all sources have ended. */
  end(): void {
    this.#flush(Infinity);
  }

  #cameTo(timeMs: number): void {
    this.#newestMs = timeMs;
    if (this.#isLive) this.#flush(timeMs - LATE_MS);
  }

  #flush(beforeMs: number): void {
    this.#gauges.flush(this.#sink, beforeMs);
    this.#health.flush(this.#sink, beforeMs);
  }
}
