// The data of metrics: what a stream of k6 samples becomes, and the queries of verdicts and reports.

export type MetricType = 'counter' | 'gauge' | 'rate' | 'trend';

/** A metric as k6 declares it. `contains` gives the unit: time = milliseconds, data = bytes. */
export interface Metric {
  readonly name: string;
  readonly type: MetricType;
  readonly contains: 'default' | 'time' | 'data';
}

export type Tags = Readonly<Record<string, string>>;

/** One metric with one set of tags. `id` counts from 0 within one stream. */
export interface Series {
  readonly id: number;
  readonly metric: Metric;
  readonly tags: Tags;
}

/** Prefix of the metrics of the system under test. k6 allows no dot in a name, so they cannot clash with k6's. */
export const SERVER_PREFIX = 'server.';

/** Tag, with the value "true", of series that add up samples beyond the cap of series. */
export const OVERFLOW_TAG = 'overflow';

/** Series of a metric beyond the cap lost this tag because it had too many values. */
export interface SeriesOverflow {
  readonly metric: string;
  readonly tag: string;
  /** Number of distinct values; a lower bound if counting stopped. */
  readonly values: number;
  /**
   * Values that no sample lost. undefined: it is not known which tags were lost, as in archives of earlier releases.
   */
  readonly known?: readonly string[] | undefined;
}

/** A sparse histogram: parallel arrays, keys ascending. histogram.ts defines the keys. */
export interface Bins {
  readonly keys: Int32Array;
  readonly counts: Float64Array;
}

/**
 * One series over one time window, by the samples' own time. Several windows of the same series and time add up (late
 * samples). counter: sum = total of the values. rate: sum = number of non-zero values. gauge: last = the latest value.
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
  /** Only for trends. */
  readonly bins?: Bins;
}

/** The load generator's own state in one window. Figures that were not measured are absent. */
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
  /** Latency of the Go scheduler in this window, milliseconds. */
  readonly schedP50Ms?: number;
  readonly schedP95Ms?: number;
  readonly schedP99Ms?: number;
  readonly schedMaxMs?: number;
  /** Containers of samples (such as those of one request) that waited in the output when the window was written. */
  readonly backlog?: number;
  /** Of the machine with k6 and the runner: busy share of its cores, 0 to 1, and number of cores. */
  readonly machineCpu?: number;
  readonly machineCores?: number;
  /** Share of the time in which a task of the machine waited for a CPU, 0 to 1. */
  readonly machinePressure?: number;
  /** CPU used by the runner, cores; longest delay of its event loop, milliseconds. */
  readonly runnerCores?: number;
  readonly runnerLagMs?: number;
  /** How much the machine's clock was adjusted, milliseconds, forwards positive. */
  readonly clockStepMs?: number;
}

/** What was wrong with a stream, counted; all zero and complete = true for a stream without faults. */
export interface StreamFaults {
  /** Number of lines that were not JSON or not k6's. */
  readonly badLines: number;
  /** The first bad line, cut to 200 characters, and its number from 1. */
  readonly firstBadLine?: { readonly line: number; readonly text: string };
  /** Number of values that were not finite. */
  readonly badValues: number;
  /** Number of samples with times outside the run, which were dropped. Absent: none. */
  readonly outsideClock?: number | undefined;
  /** Number of k6 runs in the stream, one after another. Absent: one. */
  readonly runs?: number | undefined;
  /** Number of sequence numbers that are missing (histograms stream). */
  readonly lostLines: number;
  /** The time ranges of those lines. Absent: not known. */
  readonly gaps?: readonly TimeRange[] | undefined;
  /** Number of lines that came again and were dropped; log collectors may send lines twice. Absent: none. */
  readonly repeatedLines?: number | undefined;
  /** Number of samples in the closing totals that no line had. Absent: none. */
  readonly missingSamples?: number | undefined;
  /** Histograms stream: it has its closing line. Samples stream: the last line is complete. */
  readonly complete: boolean;
  /** What series beyond the cap lost, by metric and tag. */
  readonly overflow: readonly SeriesOverflow[];
}

/** Tag values that must all match; an empty filter matches every series. */
export type TagFilter = Tags;

/** The sum of some series over some time. A figure is undefined without samples; never NaN or Infinity. */
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
   * For trends, the value at q (0 to 1) by k6's definition: linear interpolation between the two nearest ranks, within
   * 0.1 % of the exact one and in [min, max]; exact at 0 and 1. undefined for other types.
   */
  quantile(q: number): number | undefined;
  /** For trends, the sparse histogram, keys ascending. */
  bins(): Bins;
}

/** A time range, epoch milliseconds, from inclusive, to exclusive. */
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

/** The system under test in the archive of a run: its metrics, separate from k6's, and notes. */
export interface ServerRun {
  /** Metrics called `server.*`. Those read before and after the load have the tag `phase`. */
  readonly metrics: RunMetrics;
  /** As written, not validated; see monitor/notes.ts. */
  readonly notes: readonly unknown[];
}

/** The metrics of a run, from which verdicts and reports get all figures. */
export interface RunMetrics {
  readonly metrics: ReadonlyMap<string, Metric>;
  readonly series: readonly Series[];
  /** Time of the first and the last sample, epoch milliseconds; undefined without samples. */
  readonly firstSampleMs: number | undefined;
  readonly lastSampleMs: number | undefined;
  /**
   * Start of the first iteration and end of the last, without setup() and teardown(). undefined without iterations, and
   * in archives of earlier releases.
   */
  readonly load?: TimeRange | undefined;
  /** Length of the intervals of timeline(), milliseconds. */
  readonly intervalMs: number;
  readonly health: readonly GeneratorHealth[];
  readonly faults: StreamFaults;
  /** The system under test, if it was monitored. The other fields do not include it. */
  readonly server?: ServerRun | undefined;
  /**
   * The sum of matching series over the whole run, or over the intervals that begin in `range`; undefined without
   * matching samples.
   */
  total(metric: string, filter?: TagFilter, range?: TimeRange): Aggregate | undefined;
  /**
   * Number of samples that lost a tag in the filter, so that they may match it; the figures of the filter do not
   * include them.
   */
  uncertain(metric: string, filter?: TagFilter): number;
  /** The sum of matching series per interval, including gaps, from the first to the last interval of the run. */
  timeline(metric: string, filter?: TagFilter): readonly Interval[];
  /** The sum of matching series for each combination of values of `tags` (a missing tag counts as ''). */
  groupBy(
    metric: string,
    tags: readonly string[],
    filter?: TagFilter,
  ): ReadonlyArray<{ readonly tags: Tags; readonly aggregate: Aggregate }>;
  /**
   * Start of the first and end of the last interval with samples of matching series (for a counter or rate: with a
   * non-zero sum).
   */
  seen(metric: string, filter?: TagFilter): TimeRange | undefined;
}
