// Samples go in, each with its series and its own time; series and their windows come out through the sink.

import type { Metric, Series, SeriesOverflow, Tags } from '../model/metrics.ts';
import { BeyondCap } from './beyond-cap.ts';
import type { StreamSink } from './sink.ts';
import { Slot, SlotReader } from './windower-slot.ts';

export interface WindowerOptions {
  /** Length of a window, whole milliseconds. Default 1000. */
  readonly windowMs?: number;
  /** Series over all metrics; beyond it each metric adds further ones up, see beyond-cap.ts. Default 20,000. */
  readonly seriesCap?: number;
  /** Tags that are taken off every sample. */
  readonly dropTags?: readonly string[];
  /** `borrowed`: the bins of a window are BorrowedBins, valid during the call of the sink. Default: the sink may keep them. */
  readonly bins?: 'kept' | 'borrowed';
}

/** Late samples come this much after the newest one at most in k6's own streams: it flushes 5 times a second. */
const LATE_MS = 3000;
/** However samples jump in time, no more windows than these are open besides the late ones. */
const SPARE_WINDOWS = 5;

/** k6 gives a request's samples the time of its end; only what spans the whole of it shows when it began. As in the Go output. */
const TELL_BEGIN: ReadonlySet<string> = new Set(['http_req_duration', 'iteration_duration']);

/** As in the Go output: k6 gives samples of scenarios the scenario's name; where scripts leave that tag out, only whole iterations show it. */
function isLoad({ metric, tags }: Series): boolean {
  if (metric.name === 'iteration_duration') return true;
  return Object.hasOwn(tags, 'scenario') && tags.group !== '::setup' && tags.group !== '::teardown';
}

/** No sample falls into it. */
const NOWHEN = new Slot();

/** A day: no request and no iteration is believed to have taken longer. */
const LONGEST_MS = 86_400_000;

/** Tags in one order, with the text that is the same for the same tags. */
export interface TagSet {
  readonly tags: Tags;
  readonly key: string;
}

/** A metric and its series by tags. */
export class OpenMetric {
  readonly series = new Map<string, OpenSeries>();
  /** Set once it has more series than the cap leaves it. */
  beyond: BeyondCap | undefined;
  readonly overflow = new Map<string, OpenSeries>();

  constructor(
    readonly metric: Metric,
    /** Dense from 0. */
    readonly index: number,
  ) {}
}

/** A series, and what of it decides where each of its samples counts. */
export class OpenSeries {
  /** Dense from 0. */
  readonly id: number;
  readonly isRate: boolean;
  readonly isTrend: boolean;
  /** Its values are milliseconds that something took up to the sample's time. */
  readonly tellsBegin: boolean;
  /** Its samples come from scenarios, not from setup() or teardown(). */
  readonly isLoad: boolean;

  constructor(readonly series: Series) {
    this.id = series.id;
    this.isRate = series.metric.type === 'rate';
    this.isTrend = series.metric.type === 'trend';
    this.tellsBegin = TELL_BEGIN.has(series.metric.name);
    this.isLoad = isLoad(series);
  }
}

/**
 * Sorts samples into windows of their series. A window goes to the sink once the newest sample is more than 3 s past it;
 * a sample that comes later still makes a further window of the same series and time, which adds up.
 *
 * Promises: counts exact; sums compensated; `last` is the latest by time among the samples of one emitted window; memory
 * is bounded by the series cap, whatever the samples' tags and times are.
 */
export class Windower {
  /** Samples added so far. */
  samples = 0;
  /** Time of the newest one, whole epoch milliseconds. */
  newestSampleMs = -Infinity;
  /** When the first thing that was measured began, epoch milliseconds: its sample's time less what it took. */
  beganMs = Infinity;
  /** The same of the samples that scenarios made. */
  loadBeganMs = Infinity;
  loadEndedMs = -Infinity;
  readonly #sink: StreamSink;
  readonly #windowMs: number;
  readonly #lateMs: number;
  readonly #maxOpen: number;
  readonly #seriesCap: number;
  /** Series that each metric keeps beyond the cap, as in the Go output: `vus` must not vanish because URLs exploded. */
  readonly #reserve: number;
  readonly #dropTags: ReadonlySet<string>;
  readonly #metrics = new Map<string, OpenMetric>();
  readonly #slots = new Map<number, Slot>();
  readonly #reader: SlotReader;
  /** Slots that were emitted, for the next ones. */
  readonly #free: Slot[] = [];
  #seriesCount = 0;
  #keptSeries = 0;
  #newestStartMs = -Infinity;
  #slot: Slot = NOWHEN;
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

  /** The metric of that name, if it was declared. */
  metric(name: string): OpenMetric | undefined {
    return this.#metrics.get(name);
  }

  /** Declares a metric; one that is known already stays as it is. */
  declare(metric: Metric): OpenMetric {
    const known = this.#metrics.get(metric.name);
    if (known !== undefined) return known;
    const open = new OpenMetric(metric, this.#metrics.size);
    this.#metrics.set(metric.name, open);
    this.#sink.metric(metric);
    return open;
  }

  /** Tags in order of their names, without the dropped ones. */
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

  /** The series of a metric with these tags; where the cap is reached, an overflow series of the metric. */
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
   * Adds one finite value. `timeMs` is the sample's time in whole epoch milliseconds, rounded down; `nanos` what is beyond
   * them, 0 to 999,999: so that no rounding moves a sample into the next window.
   */
  add(series: OpenSeries, timeMs: number, nanos: number, value: number): void {
    this.samples++;
    if (timeMs > this.newestSampleMs) this.newestSampleMs = timeMs;
    const beganMs = series.tellsBegin && value > 0 && value < LONGEST_MS ? timeMs - value : timeMs;
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
    // A clock that jumped ahead once makes all that follows late: windows must close without a newer sample then.
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
    if (this.#slot === slot) this.#slot = NOWHEN;
    slot.clear();
    this.#free.push(slot);
  }
}
