// The values of the custom data that runs write, each with its schema; unknown fields are kept.

import { z } from 'zod';
import { SEVERITIES, VERDICTS } from '../model/kpi.ts';
import { RUN_STATUSES } from '../model/result.ts';
import { planStepSchema } from './plan-steps.ts';

const id = z.number().int().positive();
const keys = z.array(z.string().min(1));
const figure = z.number().nullable();
/** ISO 8601, UTC. */
const moment = z.iso.datetime();

export const performanceNoteSchema = z.looseObject({
  schema_version: z.string(),
  component_scenario: z.string().min(1),
  metric_observed: z.string().min(1),
  /** null: a finding that no target speaks of. */
  target_kpi_value: z.string().nullable(),
  actual_value_observed: z.string().min(1),
  finding_description: z.string().min(1),
  potential_cause_hypothesis: z.string().nullable(),
  raw_data_report_reference: z.string().min(1),
  severity: z.enum(SEVERITIES),
  build_version: z.string(),
  environment: z.string(),
  profile: z.string(),
  /** Absent in a note that came from a server, whose numbers mean nothing here. */
  progress_id: id.optional(),
});

const reportedKpi = z.looseObject({
  id: z.string(),
  expression: z.string(),
  target: z.number(),
  actual: figure,
  unit: z.string(),
  verdict: z.enum(VERDICTS),
  severity: z.enum(SEVERITIES),
});

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
  /** null: the cycle died before there was one. */
  report_path: z.string().nullable(),
  scenarios: z.array(
    z.looseObject({
      scenario: z.string(),
      run: z.string(),
      status: z.enum(RUN_STATUSES),
      kpis: z.array(reportedKpi),
      /** Distinct errors beyond those that got an item of their own. */
      error_logs_left_out: z.number().default(0),
    }),
  ),
  not_run: z.array(z.string()),
  totals: z.record(z.string(), z.number()),
  performance_notes: keys,
  error_logs: keys,
  progress_id: id,
  decision_id: id.nullable(),
});

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
  /** Ours: what makes it the same error, how often and when it was seen. */
  signature: z.string().optional(),
  occurrences: z.number().optional(),
  runs_seen: z.number().optional(),
  first_seen_at: moment.optional(),
  last_seen_at: moment.optional(),
});

export const qaPlanSchema = z.looseObject({
  schema_version: z.string(),
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
      progress_id: id,
    }),
  ),
  /** Absent in plans from before 0.2. */
  steps: z.array(planStepSchema).optional(),
});

/** The schema of each category that runs write, after those that it refers to; a hand-written category has none here. */
export const WRITTEN_CATEGORIES: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ['LeadPhaseExecutionPlan', qaPlanSchema],
  ['PerformanceNotes', performanceNoteSchema],
  ['ErrorLogs', errorLogSchema],
  ['TestExecutionReports', testExecutionReportSchema],
]);
