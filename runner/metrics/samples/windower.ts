// Groups samples into windows of their series, by the samples' own time.

import type { Metric, Series, SeriesOverflow, Tags } from '../../model/metrics.ts';
import type { StreamSink } from '../sinks/sink.ts';
import { BeyondCap } from './beyond-cap.ts';
import { Slot, SlotReader } from './windower-slot.ts';

export interface WindowerOptions {
  /** Length of a window, whole milliseconds. Default 1000. */
  readonly windowMs?: number;
  /**
   * Limit of series over all metrics; beyond it, further series of a metric are added up (beyond-cap.ts). Default
   * 20,000.
   */
  readonly seriesCap?: number;
  /** Tags to remove from every sample. */
  readonly dropTags?: readonly string[];
  /**
   * With 'borrowed', the bins of a window are BorrowedBins, valid only during the call of the sink. Default: the sink
   * may keep them.
   */
  readonly bins?: 'kept' | 'borrowed';
}

/** In k6's own streams a sample comes at most this long after a newer one: k6 flushes 5 times a second. */
const LATE_MS = 3000;
/** Limit of open windows, without the late ones, for samples that jump in time. */
const SPARE_WINDOWS = 5;

/**
 * k6 gives all samples of a request the time of its end; only these metrics span the whole of it and show its start. As
 * in the Go output.
 */
const DURATION_METRICS: ReadonlySet<string> = new Set(['http_req_duration', 'iteration_duration']);

/**
 * k6 tags samples of scenarios with the scenario's name. If a script turns that tag off, only iterations are
 * recognised. As in the Go output.
 */
function isLoad({ metric, tags }: Series): boolean {
  if (metric.name === 'iteration_duration') return true;
  return Object.hasOwn(tags, 'scenario') && tags.group !== '::setup' && tags.group !== '::teardown';
}

/** The slot before the first sample: no sample falls into it. */
const NO_SLOT = new Slot();

/** One day: a longer request or iteration is not believable. */
const LONGEST_MS = 86_400_000;

/** Tags sorted by name, with a key that is equal for equal tags. */
export interface TagSet {
  readonly tags: Tags;
  readonly key: string;
}

/** A declared metric and its series. */
export class OpenMetric {
  readonly series = new Map<string, OpenSeries>();
  /** Set once the metric has more series than the cap allows. */
  beyond: BeyondCap | undefined;
  readonly overflow = new Map<string, OpenSeries>();

  constructor(
    readonly metric: Metric,
    /** Consecutive from 0. */
    readonly index: number,
  ) {}
}

/** A series, with precomputed facts that decide how its samples count. */
export class OpenSeries {
  /** Consecutive from 0. */
  readonly id: number;
  readonly isRate: boolean;
  readonly isTrend: boolean;
  /** True if a value is the duration, in milliseconds, of something that ended at the sample's time. */
  readonly isDuration: boolean;
  /** True if the samples come from scenarios, not from setup() or teardown(). */
  readonly isLoad: boolean;

  constructor(readonly series: Series) {
    this.id = series.id;
    this.isRate = series.metric.type === 'rate';
    this.isTrend = series.metric.type === 'trend';
    this.isDuration = DURATION_METRICS.has(series.metric.name);
    this.isLoad = isLoad(series);
  }
}

/**
 * Groups samples into windows of their series. A window goes to the sink once the newest sample is more than 3 s past
 * it. A later sample makes another window of the same series and time, which adds up.
 *
 * Counts are exact and sums compensated; `last` is the latest value by time within one emitted window. Memory is
 * bounded by the cap of series, whatever tags and times the samples have.
 */
export class Windower {
  /** Samples added so far. */
  samples = 0;
  /** Time of the newest sample, whole epoch milliseconds. */
  newestSampleMs = -Infinity;
  /** When the first measurement began, epoch milliseconds: the sample's time minus its duration. */
  beganMs = Infinity;
  /** The same for samples of scenarios only. */
  loadBeganMs = Infinity;
  loadEndedMs = -Infinity;
  readonly #sink: StreamSink;
  readonly #windowMs: number;
  readonly #lateMs: number;
  readonly #maxOpen: number;
  readonly #seriesCap: number;
  /**
   * Series that each metric may have beyond the cap, as in the Go output: `vus` must survive when there are too many
   * URLs.
   */
  readonly #reserve: number;
  readonly #dropTags: ReadonlySet<string>;
  readonly #metrics = new Map<string, OpenMetric>();
  readonly #slots = new Map<number, Slot>();
  readonly #reader: SlotReader;
  /** Emitted slots, for reuse. */
  readonly #free: Slot[] = [];
  #seriesCount = 0;
  #keptSeries = 0;
  #newestStartMs = -Infinity;
  #slot: Slot = NO_SLOT;
  #latestTags: Tags | undefined;
  #latestTagSet: TagSet = { tags: {}, key: '' };

  constructor(sink: StreamSink, options: WindowerOptions = {}) {
    this.#sink = sink;
    this.#windowMs = options.windowMs ?? 1000;
    this.#lateMs = Math.max(LATE_MS, this.#windowMs);
    this.#maxOpen = Math.ceil(this.#lateMs / this.#windowMs) + SPARE_WINDOWS;
    this.#seriesCap = options.seriesCap ?? 20_000;
    this.#reserve = Math.min(Math.max(Math.floor(this.#seriesCap / 64), 1), 64);
    this.#dropTags = new Set(options.dropTags);
    this.#reader = new SlotReader(sink, options.bins ?? 'kept');
  }

  /** The metric of that name, if declared. */
  metric(name: string): OpenMetric | undefined {
    return this.#metrics.get(name);
  }

  /** Declares a metric; a known one is left unchanged. */
  declare(metric: Metric): OpenMetric {
    const known = this.#metrics.get(metric.name);
    if (known !== undefined) return known;
    const open = new OpenMetric(metric, this.#metrics.size);
    this.#metrics.set(metric.name, open);
    this.#sink.metric(metric);
    return open;
  }

  /** The tags without the dropped ones, sorted by name. */
  tagSetOf(tags: Tags): TagSet {
    // The samples of one request share their tags.
    if (tags === this.#latestTags) return this.#latestTagSet;
    const entries = Object.entries(tags)
      .filter(([name]) => !this.#dropTags.has(name))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    this.#latestTags = tags;
    this.#latestTagSet = { tags: Object.fromEntries(entries), key: JSON.stringify(entries) };
    return this.#latestTagSet;
  }

  /** The series of a metric with these tags; beyond the cap, an overflow series of the metric. */
  seriesOf(metric: OpenMetric, tagSet: TagSet): OpenSeries {
    const known = metric.series.get(tagSet.key);
    if (known !== undefined) return known;
    if (this.#keptSeries < this.#seriesCap || metric.series.size < this.#reserve) {
      this.#keptSeries++;
      const series = this.#newSeries(metric, tagSet.tags);
      metric.series.set(tagSet.key, series);
      return series;
    }
    if (metric.beyond === undefined) {
      metric.beyond = new BeyondCap(metric.metric.name, this.#seriesCap, (overflow) => this.#sink.overflow(overflow));
      for (const { series } of metric.series.values()) metric.beyond.count(series.tags);
    }
    const tags = metric.beyond.reduce(tagSet.tags);
    const key = JSON.stringify(tags);
    const overflow = metric.overflow.get(key) ?? this.#newSeries(metric, tags);
    metric.overflow.set(key, overflow);
    return overflow;
  }

  /**
   * Adds one finite value. `timeMs`: the sample's time in whole epoch milliseconds, rounded down; `nanos`: the
   * nanoseconds beyond them, 0 to 999,999. Two integers, so that rounding cannot move a sample into the next window.
   */
  add(series: OpenSeries, timeMs: number, nanos: number, value: number): void {
    this.samples++;
    if (timeMs > this.newestSampleMs) this.newestSampleMs = timeMs;
    const beganMs = series.isDuration && value > 0 && value < LONGEST_MS ? timeMs - value : timeMs;
    if (beganMs < this.beganMs) this.beganMs = beganMs;
    if (series.isLoad) {
      if (beganMs < this.loadBeganMs) this.loadBeganMs = beganMs;
      if (timeMs > this.loadEndedMs) this.loadEndedMs = timeMs;
    }
    if (!(timeMs >= this.#slot.startMs && timeMs < this.#slot.endMs)) this.#turnTo(timeMs);
    this.#slot.add(series, timeMs, nanos, value);
  }

  /** Sends all open windows to the sink. */
  flush(): void {
    this.#emitBefore(Infinity);
  }

  /** What series beyond the cap lost, metric by metric. */
  overflows(): SeriesOverflow[] {
    return [...this.#metrics.values()].flatMap(({ beyond }) => beyond?.overflows() ?? []);
  }

  #newSeries(metric: OpenMetric, tags: Tags): OpenSeries {
    const series = { id: this.#seriesCount++, metric: metric.metric, tags };
    this.#sink.series(series);
    return new OpenSeries(series);
  }

  #turnTo(timeMs: number): void {
    const startMs = Math.floor(timeMs / this.#windowMs) * this.#windowMs;
    if (startMs > this.#newestStartMs) {
      this.#newestStartMs = startMs;
      this.#emitBefore(startMs - this.#lateMs);
    }
    const known = this.#slots.get(startMs);
    if (known !== undefined) {
      this.#slot = known;
      return;
    }
    // After a clock jumped ahead, all samples are late: windows must then close without a newer sample.
    if (this.#slots.size >= this.#maxOpen) this.#emit(Math.min(...this.#slots.keys()));
    this.#slot = this.#free.pop() ?? new Slot();
    this.#slot.startMs = startMs;
    this.#slot.endMs = startMs + this.#windowMs;
    this.#slots.set(startMs, this.#slot);
  }

  #emitBefore(endMs: number): void {
    const starts = [...this.#slots.keys()].sort((a, b) => a - b);
    for (const startMs of starts) if (startMs + this.#windowMs <= endMs) this.#emit(startMs);
  }

  #emit(startMs: number): void {
    const slot = this.#slots.get(startMs);
    if (slot === undefined) return;
    this.#slots.delete(startMs);
    this.#reader.emit(slot);
    if (this.#slot === slot) this.#slot = NO_SLOT;
    slot.clear();
    this.#free.push(slot);
  }
}
