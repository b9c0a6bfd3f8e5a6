// The streams of several k6 processes go in, each by a sink of its own, one after the other or all at once; one stream comes out.
//
// Sinks add windows up, by the time that each source's own clock gave them. VUs are summed and health is that
// of the worst here, because neither adds up.

import type { StreamSink } from './sink.ts';
import { isSummedGauge, SummedGauges } from './summed-gauges.ts';
import { WorstHealth } from './worst-health.ts';

/** While streams come side by side, a second is handed over when all that is newest lies this far past it. */
const LATE_MS = 3000;

export class MergedStream {
  readonly #sink: StreamSink;
  readonly #gauges = new SummedGauges();
  readonly #health = new WorstHealth();
  readonly #isLive: boolean;
  #newestMs = -Infinity;

  /** `isLive`: the sources come side by side, and what is safely past is handed over as they come. Otherwise end() does. */
  constructor(sink: StreamSink, isLive: boolean) {
    this.#sink = sink;
    this.#isLive = isLive;
  }

  /** The sink of one more source. */
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

  /** Hands over what is left; all sources have ended. */
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
