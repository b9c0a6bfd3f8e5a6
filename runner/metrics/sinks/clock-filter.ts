// Passes on the windows of the run's own time and drops those with stray times: one sample from 1970 or from next year
// must not make the run 57 years long.
//
// A window is accepted if it is within a day of accepted ones. Others wait: three distinct seconds of them are another
// run, or a clock that was changed, and are accepted. Fewer are dropped at the end and counted.

import type { GeneratorHealth, Metric, Series, SeriesOverflow, SeriesWindow, TimeRange } from '../../model/metrics.ts';
import { withOwnBins } from '../buckets/kept-bins.ts';
import type { StreamSink } from './sink.ts';

const NEAR_MS = 86_400_000;
const SECONDS_TO_ACCEPT = 3;
/** At the end, a waiting group with at least this share of all samples is accepted, however short it is. */
const SHARE_TO_ACCEPT = 0.1;
const MOST_WAITING = 10_000;

interface Span {
  fromMs: number;
  toMs: number;
}

interface Waiting extends Span {
  readonly windows: SeriesWindow[];
  readonly starts: Set<number>;
  samples: number;
}

/** A sink that drops windows with stray times and passes everything else on. */
export class ClockFilter implements StreamSink {
  /** Number of samples that were dropped. */
  droppedSamples = 0;
  readonly #sink: StreamSink;
  readonly #accepted: Span[] = [];
  #current: Span | undefined;
  #waiting: Waiting[] = [];
  #waitingWindows = 0;
  #samples = 0;
  /** Time range of the accepted windows. */
  #range: TimeRange | undefined;

  constructor(sink: StreamSink) {
    this.#sink = sink;
  }

  /** Accepts windows near this time at once, because the run's own clock showed it. Epoch milliseconds. */
  acceptNear(timeMs: number): void {
    this.#accepted.push({ fromMs: timeMs, toMs: timeMs });
  }

  /** Limits a time span to the range of the accepted windows, give or take a day. */
  within({ fromMs, toMs }: TimeRange): TimeRange {
    const range = this.#range;
    if (range === undefined) return { fromMs, toMs };
    return {
      fromMs: fromMs < range.fromMs - NEAR_MS || fromMs > range.toMs + NEAR_MS ? range.fromMs : fromMs,
      toMs: toMs > range.toMs + NEAR_MS || toMs < range.fromMs - NEAR_MS ? range.toMs : toMs,
    };
  }

  metric(metric: Metric): void {
    this.#sink.metric(metric);
  }

  series(series: Series): void {
    this.#sink.series(series);
  }

  window(window: SeriesWindow): void {
    const current = this.#current;
    // The usual case: within the range of the previous window, or shortly after it.
    if (current !== undefined && window.startMs >= current.fromMs && window.startMs <= current.toMs + NEAR_MS) {
      this.#pass(window, current);
      return;
    }
    const span = this.#spanOf(window);
    if (span === undefined) this.#hold(window);
    else this.#pass(window, span);
  }

  health(health: GeneratorHealth): void {
    if (this.#accepted.length === 0 || this.#spanOf(health) !== undefined) this.#sink.health(health);
  }

  overflow(overflow: SeriesOverflow): void {
    this.#sink.overflow(overflow);
  }

  /** Accepts or drops what still waits. The stream may continue afterwards. */
  end(): void {
    const most = Math.max(...this.#waiting.map(({ samples }) => samples));
    for (const waiting of this.#waiting.splice(0)) {
      const isRun = this.#range === undefined ? waiting.samples === most : false;
      const all = this.#samples + waiting.samples;
      if (isRun || waiting.samples >= SHARE_TO_ACCEPT * all) this.#release(waiting);
      else this.droppedSamples += waiting.samples;
    }
    this.#waitingWindows = 0;
  }

  #spanOf(window: { readonly startMs: number; readonly lengthMs: number }): Span | undefined {
    if (this.#current !== undefined && isNear(this.#current, window)) return this.#current;
    const found = this.#accepted.find((span) => isNear(span, window));
    if (found !== undefined) this.#current = found;
    return found;
  }

  #pass(window: SeriesWindow, span: Span): void {
    extend(span, window);
    const { startMs: fromMs } = window;
    const toMs = fromMs + window.lengthMs;
    if (this.#range === undefined || fromMs < this.#range.fromMs || toMs > this.#range.toMs) {
      const { fromMs: from, toMs: to } = this.#range ?? { fromMs, toMs };
      this.#range = { fromMs: Math.min(from, fromMs), toMs: Math.max(to, toMs) };
    }
    this.#samples += window.count;
    this.#sink.window(window);
  }

  #hold(window: SeriesWindow): void {
    let waiting = this.#waiting.find((each) => isNear(each, window));
    if (waiting === undefined) {
      waiting = { fromMs: window.startMs, toMs: window.startMs, windows: [], starts: new Set(), samples: 0 };
      this.#waiting.push(waiting);
    }
    extend(waiting, window);
    waiting.windows.push(withOwnBins(window));
    waiting.starts.add(window.startMs);
    waiting.samples += window.count;
    this.#waitingWindows++;
    if (waiting.starts.size >= SECONDS_TO_ACCEPT) {
      this.#waiting = this.#waiting.filter((each) => each !== waiting);
      this.#waitingWindows -= waiting.windows.length;
      this.#release(waiting);
    } else if (this.#waitingWindows > MOST_WAITING) {
      this.end();
    }
  }

  #release({ fromMs, toMs, windows }: Waiting): void {
    const span = { fromMs, toMs };
    this.#accepted.push(span);
    for (const window of windows) this.#pass(window, span);
  }
}

function isNear(span: Span, { startMs, lengthMs }: { readonly startMs: number; readonly lengthMs: number }): boolean {
  const nearMs = Math.max(NEAR_MS, 2 * lengthMs);
  return startMs >= span.fromMs - nearMs && startMs <= span.toMs + nearMs;
}

function extend(span: Span, { startMs, lengthMs }: SeriesWindow): void {
  span.fromMs = Math.min(span.fromMs, startMs);
  span.toMs = Math.max(span.toMs, startMs + lengthMs);
}
