// Keeps the windows of one or several streams in memory and answers queries: totals, timelines and groups of series.
// Several streams add up.
//
// With a timeline, every series keeps its figures per interval. All series share one grid of intervals. If more than
// MAX_INTERVALS or more memory than maxBytes would be needed, neighbours are merged, so memory does not grow with the
// length of a run. Without a timeline, a series keeps its total and its last minute: enough for a live display and
// thresholds.

import {
  type Aggregate,
  type GeneratorHealth,
  type Interval,
  type Metric,
  type MetricType,
  OVERFLOW_TAG,
  type RunMetrics,
  type Series,
  type SeriesOverflow,
  type SeriesWindow,
  type ServerRun,
  type StreamFaults,
  type TagFilter,
  type Tags,
  type TimeRange,
} from '../../model/metrics.ts';
import { COUNT, clearFigures, WIDTH } from '../buckets/figures.ts';
import { mergeFaults, NOT_ENDED, withOverflow } from '../sinks/faults.ts';
import type { StreamSink } from '../sinks/sink.ts';
import { AggregateBuilder, MergedAggregate } from './aggregate.ts';
import { HealthLog } from './health.ts';
import { IntervalGrid } from './interval-grid.ts';
import { IntervalRows } from './interval-rows.ts';
import { QueryCache } from './query-cache.ts';
import { RECENT_SECONDS } from './recent-view.ts';
import { RecentViews, type Viewed } from './recent-views.ts';
import { mayMatch, SeriesIndex } from './series-index.ts';
import { SeriesIntervals } from './series-intervals.ts';
import { StreamSpan } from './stream-span.ts';

/** Thousands of busy series over hours reach this; the usual hundreds do not. */
const MAX_BYTES = 256 * 1024 * 1024;
const FEWEST_INTERVALS = 60;
/** Number of intervals between two checks of their memory. */
const WEIGH_EVERY = 10;

export interface StoreOptions {
  /** True: keep figures per interval, for reports. False: keep only totals and the last minute, for a live run. */
  readonly timeline: boolean;
  /** Start of the grid of intervals, epoch milliseconds. Default: the start of the first window. */
  readonly originMs?: number;
  /** Memory limit for the intervals, bytes. Beyond it they become longer, down to 60 of them. Default 256 MB. */
  readonly maxBytes?: number;
}

interface MergedInterval extends Interval {
  readonly aggregate: MergedAggregate | undefined;
}

interface Entry extends Viewed {
  readonly series: Series;
  /** By interval of the grid; without a timeline everything is in interval 0. */
  readonly intervals: SeriesIntervals;
  /**
   * Start of the first and end of the last window with samples (for a counter or rate: with a sum other than 0), epoch
   * milliseconds.
   */
  seenFromMs: number;
  seenToMs: number;
}

/** The metrics of a run in memory; the methods are described in RunMetrics. */
export class MetricsStore implements RunMetrics {
  /** Where readers write to. Separate, because the store's own `series` and `health` are the collected data. */
  readonly sink: StreamSink;
  readonly metrics: ReadonlyMap<string, Metric>;
  readonly series: readonly Series[];
  /** Set by the reader of an archive that has metrics of the system under test. */
  server: ServerRun | undefined;
  readonly #index: SeriesIndex<Entry>;
  readonly #hasTimeline: boolean;
  readonly #maxBytes: number;
  #grid: IntervalGrid;
  readonly #health = new HealthLog();
  readonly #span = new StreamSpan();
  #faults = NOT_ENDED;
  #hasEnded = false;
  readonly #cache = new QueryCache<readonly MergedInterval[]>();
  readonly #views = new RecentViews();

  constructor({ timeline, originMs, maxBytes = MAX_BYTES }: StoreOptions) {
    this.#hasTimeline = timeline;
    this.#maxBytes = maxBytes;
    this.#grid = new IntervalGrid(originMs);
    this.#index = new SeriesIndex((series) => ({
      series,
      intervals: new SeriesIntervals(series.metric.type),
      views: this.#views.ofSeries(series),
      seenFromMs: Infinity,
      seenToMs: -Infinity,
    }));
    this.metrics = this.#index.metrics;
    this.series = this.#index.series;
    this.sink = {
      metric: (metric) => void this.#index.declare(metric),
      series: (series) => void this.#index.entryOf(series),
      window: (window) => this.#add(window),
      health: (health) => this.#health.add(health),
      overflow: (overflow) => this.#addOverflow(overflow),
    };
  }

  /** Start of the first window, epoch milliseconds, or the exact time given to setSpan(). */
  get firstSampleMs(): number | undefined {
    return this.#span.firstMs;
  }

  /** End of the last window, epoch milliseconds, or the exact time given to setSpan(). */
  get lastSampleMs(): number | undefined {
    return this.#span.lastMs;
  }

  get load(): TimeRange | undefined {
    return this.#span.load;
  }

  /**
   * Length of the grid's intervals, milliseconds; without a timeline that of the stream's windows. 0 before the first
   * window.
   */
  get intervalMs(): number {
    return this.#grid.lengthMs;
  }

  get health(): readonly GeneratorHealth[] {
    return this.#health.entries;
  }

  get faults(): StreamFaults {
    return this.#faults;
  }

  /** Memory of the windows, bytes. */
  get bytesHeld(): number {
    let held = this.#views.bytesHeld;
    for (const entry of this.#index.all()) held += entry.intervals.bytesHeld;
    return held;
  }

  /**
   * Ends one stream with these faults and frees spare memory. Faults of several streams add up; `complete` only if all
   * are.
   */
  end(faults: StreamFaults): void {
    this.#faults = mergeFaults(this.#hasEnded ? this.#faults : { ...this.#faults, complete: true }, faults);
    this.#hasEnded = true;
    for (const { intervals } of this.#index.all()) intervals.trim();
  }

  /** Sets the exact times of a stream's first and last sample. The span of several streams covers all of them. */
  setSpan(span: TimeRange): void {
    this.#span.setExact(span);
  }

  /** Sets the same for samples of scenarios. */
  setLoad(load: TimeRange): void {
    this.#span.setLoad(load);
  }

  /** Starts the grid of intervals at this time, epoch milliseconds. Ignored once a window has come. */
  setGridOrigin(originMs: number | undefined): void {
    if (this.#grid.size === 0 && originMs !== undefined) this.#grid = new IntervalGrid(originMs);
  }

  total(metric: string, filter: TagFilter = {}, range?: TimeRange): Aggregate | undefined {
    const key = JSON.stringify([metric, Object.entries(filter), range?.fromMs, range?.toMs]);
    return this.#cache.total(key, () =>
      range === undefined
        ? this.#totalOfSeries(this.#index.find(metric, filter))
        : this.#totalOf(metric, filter, range),
    );
  }

  uncertain(metric: string, filter: TagFilter = {}): number {
    const lost = this.#faults.overflow.filter((each) => each.metric === metric);
    if (lost.length === 0 || Object.keys(filter).length === 0) return 0;
    const entries = this.#index
      .find(metric, { [OVERFLOW_TAG]: 'true' })
      .filter(({ series }) => mayMatch(series.tags, filter, lost));
    return this.#addUp(entries)?.count ?? 0;
  }

  /**
   * Matching series over the newest `seconds` (at most 60) of the stream, by the samples' time. Without a timeline,
   * collection starts with the first call, which returns undefined. With a timeline, adds up the intervals that begin
   * in those seconds.
   */
  recent(metric: string, filter: TagFilter = {}, seconds = RECENT_SECONDS): Aggregate | undefined {
    const toMs = this.#span.newestMs;
    const fromMs = toMs - Math.min(seconds, RECENT_SECONDS) * 1000;
    if (this.#hasTimeline) return this.total(metric, filter, { fromMs, toMs });
    const type = this.#typeOf(metric);
    if (type === undefined) return undefined;
    const view = this.#views.view(metric, filter, type, () => this.#index.find(metric, filter));
    return view.between(fromMs, toMs);
  }

  /** Ends the collection that recent() started for this metric and filter. */
  forgetRecent(metric: string, filter: TagFilter = {}): void {
    this.#views.forget(metric, filter, () => this.#index.find(metric, filter));
  }

  timeline(metric: string, filter: TagFilter = {}): readonly MergedInterval[] {
    if (!this.#hasTimeline) throw new Error('A timeline or a range needs a MetricsStore with { timeline: true }');
    const key = JSON.stringify([metric, Object.entries(filter)]);
    const known = this.#cache.timeline(key);
    if (known !== undefined) return known;
    const entries = this.#index.find(metric, filter);
    const series = keyOfSeries(entries);
    const timeline = this.#cache.timeline(series) ?? this.#timelineOf(this.#typeOf(metric) ?? 'counter', entries);
    this.#cache.keep([key, series], timeline);
    return timeline;
  }

  #timelineOf(type: MetricType, entries: readonly Entry[]): MergedInterval[] {
    const grid = this.#grid;
    const width = WIDTH[type];
    const figures = new Float64Array(grid.size * width);
    for (let at = 0; at < figures.length; at += width) clearFigures(figures, at, width);
    for (const { intervals } of entries) intervals.addFigures(figures, grid.first);
    const rows = new IntervalRows(type === 'trend' ? entries.map(({ intervals }) => intervals.packedRows()) : []);
    return Array.from({ length: grid.size }, (_, i) => {
      const at = i * width;
      const isEmpty = figures[at + COUNT] === 0;
      return {
        startMs: grid.startOf(grid.first + i),
        lengthMs: grid.lengthMs,
        aggregate: isEmpty ? undefined : new MergedAggregate(type, figures, at, rows, grid.first + i),
      };
    });
  }

  groupBy(
    metric: string,
    tags: readonly string[],
    filter: TagFilter = {},
  ): Array<{ tags: Tags; aggregate: Aggregate }> {
    return this.#index.group(metric, tags, filter).flatMap((group) => {
      const aggregate = this.#addUp(group.entries);
      return aggregate === undefined ? [] : [{ tags: group.tags, aggregate }];
    });
  }

  seen(metric: string, filter: TagFilter = {}): TimeRange | undefined {
    let fromMs = Infinity;
    let toMs = -Infinity;
    for (const entry of this.#index.find(metric, filter)) {
      fromMs = Math.min(fromMs, entry.seenFromMs);
      toMs = Math.max(toMs, entry.seenToMs);
    }
    if (fromMs >= toMs) return undefined;
    if (!this.#hasTimeline) return { fromMs, toMs };
    const grid = this.#grid;
    return { fromMs: grid.startOf(grid.numberOf(fromMs)), toMs: grid.startOf(grid.numberOf(toMs - 1) + 1) };
  }

  #add(window: SeriesWindow): void {
    if (window.count <= 0) return;
    this.#cache.clear();
    const entry = this.#index.entryOf(window.series);
    const { startMs } = window;
    const endMs = startMs + window.lengthMs;
    this.#span.add(startMs, endMs);
    const { type } = entry.series.metric;
    if (type === 'trend' || type === 'gauge' || window.sum !== 0) {
      entry.seenFromMs = Math.min(entry.seenFromMs, startMs);
      entry.seenToMs = Math.max(entry.seenToMs, endMs);
    }
    if (this.#hasTimeline) this.#addToTimeline(entry, window);
    else this.#addToTotal(entry, window);
  }

  #addToTimeline(entry: Entry, window: SeriesWindow): void {
    const grid = this.#grid;
    const newest = grid.last;
    this.#coarsen(grid.fit(window));
    const isTimeToWeigh = grid.last > newest && grid.size > FEWEST_INTERVALS && grid.size % WEIGH_EVERY === 0;
    if (isTimeToWeigh && this.bytesHeld > this.#maxBytes) this.#coarsen(grid.lengthen());
    entry.intervals.add(grid.numberOf(window.startMs), window);
  }

  #addToTotal({ intervals, views }: Entry, window: SeriesWindow): void {
    if (this.#grid.lengthMs === 0) this.#grid.lengthMs = window.lengthMs;
    intervals.add(0, window);
    for (const view of views) view.add(window, this.#span.newestMs);
  }

  #coarsen(factor: number): void {
    if (factor === 1) return;
    for (const entry of this.#index.all()) entry.intervals.coarsen(factor);
  }

  #totalOfSeries(entries: readonly Entry[]): Aggregate | undefined {
    return this.#cache.total(keyOfSeries(entries), () => this.#addUp(entries));
  }

  #addUp(entries: readonly Entry[]): Aggregate | undefined {
    const type = entries[0]?.series.metric.type;
    if (type === undefined) return undefined;
    const builder = new AggregateBuilder(type);
    for (const entry of entries) entry.intervals.addTo(builder);
    return builder.build();
  }

  /** Charts query hundreds of ranges of the same series, so their intervals are added up once, in the timeline. */
  #totalOf(metric: string, filter: TagFilter, { fromMs, toMs }: TimeRange): Aggregate | undefined {
    const builder = new AggregateBuilder(this.#typeOf(metric) ?? 'counter');
    const timeline = this.timeline(metric, filter);
    const startMs = timeline[0]?.startMs ?? 0;
    const lengthMs = timeline[0]?.lengthMs ?? 1;
    const first = Math.max(0, Math.ceil((fromMs - startMs) / lengthMs));
    const end = Math.min(timeline.length, Math.ceil((toMs - startMs) / lengthMs));
    for (let i = first; i < end; i++) {
      const aggregate = timeline[i]?.aggregate;
      if (aggregate !== undefined) builder.addPart(aggregate);
    }
    return builder.build();
  }

  #typeOf(metric: string): MetricType | undefined {
    return this.#index.metrics.get(metric)?.type;
  }

  #addOverflow(overflow: SeriesOverflow): void {
    this.#faults = { ...this.#faults, overflow: withOverflow(this.#faults.overflow, overflow) };
  }
}

/** Different filters often match the same series; a key of the series lets them share cached sums and percentiles. */
function keyOfSeries(entries: readonly Entry[]): string {
  let key = '';
  for (const { series } of entries) key += `${series.id} `;
  return key;
}
