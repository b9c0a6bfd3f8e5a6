// The schemas of the custom data that runs write. Unknown fields are kept. Runs always write fields with a default; items written by
// people or by earlier releases may lack them.

import { z } from 'zod';
import { capacitySchema } from '../../model/capacity.ts';
import { SEVERITIES, VERDICTS } from '../../model/kpi.ts';
import { RUN_STATUSES } from '../../model/result.ts';
import { planStepSchema } from './plan-steps.ts';

const id = z.number().int().positive();
const keys = z.array(z.string().min(1));
const figure = z.number().nullable();
/** ISO 8601, UTC. */
const moment = z.iso.datetime();
const text = z.string().default('');
const textOrNone = z.string().nullable().default(null);

/** The value that a run writes for a schema, without unknown fields, so that the compiler finds every place that a changed field affects. */
export type Written<S extends z.ZodType> = KnownFields<z.output<S>>;
type KnownFields<T> = T extends readonly (infer Item)[]
  ? readonly KnownFields<Item>[]
  : T extends object
    ? { readonly [Field in keyof T as string extends Field ? never : Field]: KnownFields<T[Field]> }
    : T;

/** The ConPort item that a target comes from; undefined for thresholds of the script. */
const targetOrigin = {
  item: z.string().optional(),
  version: z.number().nullable().optional(),
  field: z.string().optional(),
};

const kpiOfNote = z.looseObject({
  id: z.string(),
  expression: z.string(),
  verdict: z.enum(VERDICTS),
  severity: z.enum(SEVERITIES),
  source: z.string(),
  ...targetOrigin,
  actual: figure,
  target: z.number(),
  unit: z.string(),
  ci_low: figure,
  ci_high: figure,
  confidence: z.string(),
  samples: z.number(),
  margin_percent: figure,
});

export const performanceNoteSchema = z.looseObject({
  schema_version: z.string(),
  component_scenario: z.string().min(1),
  component: text,
  scenario: text,
  run: text,
  observed_at: text,
  target_url: text,
  metric_observed: z.string().min(1),
  /** null for a finding that is not about a target. */
  target_kpi_value: z.string().nullable(),
  actual_value_observed: z.string().min(1),
  /** One sentence with numbers. */
  finding_summary: text,
  finding_description: z.string().min(1),
  finding_kind: text,
  /** The most severe missed target; absent if none was missed. */
  kpi: kpiOfNote.optional(),
  targets_broken: z.array(kpiOfNote).default([]),
  potential_cause_hypothesis: z.string().nullable(),
  raw_data_report_reference: z.string().min(1),
  severity: z.enum(SEVERITIES),
  build_version: z.string(),
  environment: z.string(),
  profile: z.string(),
  /** Absent in a note from a ConPort server, whose numbers differ from those here. */
  progress_id: id.optional(),
});

export type PerformanceNote = Written<typeof performanceNoteSchema>;
export type NotedKpi = Written<typeof kpiOfNote>;

const reportedKpi = z.looseObject({
  id: z.string(),
  expression: z.string(),
  target: z.number(),
  actual: figure,
  unit: z.string(),
  verdict: z.enum(VERDICTS),
  severity: z.enum(SEVERITIES),
  source: text,
  ...targetOrigin,
});

/** The highest sustained load with its steps. */
const reportedCapacity = z.looseObject({
  sentence: z.string(),
  ...capacitySchema.omit({ limit_target: true, steps: true }).shape,
  steps: z.array(
    capacitySchema.shape.steps.element.pick({
      ...{ load: true, why: true, is_met: true, missed: true, held_until: true, duration_ms: true, warm_up_ms: true },
      ...{ requests_per_s: true, p50_ms: true, p95_ms: true, error_share: true },
    }),
  ),
});

const change = z.looseObject({
  endpoint: z.string().nullable(),
  statistic: z.string(),
  unit: z.string(),
  before: figure,
  after: figure,
  change: figure,
  ci_low: figure,
  ci_high: figure,
});

const whatChanged = z.looseObject({
  sentence: z.string(),
  verdict: z.string(),
  baseline: z.string(),
  baseline_run: z.string(),
  baseline_build: z.string(),
  runs: z.looseObject({ baseline: z.number(), this_build: z.number(), needed: figure }),
  smallest_change_found: figure,
  slower: z.array(change),
  faster: z.array(change),
  mismatches: z.array(z.string()),
});

/** One metric of the system under test before, during and after the load. */
const serverMetric = z.looseObject({
  what: z.string(),
  source: z.string(),
  unit: z.string(),
  before_avg: figure,
  during_avg: figure,
  during_p95: figure,
  during_max: figure,
  after_last: figure,
  recovered: z.boolean().nullable(),
});

const serverSource = z.looseObject({
  name: z.string(),
  kind: z.string(),
  state: z.string(),
  gaps: z.array(z.looseObject({ from: z.string(), to: z.string(), reason: z.string() })),
});

const reportedScenario = z.looseObject({
  scenario: z.string(),
  component: text,
  profile: text,
  run: z.string(),
  status: z.enum(RUN_STATUSES),
  status_reason: text,
  partial: z.boolean().default(false),
  started_at: text,
  ended_at: text,
  k6_version: text,
  /** Pre-flight checks: how many passed, and the others in words. */
  verification: z
    .looseObject({ passed: z.number(), not_made: z.number(), warnings: z.array(z.string()) })
    .nullable()
    .default(null),
  progress_id: id.nullable().default(null),
  performance_notes: keys.default([]),
  error_logs: keys.default([]),
  /** Number of distinct errors without an ErrorLogs item, because there were too many. */
  error_logs_left_out: z.number().default(0),
  kpis: z.array(reportedKpi),
  /** Absent without a baseline. */
  what_changed: whatChanged.optional(),
  /** Absent for a run that is no capacity search. */
  capacity: reportedCapacity.optional(),
  /** Absent if the system under test was not monitored. */
  server_metrics: z.array(serverMetric).optional(),
  server_sources: z.array(serverSource).optional(),
});

export type ReportedScenario = Written<typeof reportedScenario>;

export const testExecutionReportSchema = z.looseObject({
  schema_version: z.string(),
  test_type: z.literal('performance'),
  component: z.string().min(1),
  scope: z.string().min(1),
  status: z.string().min(1),
  outcome: z.enum([...RUN_STATUSES, 'interrupted']),
  environment: z.string(),
  target_url: z.string(),
  build_version: z.string(),
  began_at: moment,
  ended_at: moment,
  interrupted: z.boolean(),
  /** null if the cycle died before it wrote a report. */
  report_path: z.string().nullable(),
  scenarios: z.array(reportedScenario),
  not_run: z.array(z.string()),
  totals: z.looseObject({
    scenarios: z.number(),
    scenarios_passed: z.number(),
    kpis: z.number(),
    kpis_met: z.number(),
    kpis_missed: z.number(),
    kpis_without_data: z.number(),
    kpis_inconclusive: z.number(),
    requests: z.number(),
    iterations: z.number(),
    performance_notes: z.number(),
    error_logs: z.number(),
  }),
  performance_notes: keys,
  error_logs: keys,
  progress_id: id,
  decision_id: id.nullable(),
  trigger: text,
});

export type TestExecutionReport = Written<typeof testExecutionReportSchema>;

/** The statuses of an ErrorLogs item. */
export const ERROR_STATUSES = [
  'OPEN',
  'INVESTIGATING',
  'AWAITING_FIX',
  'AWAITING_VERIFICATION',
  'RESOLVED',
  'REOPENED',
  'FAILED_VERIFICATION',
  'CLOSED_WONTFIX',
  'CLOSED_DUPLICATE',
] as const;

export const errorLogSchema = z.looseObject({
  schema_version: z.string(),
  error_id_human: z.string().min(1),
  timestamp_reported: moment,
  status: z.enum(ERROR_STATUSES),
  severity: z.enum(['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'TRIVIAL']),
  priority: z.enum(['HIGHEST', 'HIGH', 'MEDIUM', 'LOW', 'LOWEST']),
  summary: z.string().min(1),
  description: z.string(),
  environment_snapshot: z.looseObject({
    application_version: z.string(),
    test_environment_url: z.string(),
    browser: z.string(),
    os: z.string(),
    details: z.string(),
  }),
  reproduction_steps: z.array(z.string()),
  expected_behavior: z.string(),
  actual_behavior: z.string(),
  attachments: z.array(
    z.looseObject({ type: z.string(), path: z.string().optional(), description: z.string().optional() }),
  ),
  initial_reporter_mode_slug: z.string(),
  source_task_progress_id: id.nullable(),
  investigation_notes: z.string().nullable(),
  root_cause_analysis: z.string().nullable(),
  fix_details: z.looseObject({
    fix_commit_sha: z.string().nullable(),
    fixed_in_version: z.string().nullable(),
    fix_description: z.string().nullable(),
    related_decision_id: id.nullable(),
  }),
  verification_notes: z.string().nullable(),
  related_conport_items: z.array(
    z.looseObject({ type: z.string(), id_or_key: z.string(), relationship: z.string().optional() }),
  ),
  /** Fields of novaperf, from here on: the identity of the error, and where, how often and when it was seen. */
  signature: textOrNone,
  component: textOrNone,
  scenario: textOrNone,
  environment: textOrNone,
  profile: textOrNone,
  kind: textOrNone,
  endpoint: textOrNone,
  occurrences: figure.default(null),
  /** Share (0 to 1) of the requests, checks or iterations that failed, in the last run that saw the error. */
  last_share: figure.default(null),
  runs_seen: figure.default(null),
  first_seen_at: moment.nullable().default(null),
  last_seen_at: moment.nullable().default(null),
  last_run: textOrNone,
  last_build_version: textOrNone,
});

export type ErrorLog = Written<typeof errorLogSchema>;

export const qaPlanSchema = z.looseObject({
  schema_version: z.string(),
  workflow: text,
  component: z.string().min(1),
  environment: z.string(),
  target_url: z.string(),
  build_version: z.string(),
  trigger: z.string(),
  began_at: moment,
  progress_id: id,
  decision_id: id,
  scenarios: z.array(
    z.looseObject({
      order: id,
      scenario: z.string().min(1),
      component: z.string(),
      profile: z.string(),
      script: z.string(),
      planned_duration_ms: figure.default(null),
      max_vus: figure.default(null),
      progress_id: id,
    }),
  ),
  /** Absent in plans from before 0.2. */
  steps: z.array(planStepSchema).optional(),
});

export type QaPlan = Written<typeof qaPlanSchema>;

/** The schema of each category that runs write, in an order in which a category comes after those it refers to. */
export const WRITTEN_CATEGORIES: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ['LeadPhaseExecutionPlan', qaPlanSchema],
  ['PerformanceNotes', performanceNoteSchema],
  ['ErrorLogs', errorLogSchema],
  ['TestExecutionReports', testExecutionReportSchema],
]);
