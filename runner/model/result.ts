// result.json: what a run came to, versioned. Written by every run, read by compare, history, ConPort and other programs.

import { z } from 'zod';
import { baselineSchema } from './baseline.ts';
import { capacitySchema } from './capacity.ts';
import { ENVIRONMENT_SOURCES } from './environment.ts';
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
  generatorSchema,
  journeySchema,
  kpiSchema,
  leftOutSchema,
  metricSchema,
  resultSourceSchema,
  timestamp,
  verificationSchema,
} from './result-rows.ts';
import { serverSchema } from './server-result.ts';

export {
  checkSchema,
  endpointSchema,
  errorSampleSchema,
  errorSchema,
  findingSchema,
  generatorSchema,
  kpiSchema,
  metricSchema,
  verificationSchema,
} from './result-rows.ts';

export const RESULT_SCHEMA_VERSION = 1;

/** The worst first: of several runs, the first of these that one has is the status of all. `unjudged`: it finished, and had no target. */
export const RUN_STATUSES = ['error', 'aborted', 'fail', 'inconclusive', 'pass', 'unjudged'] as const;

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
  /** Who named the environment: ProjectConfig, --base-url, the script itself, or nobody (a stream that was recorded elsewhere). */
  environment_source: z.enum(ENVIRONMENT_SOURCES).default('configured'),
  target_url: z.string(),
  build_version: z.string(),
  /** Branch of the source; absent where neither CI nor git says one. */
  branch: z.string().optional(),
  started_at: timestamp,
  ended_at: timestamp,
  /** When the scenarios began, after setup(), and ended, before teardown(): phases count from here. null: the stream does not say. */
  load_started_at: timestamp.nullable().default(null),
  load_ended_at: timestamp.nullable().default(null),
  /** From the first sample to the last, setup() and teardown() included. */
  duration_ms: z.number(),
  status: z.enum(RUN_STATUSES),
  /** One sentence that gives the status its reason. */
  status_reason: z.string(),
  exit_code: z.number(),
  /** The stream ended before the plan did: interrupted, crashed or cut. */
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
  /** What the rows add up to that `endpoints` and `checks` do not list; the archive has each. Absent where all are listed. */
  left_out: z.looseObject({ endpoints: z.array(leftOutSchema), checks: z.number() }).optional(),
  errors: z.array(errorSchema),
  findings: z.array(findingSchema),
  /** What changed since the baseline; absent where none was asked for, or there is none yet. */
  baseline: baselineSchema.optional(),
  /** The highest load that met the targets; absent where none was searched for. */
  capacity: capacitySchema.optional(),
  /** What changed over the steady part of the load (milliseconds after its start; null: none long enough), of so many series that were
   * looked at. Absent in results from before 0.2. */
  observations: z
    .looseObject({ start_ms: figure, end_ms: figure, series: z.number(), observed: z.array(observationSchema) })
    .optional(),
  phases: z.array(z.looseObject({ name: z.string(), kind: z.string(), start_ms: z.number(), end_ms: z.number() })),
  scenarios: namedRecord(z.looseObject({ executor: z.string() })),
  /** Absent where the scenario has no journeys. */
  journeys: z.array(journeySchema).optional(),
  /** null: not known; absent in results from before 0.2. */
  iterations: z.looseObject({
    /** What arrival rates asked of this instance up to the end of load; null for closed models and runs that were cut. */
    asked: figure.optional(),
    begun: figure.optional(),
    completed: z.number(),
    /** Begun and cut: gracefulStop was over, or the run was stopped. */
    interrupted: figure.optional(),
    /** Due by an arrival rate, and no VU was free. */
    dropped: z.number(),
    /** Those of shared-iterations and per-vu-iterations that maxDuration left no time for. */
    not_begun: z.number().optional(),
    exceptions: z.number(),
  }),
  vus_max: figure,
  /** Hosts that were requested, as far as the tags of the requests hold URLs, the most requested first. */
  hosts: z.array(z.looseObject({ host: z.string(), requests: z.number() })).default([]),
  /** The run's latency in milliseconds as the report's first figure gives it, and which samples that is (primary.ts). */
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
  /** The start of the run in which response times were still falling; null: none was found; absent in results from before 0.2. */
  warm_up: z
    .looseObject({
      /** From the start of the run. */
      end_ms: z.number(),
      /** false: it reaches half of the steady load, so it may have lasted longer. */
      is_over: z.boolean(),
      /** Whether targets on response times were judged without it. */
      left_out: z.boolean(),
      /** Mean response time in it and after it, milliseconds. */
      mean_before: z.number(),
      mean_after: z.number(),
    })
    .nullable()
    .optional(),
  generator: generatorSchema,
  /** Checks made before the load; empty for a stream from elsewhere, and absent in results from before 0.2. */
  verification: z.array(verificationSchema).optional(),
  /** The system under test before, during and after the load; empty where nothing was watched. */
  server: serverSchema,
  /** What the stream lacked; see StreamFaults. */
  stream: z.looseObject({
    complete: z.boolean(),
    bad_lines: z.number(),
    bad_values: z.number(),
    lost_lines: z.number(),
  }),
  /** The k6 processes whose streams make up the run; absent where it was one. `latency` in milliseconds, times by the source's own clock. */
  sources: z.array(resultSourceSchema).optional(),
  /** How far apart the sources' clocks may be; null: not known. Absent where there was one. */
  clocks: z.looseObject({ bound_ms: z.number(), basis: z.enum(['measured', 'started_together']) }).nullish(),
  /** The run that this is a part of, and which part: milliseconds from the start of its load (null: not cut there), and tags. */
  slice: z
    .looseObject({ run: z.string(), from_ms: figure, to_ms: figure, tags: namedRecord(z.array(z.string())) })
    .optional(),
  /** File names in the run's folder. */
  files: namedRecord(z.string()),
  /** Ids and keys of the ConPort records of this run. */
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

/** Whether a KPI counts against the run: missed, or without data where that is not allowed. */
export function isMissedKpi(kpi: Pick<ResultKpi, 'verdict' | 'no_data_passes'>): boolean {
  return isMissed({ verdict: kpi.verdict, noDataPasses: kpi.no_data_passes === true });
}
export type ResultEndpoint = z.infer<typeof endpointSchema>;
export type ResultError = z.infer<typeof errorSchema>;
export type ResultErrorSample = z.infer<typeof errorSampleSchema>;
export type ResultFinding = z.infer<typeof findingSchema>;
export type RunStatus = (typeof RUN_STATUSES)[number];
