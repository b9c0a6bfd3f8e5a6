// The schemas of the custom data that runs write. Unknown fields are kept. Runs always write fields with a default; items written by
// people or by earlier releases may lack them.

import { z } from 'zod';
import { SEVERITIES, VERDICTS } from '../../model/kpi.ts';
import { errorLogSchema } from './error-log-value.ts';
import { planStepSchema } from './plan-steps.ts';
import { testExecutionReportSchema } from './report-value.ts';
import { figure, id, moment, targetOrigin, text, type Written } from './written.ts';

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
  /** Absent in a note from a ConPort server, because its numbers differ from those here. */
  progress_id: id.optional(),
});

export type PerformanceNote = Written<typeof performanceNoteSchema>;
export type NotedKpi = Written<typeof kpiOfNote>;

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
