// Schemas of what result.json says of the load generator: its health, and each of several k6 processes.

import { z } from 'zod';
import { figure, timestamp } from './result-rows.ts';
import { SOURCE_KINDS } from './source.ts';

export const generatorSchema = z.looseObject({
  state: z.enum(['clean', 'warn', 'saturated', 'unknown']),
  reasons: z.array(z.string()),
  /** Cores used by k6: average over the run, and highest window. */
  cpu_cores_avg: figure,
  cpu_cores_max: figure,
  cores_allowed: figure,
  resident_bytes_max: figure,
  sched_p99_ms: figure,
  goroutines_max: figure,
  dropped_iterations: z.number(),
  /** Achieved share of the configured arrival rate, 0 to 1; null for closed models. */
  achieved_rate: figure,
  /** Maximum number of sample containers that waited in k6's output. */
  backlog_max: figure,
  /** The machine of k6 and novaperf during the load; absent in results before 0.2. */
  machine: z
    .looseObject({
      state: z.enum(['free', 'busy', 'saturated', 'unknown']),
      cores: figure,
      /** Busy share of all cores, 0 to 1: average, and highest level for at least 3 of 5 s. */
      cpu_avg: figure,
      cpu_sustained: figure,
      /** Share of the time in which a task waited for a CPU, 0 to 1, for at least 3 of 5 s (Linux). */
      pressure_sustained: figure,
      /** Average of the cores used by neither k6 nor novaperf. */
      other_cores_avg: figure,
      runner_lag_max_ms: figure,
      /** How much the clock was adjusted during the run, forwards positive; null: not at all. */
      clock_step_ms: figure,
    })
    .optional(),
});

/** One of several k6 processes. */
export const resultSourceSchema = z.looseObject({
  name: z.string(),
  kind: z.enum(SOURCE_KINDS),
  started_at: timestamp.nullable(),
  ended_at: timestamp.nullable(),
  load_started_at: timestamp.nullable(),
  requests: z.number(),
  rate_per_s: figure,
  /** Share of failed requests, 0 to 1. */
  failed_rate: figure,
  iterations: z.number(),
  vus_max: figure,
  latency: z
    .looseObject({ metric: z.string(), count: z.number(), med: figure, p95: figure, p99: figure, max: figure })
    .nullable(),
  /** True if the stream has its closing line and nothing is missing. */
  complete: z.boolean(),
  /** Where the stream ends without its closing line; null if it has one. */
  cut_at: timestamp.nullable(),
  /** Time ranges with missing lines. */
  gaps: z.array(z.looseObject({ from: timestamp, to: timestamp })),
  lost_lines: z.number(),
  /** Number of samples in the closing totals that no line had. */
  missing_samples: z.number(),
  repeated_lines: z.number(),
  exit_code: z.number().nullable(),
  problem: z.string().nullable(),
  /** How much its clock was ahead of the collector's: lower and upper bound. */
  clock_ahead_ms: z.looseObject({ low: z.number(), high: z.number() }).nullable(),
  generator: z.looseObject({ state: z.enum(['clean', 'warn', 'saturated', 'unknown']), reasons: z.array(z.string()) }),
});
