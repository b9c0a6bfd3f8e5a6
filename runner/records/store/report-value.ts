// The schema of a TestExecutionReports item: a cycle, its scenarios, their verdicts and what changed.

import { z } from 'zod';
import { capacitySchema } from '../../model/capacity.ts';
import { SEVERITIES, VERDICTS } from '../../model/kpi.ts';
import { RUN_STATUSES } from '../../model/result.ts';
import { figure, id, keys, moment, targetOrigin, text, type Written } from './written.ts';

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
