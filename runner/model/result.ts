// result.json: what a run came to, versioned. Written by every run, read by compare, history, ConPort and other programs.

import { z } from 'zod';
import { baselineSchema } from './baseline.ts';
import { capacitySchema } from './capacity.ts';
import { CHECK_STATES } from './check.ts';
import { ENVIRONMENT_SOURCES } from './environment.ts';
import {
  COMPARISONS,
  CONFIDENCES,
  INTERVAL_ABSENCES,
  isMissed,
  SEVERITIES,
  VERDICT_METHODS,
  VERDICT_REASONS,
  VERDICTS,
} from './kpi.ts';
import { namedRecord } from './named-record.ts';
import { observationSchema } from './observation.ts';
import type { TrendFigure } from './percentiles.ts';
import { PROTOCOL_IDS } from './protocols.ts';
import { serverSchema } from './server-result.ts';
import { SOURCE_KINDS } from './source.ts';

export const RESULT_SCHEMA_VERSION = 1;

/** ISO 8601 in UTC with milliseconds, as Date.toISOString writes it. */
const timestamp = z.iso.datetime();
const figure = z.number().nullable();
const tags = namedRecord(z.string());

/** The worst first: of several runs, the first of these that one has is the status of all. `unjudged`: it finished, and had no target. */
export const RUN_STATUSES = ['error', 'aborted', 'fail', 'inconclusive', 'pass', 'unjudged'] as const;

/** `item` is `Category:Key`, `version` the number in its key, `field` the place within its value. */
const originSchema = z.looseObject({ item: z.string(), version: z.number().nullable(), field: z.string() });

export const kpiSchema = z.looseObject({
  id: z.string(),
  metric: z.string(),
  filter: tags,
  statistic: z.string(),
  comparison: z.enum(COMPARISONS),
  target: z.number(),
  /** null: no data. */
  actual: figure,
  ci_low: figure,
  ci_high: figure,
  /** The interval is over so many runs of this build, this one among them; absent: over this run alone. */
  pooled: z
    .object({
      runs: z.number(),
      /** Of all of them; of the earlier ones where `agrees` is false. */
      mean: z.number(),
      /** false: this run lies outside what the earlier ones let expect, and the interval is about its own value. */
      agrees: z.boolean(),
      /** What this run alone gives. */
      own_ci_low: figure,
      own_ci_high: figure,
      /** Inconclusive: so many further runs would decide with about even odds. null: not known. */
      decides_after_runs: figure,
    })
    .optional(),
  /** Why there is a value without an interval. Absent where there is one, or that is not known. */
  interval_absence: z.enum(INTERVAL_ABSENCES).optional(),
  confidence: z.enum(CONFIDENCES),
  /** How the verdict was reached and why; absent in results from before 0.2, which went by the value alone. */
  method: z.enum(VERDICT_METHODS).optional(),
  reason: z.enum(VERDICT_REASONS).optional(),
  /** Inconclusive: a run of this length, milliseconds, would decide with about even odds. null: not known. */
  decides_after_ms: figure.optional(),
  unit: z.string(),
  samples: z.number(),
  verdict: z.enum(VERDICTS),
  /** With the verdict `no_data`: true where that is a warning, as k6 passes a threshold without samples. Absent: it counts as missed. */
  no_data_passes: z.boolean().optional(),
  severity: z.enum(SEVERITIES),
  /** The team itself gave the severity; it then holds however far off the target is. */
  severity_is_declared: z.boolean().optional(),
  source: z.enum(['threshold', 'target', 'acceptance', 'builtin']),
  /** The ConPort item that the target comes from; null or absent for the script's thresholds and built-in targets. */
  origin: originSchema.nullish(),
  /** The KPI as one line: `http_req_duration{name:x} p(95) < 250 ms`. */
  expression: z.string(),
  /** How far the actual value is on the good side of the target, in percent of the target; negative = missed by. null: no data or target 0. */
  margin_percent: figure,
  note: z.string().nullable(),
  /** Every stretch of this many milliseconds had to meet it, and `actual` is that of the worst; absent for the whole run. */
  over_ms: z.number().optional(),
  /** The part of the run that it is about, as the target names it; absent for the whole run. */
  during: z.string().optional(),
});

/** Every percentile of the list in percentiles.ts has its field. */
const trendFigures = {
  avg: figure,
  min: figure,
  med: figure,
  p90: figure,
  p95: figure,
  p99: figure,
  p999: figure,
  max: figure,
} satisfies Record<TrendFigure, typeof figure>;

export const metricSchema = z.looseObject({
  type: z.enum(['counter', 'gauge', 'rate', 'trend']),
  unit: z.string(),
  count: z.number(),
  /** counter: per second; rate: share from 0 to 1; null otherwise. */
  rate: figure,
  ...trendFigures,
  /** counter: sum of the values; gauge: last value; null otherwise. */
  value: figure,
});

/** Latency figures are in milliseconds and over requests that got an expected response; `all` holds those of every request. */
export const endpointSchema = z.looseObject({
  name: z.string(),
  method: z.string(),
  protocol: z.enum([...PROTOCOL_IDS, 'other']),
  requests: z.number(),
  rate_per_s: figure,
  failed: z.number(),
  /** Share of failed requests, 0 to 1. */
  error_rate: figure,
  ...trendFigures,
  all: z.looseObject({ med: figure, p95: figure, p99: figure, max: figure }),
  statuses: namedRecord(z.number()),
});

/** The endpoints of a protocol that are not listed one by one, added up. */
const leftOutSchema = endpointSchema
  .pick({ protocol: true, requests: true, rate_per_s: true, failed: true, statuses: true })
  .extend({ rows: z.number() });

/** One kind of user of a scenario that mixes several. */
const journeySchema = z.looseObject({
  name: z.string(),
  /** Share of the virtual users (closed model) or of the iterations a second (open) that it is to have, 0 to 1. */
  share_asked: figure,
  /** Share of the iterations that were completed, 0 to 1. */
  share: figure,
  iterations: z.number(),
  rate_per_s: figure,
  requests: z.number(),
  /** Share of failed HTTP requests, 0 to 1. */
  error_rate: figure,
  /** The metric that the next four are of, in its unit; null: the run has none. */
  latency_metric: z.string().nullable(),
  med: figure,
  p95: figure,
  p99: figure,
  max: figure,
});
export type ResultJourney = z.infer<typeof journeySchema>;

export const checkSchema = z.looseObject({
  name: z.string(),
  group: z.string(),
  scenario: z.string(),
  passes: z.number(),
  fails: z.number(),
  /** Share passed, 0 to 1. */
  rate: figure,
  first_failure_at: timestamp.nullable(),
  last_failure_at: timestamp.nullable(),
});

/** A request that failed and what came back, without secrets and cut to about 1 kB a part. Header names as they were sent. */
export const errorSampleSchema = z.looseObject({
  at: timestamp,
  request: z.looseObject({
    method: z.string(),
    url: z.string(),
    headers: namedRecord(z.string()),
    /** null: none. */
    body: z.string().nullable(),
  }),
  response: z.looseObject({
    /** 0: there was none. */
    status: z.number(),
    headers: namedRecord(z.string()),
    body: z.string().nullable(),
    duration_ms: z.number(),
    /** k6's words; '' for none. */
    error: z.string(),
  }),
  vu: z.number(),
  /** null: in setup or teardown. */
  iteration: z.number().nullable(),
  scenario: z.string(),
});

export const errorSchema = z.looseObject({
  /** http: an error response; transport: no response; grpc: a call that did not end with status OK. */
  kind: z.enum(['http', 'transport', 'grpc', 'check', 'exception', 'log']),
  endpoint: z.string(),
  method: z.string(),
  url: z.string(),
  status: z.string(),
  code: z.string(),
  message: z.string(),
  count: z.number(),
  /** Of the requests to this endpoint, of the evaluations of this check, or of the iterations; 0 to 1. */
  share: figure,
  first_seen_at: timestamp.nullable(),
  last_seen_at: timestamp.nullable(),
  /** Where in the script, for exceptions: file:line:column. */
  where: z.string().nullable(),
  /** Up to three, the earliest first, from scenarios that use novaperf's request helper. */
  samples: z.array(errorSampleSchema).default([]),
});

export const findingSchema = z.looseObject({
  kind: z.string(),
  severity: z.enum(SEVERITIES),
  title: z.string(),
  detail: z.string(),
  kpis: z.array(z.string()),
  /** The severity is that of the targets it explains, as the team declared them. */
  severity_is_declared: z.boolean().optional(),
  /** The likeliest cause as a clause; null or absent where none is known. */
  probable_cause: z.string().nullish(),
});

/** One thing that was verified before load: `tls`, passed, `TLSv1.3, certificate valid for 89 days`. */
export const verificationSchema = z.looseObject({
  id: z.string(),
  title: z.string(),
  state: z.enum(CHECK_STATES),
  detail: z.string(),
  duration_ms: z.number(),
});

export const generatorSchema = z.looseObject({
  state: z.enum(['clean', 'warn', 'saturated', 'unknown']),
  reasons: z.array(z.string()),
  /** Cores used by k6, averaged over the run, and its highest window. */
  cpu_cores_avg: figure,
  cpu_cores_max: figure,
  cores_allowed: figure,
  resident_bytes_max: figure,
  sched_p99_ms: figure,
  goroutines_max: figure,
  dropped_iterations: z.number(),
  /** Achieved share of the asked arrival rate, 0 to 1; null for closed models. */
  achieved_rate: figure,
  /** Samples that had piled up unread inside k6 at the worst moment. */
  backlog_max: figure,
  /** The machine that k6 and novaperf ran on, over the load; absent in results from before 0.2. */
  machine: z
    .looseObject({
      state: z.enum(['free', 'busy', 'saturated', 'unknown']),
      cores: figure,
      /** Share of all cores that was busy, 0 to 1: average, and the highest level kept up for 3 of 5 s. */
      cpu_avg: figure,
      cpu_sustained: figure,
      /** Share of the time in which some task waited for a CPU, 0 to 1, kept up for 3 of 5 s (Linux). */
      pressure_sustained: figure,
      /** Cores used by neither k6 nor novaperf, on average. */
      other_cores_avg: figure,
      runner_lag_max_ms: figure,
      /** By how much the clock was set during the run, forwards positive; null: not at all. */
      clock_step_ms: figure,
    })
    .optional(),
});

/** One of several k6 processes. */
const resultSourceSchema = z.looseObject({
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
  /** Its stream has its end, and nothing of it is missing. */
  complete: z.boolean(),
  /** Where its stream ends without its closing line. */
  cut_at: timestamp.nullable(),
  /** Times of which lines are missing. */
  gaps: z.array(z.looseObject({ from: timestamp, to: timestamp })),
  lost_lines: z.number(),
  /** Samples that its closing totals have and its lines had not. */
  missing_samples: z.number(),
  repeated_lines: z.number(),
  exit_code: z.number().nullable(),
  problem: z.string().nullable(),
  /** By how much its clock was ahead of the collector's, at least and at most. */
  clock_ahead_ms: z.looseObject({ low: z.number(), high: z.number() }).nullable(),
  generator: z.looseObject({ state: z.enum(['clean', 'warn', 'saturated', 'unknown']), reasons: z.array(z.string()) }),
});

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
