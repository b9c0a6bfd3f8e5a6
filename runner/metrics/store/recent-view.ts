// Sums the windows of one metric and filter over the last minute, for queries that a live display repeats.

import type { Aggregate, MetricType, SeriesWindow, TagFilter, Tags } from '../../model/metrics.ts';
import { AggregateBuilder } from './aggregate.ts';
import { matchesFilter } from './series-index.ts';
import { SeriesIntervals } from './series-intervals.ts';

/** Length of time that is kept. */
export const RECENT_SECONDS = 60;

/** The last minute of the series that match one metric and filter, second by second. */
export class RecentView {
  readonly #seconds: SeriesIntervals;

  constructor(
    private readonly metric: string,
    private readonly filter: TagFilter,
    private readonly type: MetricType,
  ) {
    this.#seconds = new SeriesIntervals(type);
  }

  /** Memory of the view, bytes. */
  get bytesHeld(): number {
    return this.#seconds.bytesHeld;
  }

  /** True if a series of this metric and tags belongs to the view. */
  matches(metric: string, tags: Tags): boolean {
    return metric === this.metric && matchesFilter(tags, this.filter);
  }

  /** Adds a window of a matching series. `newestMs`: how far the stream has come, epoch milliseconds. */
  add(window: SeriesWindow, newestMs: number): void {
    this.#seconds.add(Math.floor(window.startMs / 1000), window);
    if (this.#seconds.rows > 2 * RECENT_SECONDS) this.#seconds.dropBefore(Math.floor(newestMs / 1000) - RECENT_SECONDS);
  }

  /**
   * The sum over the whole seconds that start from `fromMs` (inclusive, rounded down) to `toMs` (exclusive, rounded
   * up).
   */
  between(fromMs: number, toMs: number): Aggregate | undefined {
    const builder = new AggregateBuilder(this.type);
    this.#seconds.addTo(builder, Math.floor(fromMs / 1000), Math.ceil(toMs / 1000));
    return builder.build();
  }
}
