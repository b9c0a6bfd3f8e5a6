// The schema of result.json, the result of a run. Every run writes it; compare, history, ConPort and other programs
// read it.

import { z } from 'zod';
import { baselineSchema } from './baseline.ts';
import { capacitySchema } from './capacity.ts';
import { ENVIRONMENT_SOURCES } from './environment.ts';
import { generatorSchema, resultSourceSchema } from './generator-rows.ts';
import { isMissed } from './kpi.ts';
import { namedRecord } from './named-record.ts';
import { observationSchema } from './observation.ts';
import {
  checkSchema,
  endpointSchema,
  type errorSampleSchema,
  errorSchema,
  figure,
  findingSchema,
  journeySchema,
  kpiSchema,
  leftOutSchema,
  metricSchema,
  timestamp,
  verificationSchema,
} from './result-rows.ts';
import { serverSchema } from './server-result.ts';

export { generatorSchema } from './generator-rows.ts';
export {
  checkSchema,
  endpointSchema,
  errorSampleSchema,
  errorSchema,
  findingSchema,
  kpiSchema,
  metricSchema,
  verificationSchema,
} from './result-rows.ts';

export const RESULT_SCHEMA_VERSION = 1;

/**
 * Worst first: the status of several runs is the first that one of them has. `unjudged`: it finished but had no target.
 */
export const RUN_STATUSES = ['error', 'aborted', 'fail', 'inconclusive', 'pass', 'unjudged'] as const;

/** What decided the status; `status_reason` has the words. The rules are in analysis/verdict/status.ts. */
export const STATUS_CAUSES = [
  'died',
  'interrupted',
  'abort_on_fail',
  'always_threw',
  'k6_exit',
  'k6_killed',
  'targets_missed',
  /** And the script threw in every iteration. */
  'targets_missed_always_threw',
  'data_incomplete',
  'nothing_ran',
  'targets_inconclusive',
  'nothing_judged',
  'targets_met',
  /** Slower than the baseline, with --fail-on regression. */
  'regression',
] as const;

export const resultSchema = z.looseObject({
  schema_version: z.literal(RESULT_SCHEMA_VERSION),
  novaperf_version: z.string(),
  /** Name of the run's folder. */
  run: z.string(),
  scenario: z.string(),
  component: z.string(),
  description: z.string(),
  profile: z.string(),
  environment: z.string(),
  /**
   * What named the environment: ProjectConfig, --base-url, the script itself, or nothing (a stream recorded elsewhere).
   */
  environment_source: z.enum(ENVIRONMENT_SOURCES).default('configured'),
  target_url: z.string(),
  build_version: z.string(),
  /** Branch of the source; absent if neither CI nor git reports one. */
  branch: z.string().optional(),
  started_at: timestamp,
  ended_at: timestamp,
  /**
   * Start of the scenarios, after setup(), and their end, before teardown(): phases count from here. null: not in the
   * stream.
   */
  load_started_at: timestamp.nullable().default(null),
  load_ended_at: timestamp.nullable().default(null),
  /** From the first sample to the last, including setup() and teardown(). */
  duration_ms: z.number(),
  status: z.enum(RUN_STATUSES),
  /** The reason for the status, one sentence. */
  status_reason: z.string(),
  /** What decided the status; absent in results before 0.2. */
  status_cause: z.enum(STATUS_CAUSES).optional(),
  exit_code: z.number(),
  /** True if the stream ended before the plan did: interrupted, crashed or cut. */
  partial: z.boolean(),
  script: z.string(),
  k6: z.looseObject({
    version: z.string(),
    path: z.string(),
    stream: z.enum(['histograms', 'samples']),
    exit_code: z.number().nullable(),
    command: z.array(z.string()),
  }),
  machine: z.looseObject({
    os: z.string(),
    cpu: z.string(),
    cores: z.number(),
    memory_bytes: z.number(),
    node: z.string(),
  }),
  kpis: z.array(kpiSchema),
  metrics: namedRecord(metricSchema),
  endpoints: z.array(endpointSchema),
  checks: z.array(checkSchema),
  /**
   * Totals of the rows that `endpoints` and `checks` do not list; the archive has all of them. Absent if all are
   * listed.
   */
  left_out: z.looseObject({ endpoints: z.array(leftOutSchema), checks: z.number() }).optional(),
  errors: z.array(errorSchema),
  findings: z.array(findingSchema),
  /** The comparison with the baseline; absent if none was requested, or there is none yet. */
  baseline: baselineSchema.optional(),
  /** The highest load that met the targets; absent if there was no search. */
  capacity: capacitySchema.optional(),
  /**
   * Changes over the steady part of the load (milliseconds after its start; null: no part is long enough). `series`:
   * number of series examined. Absent in results before 0.2.
   */
  observations: z
    .looseObject({ start_ms: figure, end_ms: figure, series: z.number(), observed: z.array(observationSchema) })
    .optional(),
  phases: z.array(z.looseObject({ name: z.string(), kind: z.string(), start_ms: z.number(), end_ms: z.number() })),
  scenarios: namedRecord(z.looseObject({ executor: z.string() })),
  /** Absent if the scenario has no journeys. */
  journeys: z.array(journeySchema).optional(),
  /** null: not known; absent in results before 0.2. */
  iterations: z.looseObject({
    /**
     * Iterations that the arrival rates requested up to the end of load; null for closed models and runs that were cut.
     */
    asked: figure.optional(),
    begun: figure.optional(),
    completed: z.number(),
    /** Started but not completed: gracefulStop expired, or the run was stopped. */
    interrupted: figure.optional(),
    /** Requested by an arrival rate, but no VU was free. */
    dropped: z.number(),
    /** Iterations of shared-iterations and per-vu-iterations for which maxDuration left no time. */
    not_begun: z.number().optional(),
    exceptions: z.number(),
  }),
  vus_max: figure,
  /** Requested hosts, most requests first, as far as the requests' tags contain URLs. */
  hosts: z.array(z.looseObject({ host: z.string(), requests: z.number() })).default([]),
  /** The latency in the report's first figure, milliseconds, and the samples it covers (primary.ts). */
  latency: z
    .looseObject({
      metric: z.string(),
      scope: z.string(),
      count: z.number(),
      med: figure,
      p95: figure,
      p99: figure,
      max: figure,
    })
    .nullable()
    .optional(),
  options: namedRecord(z.unknown()),
  /**
   * The start of the run in which response times were still falling; null: no warm-up found; absent in results before
   * 0.2.
   */
  warm_up: z
    .looseObject({
      /** Milliseconds from the start of the run. */
      end_ms: z.number(),
      /** False if it reaches half of the steady load, so it may be longer. */
      is_over: z.boolean(),
      /** True if targets on response times were judged without it. */
      left_out: z.boolean(),
      /** Mean response time during it and after it, milliseconds. */
      mean_before: z.number(),
      mean_after: z.number(),
    })
    .nullable()
    .optional(),
  generator: generatorSchema,
  /** Checks made before load; empty for a stream recorded elsewhere, absent in results before 0.2. */
  verification: z.array(verificationSchema).optional(),
  /** The system under test before, during and after the load; empty if it was not monitored. */
  server: serverSchema,
  /** Faults of the stream; see StreamFaults. */
  stream: z.looseObject({
    complete: z.boolean(),
    bad_lines: z.number(),
    bad_values: z.number(),
    lost_lines: z.number(),
  }),
  /**
   * The k6 processes of the run; absent if there was only one. `latency` in milliseconds, times by the source's own
   * clock.
   */
  sources: z.array(resultSourceSchema).optional(),
  /** Largest difference between the sources' clocks; null: not known. Absent for a single source. */
  clocks: z.looseObject({ bound_ms: z.number(), basis: z.enum(['measured', 'started_together']) }).nullish(),
  /** Set for a part of another run: milliseconds from the start of its load (null: not cut there), and tags. */
  slice: z
    .looseObject({ run: z.string(), from_ms: figure, to_ms: figure, tags: namedRecord(z.array(z.string())) })
    .optional(),
  /** File names in the run's folder. */
  files: namedRecord(z.string()),
  /** Ids and keys of this run's ConPort records. */
  conport: z.looseObject({
    progress_id: z.number().nullable(),
    decision_id: z.number().nullable(),
    performance_notes: z.array(z.string()),
    test_execution_report: z.string().nullable(),
    error_logs: z.array(z.string()),
  }),
});

export type Result = z.infer<typeof resultSchema>;
export type ResultJourney = z.infer<typeof journeySchema>;
export type ResultKpi = z.infer<typeof kpiSchema>;
export type ResultCheck = z.infer<typeof checkSchema>;

/** True if a KPI counts against the run: missed, or without data if that is not allowed. */
export function isMissedKpi(kpi: Pick<ResultKpi, 'verdict' | 'no_data_passes'>): boolean {
  return isMissed({ verdict: kpi.verdict, noDataPasses: kpi.no_data_passes === true });
}
export type ResultEndpoint = z.infer<typeof endpointSchema>;
export type ResultError = z.infer<typeof errorSchema>;
export type ResultErrorSample = z.infer<typeof errorSampleSchema>;
export type ResultFinding = z.infer<typeof findingSchema>;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** True if the run ended by itself. Aborted runs and runs with an error cannot be compared with others. */
export function isCompleted(status: RunStatus): boolean {
  return status !== 'error' && status !== 'aborted';
}
export type StatusCause = (typeof STATUS_CAUSES)[number];
