// The schemas of the rows in result.json: targets, metrics, endpoints, checks, errors, findings and others.

import { z } from 'zod';
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
import { CHECK_STATES } from './preflight-check.ts';
import { PROTOCOL_IDS } from './protocols.ts';

/** ISO 8601 in UTC with milliseconds, as written by Date.toISOString. */
export const timestamp = z.iso.datetime();
export const figure = z.number().nullable();
const tags = namedRecord(z.string());

/** `item`: `Category:Key`. `version`: the number in the key. `field`: the place within the item's value. */
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
  /** Set if the interval is computed over several runs of this build, including this one. */
  pooled: z
    .object({
      runs: z.number(),
      /** Mean over all runs; over the earlier ones only if `agrees` is false. */
      mean: z.number(),
      /**
       * False if this run lies outside the range expected from the earlier ones: the interval is then for its own
       * value.
       */
      agrees: z.boolean(),
      /** The interval from this run alone. */
      own_ci_low: figure,
      own_ci_high: figure,
      /** Inconclusive: number of further runs that would decide with about even odds. null: not known. */
      decides_after_runs: figure,
    })
    .optional(),
  /** Why there is a value but no interval. Absent if there is one, or if unknown. */
  interval_absence: z.enum(INTERVAL_ABSENCES).optional(),
  confidence: z.enum(CONFIDENCES),
  /** How and why the verdict was reached; absent in results before 0.2, which used the value alone. */
  method: z.enum(VERDICT_METHODS).optional(),
  reason: z.enum(VERDICT_REASONS).optional(),
  /** Inconclusive: the run length, milliseconds, that would decide with about even odds. null: not known. */
  decides_after_ms: figure.optional(),
  unit: z.string(),
  samples: z.number(),
  verdict: z.enum(VERDICTS),
  /**
   * For the verdict `no_data`: true if it is a warning, as k6 passes a threshold without samples. Absent: it counts as
   * missed.
   */
  no_data_passes: z.boolean().optional(),
  severity: z.enum(SEVERITIES),
  /** True if the team declared the severity: it then holds however far the target is missed. */
  severity_is_declared: z.boolean().optional(),
  source: z.enum(['threshold', 'target', 'acceptance', 'builtin']),
  /** The ConPort item that the target comes from; null or absent for thresholds and built-in targets. */
  origin: originSchema.nullish(),
  /** The KPI as one line: `http_req_duration{name:x} p(95) < 250 ms`. */
  expression: z.string(),
  /**
   * Distance of the actual value from the target on the good side, percent of the target; negative: missed by. null: no
   * data, or target 0.
   */
  margin_percent: figure,
  note: z.string().nullable(),
  /**
   * Every period of this length, milliseconds, had to meet it, and `actual` is the worst one; absent for the whole
   * run.
   */
  over_ms: z.number().optional(),
  /** The part of the run that is judged, as named in the target; absent for the whole run. */
  during: z.string().optional(),
});

/** A field for every percentile in percentiles.ts. */
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

/** The status under which `statuses` counts requests without a status. */
export const NO_STATUS = 'none';

/** Latency in milliseconds over requests with an expected response; `all`: over every request. */
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
  /** Number of requests by status; NO_STATUS for those without one. */
  statuses: namedRecord(z.number()),
});

/** The sum of the endpoints of a protocol that are not listed. */
export const leftOutSchema = endpointSchema
  .pick({ protocol: true, requests: true, rate_per_s: true, failed: true, statuses: true })
  .extend({ rows: z.number() });

/** One user journey of a scenario that mixes several. */
export const journeySchema = z.looseObject({
  name: z.string(),
  /** Configured share of the virtual users (closed model) or of the iterations per second (open model), 0 to 1. */
  share_asked: figure,
  /** Share of the completed iterations, 0 to 1. */
  share: figure,
  iterations: z.number(),
  rate_per_s: figure,
  requests: z.number(),
  /** Share of failed HTTP requests, 0 to 1. */
  error_rate: figure,
  /** The metric of the next four fields, in its unit; null: the run has none. */
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

/** A failed request and its response, without secrets and cut to about 1 kB per part. Header names as sent. */
export const errorSampleSchema = z.looseObject({
  at: timestamp,
  request: z.looseObject({
    method: z.string(),
    url: z.string(),
    headers: namedRecord(z.string()),
    /** null: no body. */
    body: z.string().nullable(),
  }),
  response: z.looseObject({
    /** 0: no response. */
    status: z.number(),
    headers: namedRecord(z.string()),
    body: z.string().nullable(),
    duration_ms: z.number(),
    /** k6's error text; '' for none. */
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
  /** True if k6 has no error text and `message` only names the status. Absent otherwise. */
  message_is_status: z.literal(true).optional(),
  count: z.number(),
  /** Share of this endpoint's requests, this check's evaluations, or the iterations; 0 to 1. */
  share: figure,
  first_seen_at: timestamp.nullable(),
  last_seen_at: timestamp.nullable(),
  /** For exceptions, the place in the script: file:line:column. */
  where: z.string().nullable(),
  /** At most three, earliest first, from scenarios that use novaperf's request helper. */
  samples: z.array(errorSampleSchema).default([]),
});

export const findingSchema = z.looseObject({
  kind: z.string(),
  severity: z.enum(SEVERITIES),
  title: z.string(),
  detail: z.string(),
  kpis: z.array(z.string()),
  /** True if the severity is that of the explained targets, as declared by the team. */
  severity_is_declared: z.boolean().optional(),
  /** The most likely cause as a clause; null or absent if unknown. */
  probable_cause: z.string().nullish(),
  /**
   * Ids of missed targets that it may have caused: it changed together with their figure, or is part of it. Absent:
   * none.
   */
  moved_with: z.array(z.string()).optional(),
});

/** The result of a check made before load: `tls`, passed, `TLSv1.3, certificate valid for 89 days`. */
export const verificationSchema = z.looseObject({
  id: z.string(),
  title: z.string(),
  state: z.enum(CHECK_STATES),
  detail: z.string(),
  duration_ms: z.number(),
});
