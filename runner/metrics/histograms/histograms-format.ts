// Names and versions in the header and control lines of a histograms stream. The format is described in
// runner/k6/output/wire.go; test/fixtures/histograms holds lines that Go and TypeScript must both produce.

import type { GeneratorHealth, MetricType } from '../../model/metrics.ts';

/** The version of the format that this program reads and writes. */
export const WIRE_VERSION = 1;

/** The first line of a stream. */
export interface HistogramsHeader {
  /** Identifies the stream; each k6 process writes its own. */
  readonly id: string;
  /** Version of k6, such as v2.2.0. */
  readonly k6: string;
  /** Version of Go that built k6, if known. */
  readonly go?: string;
  /** Start of window 0, epoch milliseconds. */
  readonly originMs: number;
  /** Length of a window, milliseconds. */
  readonly windowMs: number;
  /** Number of series from which further ones go to overflow series, if there is a cap. */
  readonly seriesCap?: number;
  /** Tags that were removed from every series. */
  readonly dropTags?: readonly string[];
}

/** Kinds of control lines that readers and writers handle themselves; all others are notes. */
export const RESERVED_KINDS: ReadonlySet<string> = new Set([
  'novaperf',
  'metric',
  'series',
  'health',
  'overflow',
  'window_ms',
  'end',
]);

/** Number of figures after the count in a data line. A trend's bins follow them. */
export const FIGURES_OF: Readonly<Record<MetricType, number>> = { counter: 1, rate: 1, trend: 3, gauge: 4 };

type HealthFigure = Exclude<keyof GeneratorHealth, 'startMs' | 'lengthMs'>;

/** Names of the health figures in the stream, in the order they are written. */
export const HEALTH_FIGURES: ReadonlyArray<readonly [name: string, figure: HealthFigure]> = [
  ['cpu_cores', 'cpuCores'],
  ['cores_allowed', 'coresAllowed'],
  ['resident_bytes', 'residentBytes'],
  ['goroutines', 'goroutines'],
  ['gc_pause_ms', 'gcPauseMs'],
  ['sched_p50_ms', 'schedP50Ms'],
  ['sched_p95_ms', 'schedP95Ms'],
  ['sched_p99_ms', 'schedP99Ms'],
  ['sched_max_ms', 'schedMaxMs'],
  ['backlog', 'backlog'],
  // Added by the runner when it writes the archive; k6 does not measure these.
  ['machine_cpu', 'machineCpu'],
  ['machine_cores', 'machineCores'],
  ['machine_pressure', 'machinePressure'],
  ['runner_cores', 'runnerCores'],
  ['runner_lag_ms', 'runnerLagMs'],
  ['clock_step_ms', 'clockStepMs'],
];
