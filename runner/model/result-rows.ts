// Rows of result.json: a target, a metric, an endpoint, a check, an error, a finding and what else it lists.

import { z } from 'zod';
import { CHECK_STATES } from './check.ts';
import { ERROR_KINDS } from './error-kinds.ts';
import {
  COMPARISONS,
  CONFIDENCES,
  INTERVAL_ABSENCES,
  SEVERITIES,
  VERDICT_METHODS,
  VERDICT_REASONS,
  VERDICTS,
} from './kpi.ts';
import { namedRecord } from './named-record.ts';
import type { TrendFigure } from './percentiles.ts';
import { PROTOCOL_IDS } from './protocols.ts';
import { SOURCE_KINDS } from './source.ts';

/** ISO 8601 in UTC with milliseconds, as Date.toISOString writes it. */
export const timestamp = z.iso.datetime();
export const figure = z.number().nullable();
const tags = namedRecord(z.string());

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
export const leftOutSchema = endpointSchema
  .pick({ protocol: true, requests: true, rate_per_s: true, failed: true, statuses: true })
  .extend({ rows: z.number() });

/** One kind of user of a scenario that mixes several. */
export const journeySchema = z.looseObject({
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
  /** ws: WebSocket sessions that did not connect; browser: requests of a browser that failed. */
  kind: z.enum(ERROR_KINDS),
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
  /** Ids of missed targets for which it is a possible cause: it moved with their figure, or their figure is made of it. Absent: none. */
  moved_with: z.array(z.string()).optional(),
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
  /** Containers of samples that waited in k6, at most. */
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
