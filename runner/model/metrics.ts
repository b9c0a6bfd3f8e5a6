// The plain data of the metrics stage: what a stream of k6 samples becomes, and what the verdicts and reports ask of it.

export type MetricType = 'counter' | 'gauge' | 'rate' | 'trend';

/** A metric as k6 declares it. `contains` gives the unit: time = milliseconds, data = bytes. */
export interface Metric {
  readonly name: string;
  readonly type: MetricType;
  readonly contains: 'default' | 'time' | 'data';
}

export type Tags = Readonly<Record<string, string>>;

/** One metric with one set of tags. `id` is dense from 0 within one stream. */
export interface Series {
  readonly id: number;
  readonly metric: Metric;
  readonly tags: Tags;
}

/**
 * What the names of metrics of the system under test begin with. k6 allows no dot in a name, so theirs and k6's never meet.
 */
export const SERVER_PREFIX = 'server.';

/** The tag, with the value "true", of series that add up what came beyond the cap of series. */
export const OVERFLOW_TAG = 'overflow';

/** Series of a metric beyond the cap lost this tag, because it had too many values. */
export interface SeriesOverflow {
  readonly metric: string;
  readonly tag: string;
  /** Distinct values; a lower bound where counting stopped. */
  readonly values: number;
  /** Values that no sample lost. undefined: not known which tags were lost, as in archives of earlier releases. */
  readonly known?: readonly string[] | undefined;
}

/** A sparse histogram: parallel arrays, keys ascending; see histogram.ts for what a key covers. */
export interface Bins {
  readonly keys: Int32Array;
  readonly counts: Float64Array;
}

/**
 * One series over one window of time, by the samples' own time. Several of the same series and window add up (late samples).
 * counter: sum = total of the values. rate: sum = number of non-zero values. gauge: last = the latest value.
 */
export interface SeriesWindow {
  readonly series: Series;
  /** Start of the window, epoch milliseconds. */
  readonly startMs: number;
  readonly lengthMs: number;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly last: number;
  /** Trends only. */
  readonly bins?: Bins;
}

/** How the load generator itself fared in one window. Absent figures were not measured. */
export interface GeneratorHealth {
  readonly startMs: number;
  readonly lengthMs: number;
  /** CPU of the k6 process in cores (1 = one core busy). */
  readonly cpuCores?: number;
  /** Cores that k6 may use. */
  readonly coresAllowed?: number;
  readonly residentBytes?: number;
  readonly goroutines?: number;
  readonly gcPauseMs?: number;
  /** Go scheduler latency in this window, milliseconds. */
  readonly schedP50Ms?: number;
  readonly schedP95Ms?: number;
  readonly schedP99Ms?: number;
  readonly schedMaxMs?: number;
  /** Containers of samples (those of one request, say) that waited in the output when the window was written. */
  readonly backlog?: number;
  /** Of the machine that k6 and the runner are on: share of its cores that was busy, 0 to 1, and how many it has. */
  readonly machineCpu?: number;
  readonly machineCores?: number;
  /** Share of the time in which some task of the machine waited for a CPU, 0 to 1. */
  readonly machinePressure?: number;
  /** CPU of the runner, cores; the longest delay of its event loop, milliseconds. */
  readonly runnerCores?: number;
  readonly runnerLagMs?: number;
  /** By how much the machine's clock was set, milliseconds, forwards positive. */
  readonly clockStepMs?: number;
}

/** What was wrong with a stream, counted; all zero and complete = true for a sound one. */
export interface StreamFaults {
  /** Lines that were no JSON or no line of k6's. */
  readonly badLines: number;
  /** The first bad line, cut to 200 characters, with its number from 1. */
  readonly firstBadLine?: { readonly line: number; readonly text: string };
  /** Values that were no finite number. */
  readonly badValues: number;
  /** Samples with times outside the run's own clock, which were left out. Absent: none. */
  readonly outsideClock?: number | undefined;
  /** Runs of k6 that the stream holds, one after the other. Absent: one. */
  readonly runs?: number | undefined;
  /** Sequence numbers that never came (histograms stream). */
  readonly lostLines: number;
  /** The times that those lines were of. Absent: none are known. */
  readonly gaps?: readonly TimeRange[] | undefined;
  /** Lines that came again and were left out, as a log collector may send them. Absent: none. */
  readonly repeatedLines?: number | undefined;
  /** Samples that the closing totals of the stream have and its lines had not. Absent: none. */
  readonly missingSamples?: number | undefined;
  /** Windows stream: its closing line came. Points stream: the last line ended whole. */
  readonly complete: boolean;
  /** What series beyond the cap lost, by metric and tag. */
  readonly overflow: readonly SeriesOverflow[];
}

/** Tags that must all be equal; an empty filter matches every series. */
export type TagFilter = Tags;

/** Some series over some time, added up. Every figure is undefined where there is no sample; never NaN or Infinity. */
export interface Aggregate {
  readonly type: MetricType;
  readonly count: number;
  readonly sum: number;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly last: number | undefined;
  /** sum / count; for a rate the share of non-zero values. */
  readonly mean: number | undefined;
  /**
   * Trends: the value at q (0 to 1) by k6's definition, linear interpolation between the two nearest ranks, within 0.1 %
   * of the exact one, clamped to [min, max]; exact at 0 and 1.
   */
  quantile(q: number): number | undefined;
  /** Trends: the sparse histogram, keys ascending. */
  bins(): Bins;
}

/** A stretch of the run, epoch milliseconds, from inclusive, to exclusive. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Interval {
  readonly startMs: number;
  readonly lengthMs: number;
  /** undefined: no sample in this interval. */
  readonly aggregate: Aggregate | undefined;
}

/** What the archive of a run holds of the system under test: numbers of their own, apart from k6's, and what was noted besides them. */
export interface ServerRun {
  /** Metrics called `server.*`. What was read before and after the load carries the tag `phase`. */
  readonly metrics: RunMetrics;
  /** As they were written, not checked; see server/notes.ts. */
  readonly notes: readonly unknown[];
}

/** All that a run's stream said: the only thing that verdicts and reports read numbers from. */
export interface RunMetrics {
  readonly metrics: ReadonlyMap<string, Metric>;
  readonly series: readonly Series[];
  /** Time of the first and the last sample, epoch milliseconds; undefined where there was none. */
  readonly firstSampleMs: number | undefined;
  readonly lastSampleMs: number | undefined;
  /**
   * When the first iteration began and the last ended, epoch milliseconds: without setup() and teardown(). undefined where there
   * was none, and in archives of former releases.
   */
  readonly load?: TimeRange | undefined;
  /** Length of the intervals that timeline() gives. */
  readonly intervalMs: number;
  readonly health: readonly GeneratorHealth[];
  readonly faults: StreamFaults;
  /** The system under test, where it was watched. None of it is in the other fields. */
  readonly server?: ServerRun | undefined;
  /** Matching series added up over the whole run, or over the intervals that begin in `range`; undefined where no sample matched. */
  total(metric: string, filter?: TagFilter, range?: TimeRange): Aggregate | undefined;
  /** How many samples lost a tag that the filter names, and so may match it or not: its figures cover all others only. */
  uncertain(metric: string, filter?: TagFilter): number;
  /** Matching series interval by interval, gaps included, from the first to the last interval of the run. */
  timeline(metric: string, filter?: TagFilter): readonly Interval[];
  /** Matching series added up per distinct combination of the values of `tags` (a missing tag counts as ''). */
  groupBy(
    metric: string,
    tags: readonly string[],
    filter?: TagFilter,
  ): ReadonlyArray<{ readonly tags: Tags; readonly aggregate: Aggregate }>;
  /** Start of the first and end of the last interval in which matching series had samples (for a counter or rate: a non-zero sum). */
  seen(metric: string, filter?: TagFilter): TimeRange | undefined;
}
