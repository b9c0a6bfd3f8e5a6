// Windows of the series that a live display asks for again and again go in; their sum over the last seconds comes out.

import type { Aggregate, MetricType, SeriesWindow, TagFilter, Tags } from '../model/metrics.ts';
import { AggregateBuilder } from './aggregate.ts';
import { matchesFilter } from './series-index.ts';
import { SeriesIntervals } from './series-intervals.ts';

/** How far back a view reaches. */
export const RECENT_SECONDS = 60;

export class RecentView {
  readonly #seconds: SeriesIntervals;

  constructor(
    private readonly metric: string,
    private readonly filter: TagFilter,
    private readonly type: MetricType,
  ) {
    this.#seconds = new SeriesIntervals(type);
  }

  get bytesHeld(): number {
    return this.#seconds.bytesHeld;
  }

  matches(metric: string, tags: Tags): boolean {
    return metric === this.metric && matchesFilter(tags, this.filter);
  }

  /** Adds a window of a matching series. `newestMs` is how far the stream has come. */
  add(window: SeriesWindow, newestMs: number): void {
    this.#seconds.add(Math.floor(window.startMs / 1000), window);
    if (this.#seconds.rows > 2 * RECENT_SECONDS) this.#seconds.dropBefore(Math.floor(newestMs / 1000) - RECENT_SECONDS);
  }

  /** Over the whole seconds that begin from `fromMs` (inclusive, rounded down) to `toMs` (exclusive, rounded up). */
  between(fromMs: number, toMs: number): Aggregate | undefined {
    const builder = new AggregateBuilder(this.type);
    this.#seconds.addTo(builder, Math.floor(fromMs / 1000), Math.ceil(toMs / 1000));
    return builder.build();
  }
}
