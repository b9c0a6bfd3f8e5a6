// Sums the VUs of several k6 processes, second by second: k6's own gauges count one process.

import type { Metric, Series, SeriesWindow } from '../../model/metrics.ts';
import type { StreamSink } from '../sinks/sink.ts';

/** Gauges of one process with a meaningful sum over all processes. */
const SUMMED: ReadonlySet<string> = new Set(['vus', 'vus_max']);

const SECOND_MS = 1000;
/** k6 sets these once a second, and one may slip into the next second: a value stays valid this long. */
const HOLDS_MS = 3000;

interface Sums {
  readonly series: Series;
  /** By the start of the second, epoch milliseconds. */
  readonly bySecond: Map<number, number>;
  readonly changed: Set<number>;
}

/** The last value of one source. */
interface Last {
  atMs: number;
  value: number;
}

/** True for a gauge that is summed over processes. */
export function isSummedGauge({ name, type }: Metric): boolean {
  return type === 'gauge' && SUMMED.has(name);
}

/** Collects these gauges from several sources. */
export class SummedGauges {
  readonly #sums = new Map<string, Sums>();

  /** Adds a source; returns the function that takes its windows of these gauges. */
  source(): (window: SeriesWindow) => void {
    const last = new Map<string, Last>();
    return (window) => {
      const { metric } = window.series;
      let sums = this.#sums.get(metric.name);
      if (sums === undefined) {
        sums = { series: { id: 0, metric, tags: {} }, bySecond: new Map(), changed: new Set() };
        this.#sums.set(metric.name, sums);
      }
      add(sums, last, window);
    };
  }

  /**
   * Sends the seconds before `beforeMs` with a new or changed sum to the sink. Sending a second again is safe: a
   * late source can only raise the sum, and a gauge's maximum counts.
   */
  flush(sink: StreamSink, beforeMs: number): void {
    for (const { series, bySecond, changed } of this.#sums.values()) {
      for (const startMs of [...changed].filter((second) => second < beforeMs).sort((a, b) => a - b)) {
        changed.delete(startMs);
        const sum = bySecond.get(startMs) ?? 0;
        sink.window({ series, startMs, lengthMs: SECOND_MS, count: 1, sum, min: sum, max: sum, last: sum });
      }
    }
  }
}

function add({ series, bySecond, changed }: Sums, last: Map<string, Last>, window: SeriesWindow): void {
  const put = (startMs: number, value: number) => {
    bySecond.set(startMs, (bySecond.get(startMs) ?? 0) + value);
    changed.add(startMs);
  };
  const first = Math.floor(window.startMs / SECOND_MS) * SECOND_MS;
  const before = last.get(series.metric.name);
  if (before !== undefined && first === before.atMs) {
    // Another window of the same second.
    if (window.max > before.value) put(first, window.max - before.value);
    last.set(series.metric.name, { atMs: first, value: Math.max(window.max, before.value) });
    return;
  }
  if (before !== undefined && first < before.atMs) return;
  if (before !== undefined && first - before.atMs <= HOLDS_MS) {
    for (let at = before.atMs + SECOND_MS; at < first; at += SECOND_MS) put(at, before.value);
  }
  const end = window.startMs + window.lengthMs;
  let at = first;
  for (; at < end || at === first; at += SECOND_MS) put(at, window.max);
  last.set(series.metric.name, { atMs: at - SECOND_MS, value: window.max });
}
