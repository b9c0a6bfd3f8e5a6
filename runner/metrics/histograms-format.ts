// The histograms stream's vocabulary: what its header and control lines hold. The format itself is described above the code
// that writes it first, runner/k6/output/wire.go; test/fixtures/histograms holds lines that Go and TypeScript must agree on.

import type { GeneratorHealth, MetricType } from '../model/metrics.ts';

/** The version this program reads and writes. */
export const WIRE_VERSION = 1;

/** The first line of a stream. */
export interface HistogramsHeader {
  /** Tells the streams of several k6 processes apart. */
  readonly id: string;
  /** Version of k6, such as v2.2.0. */
  readonly k6: string;
  /** Version of Go that built k6, where it is known. */
  readonly go?: string;
  /** Start of window 0, epoch milliseconds. */
  readonly originMs: number;
  readonly windowMs: number;
  /** How many series there may be before further ones go to overflow series, where there is such a cap. */
  readonly seriesCap?: number;
  /** Tags that were left out of every series. */
  readonly dropTags?: readonly string[];
}

/** Kinds of control lines that readers and writers take care of themselves; all others are notes. */
export const RESERVED_KINDS: ReadonlySet<string> = new Set([
  'novaperf',
  'metric',
  'series',
  'health',
  'overflow',
  'window_ms',
  'end',
]);

/** How many numbers a data line has after its count. A trend's bins follow them. */
export const FIGURES_OF: Readonly<Record<MetricType, number>> = { counter: 1, rate: 1, trend: 3, gauge: 4 };

type HealthFigure = Exclude<keyof GeneratorHealth, 'startMs' | 'lengthMs'>;

/** Names of the health figures in the stream, in the order in which they are written. */
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
  // What the runner adds on its way into the archive; k6 does not know it.
  ['machine_cpu', 'machineCpu'],
  ['machine_cores', 'machineCores'],
  ['machine_pressure', 'machinePressure'],
  ['runner_cores', 'runnerCores'],
  ['runner_lag_ms', 'runnerLagMs'],
  ['clock_step_ms', 'clockStepMs'],
];
