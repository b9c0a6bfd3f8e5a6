// The schema of an ErrorLogs item: a distinct error, and where, when and how often runs saw it.

import { z } from 'zod';
import { figure, id, moment, textOrNone, type Written } from './written.ts';

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
