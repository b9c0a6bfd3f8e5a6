// The schema of completion.json, the outcome of a cycle for a person or program that started it. One shape for every
// exit code and number of scenarios; `run --json` prints the same. Details are in the result.json of each run's folder.

import { z } from 'zod';
import { SEVERITIES, VERDICTS } from './kpi.ts';
import { RUN_STATUSES } from './result.ts';

export const COMPLETION_SCHEMA_VERSION = 1;

/** Ids in the local store and on the ConPort server; null: there is none, or it was not sent. */
const twoIds = z.looseObject({ local: z.number().nullable(), server: z.number().nullable() });
/** The key in the local store, and on the server if it was sent. */
const twoKeys = z.looseObject({ local: z.string(), server: z.string().nullable() });

export const completionSchema = z.looseObject({
  schema_version: z.literal(COMPLETION_SCHEMA_VERSION),
  kind: z.literal('novaperf.completion'),
  outcome: z.enum([...RUN_STATUSES, 'interrupted']),
  exit_code: z.number(),
  /**
   * `go`: every target was met. `no-go`: one was missed, or the cycle could not run. `undecided`: the runs are
   * inconclusive.
   */
  decision: z.enum(['go', 'no-go', 'undecided']),
  /** One sentence. */
  summary: z.string(),
  component: z.string(),
  environment: z.string(),
  build_version: z.string(),
  trigger: z.string(),
  began_at: z.iso.datetime(),
  ended_at: z.iso.datetime(),
  /**
   * The cycle that this call belongs to, if it spans several calls: id of its main progress item. null: a cycle of its
   * own.
   */
  cycle: z.looseObject({ id: z.number(), state: z.enum(['open', 'closed']) }).nullable(),
  /** Critical findings, and why the cycle or a scenario did not run; at most ten. */
  blockers: z.array(z.looseObject({ scenario: z.string().nullable(), title: z.string() })),
  scenarios: z.array(
    z.looseObject({
      scenario: z.string(),
      component: z.string(),
      profile: z.string(),
      status: z.enum(RUN_STATUSES),
      reason: z.string(),
      /** Folder of the run, relative to the working directory. */
      folder: z.string(),
      /** Path of the report page; null: it could not be written. */
      report: z.string().nullable(),
      targets: z.looseObject({ met: z.number(), missed: z.number(), inconclusive: z.number() }),
      progress: twoIds,
    }),
  ),
  not_run: z.array(z.looseObject({ scenario: z.string(), reason: z.string() })),
  /** Missed targets first. */
  kpis: z.array(
    z.looseObject({
      scenario: z.string(),
      target: z.string(),
      actual: z.number().nullable(),
      /** 95 % interval; null if there is none. */
      interval: z.tuple([z.number(), z.number()]).nullable(),
      unit: z.string(),
      verdict: z.enum(VERDICTS),
      severity: z.enum(SEVERITIES),
      /** `PerformanceTargets:Catalog_Targets_v2`, `threshold` or `builtin`. */
      source: z.string(),
    }),
  ),
  /** Number of met targets that were omitted to keep the document short. */
  kpis_left_out: z.number(),
  findings: z.array(z.looseObject({ scenario: z.string(), severity: z.enum(SEVERITIES), title: z.string() })),
  findings_left_out: z.number(),
  reports: z.looseObject({ overall: z.string().nullable(), index: z.string().nullable() }),
  /** null: records are turned off, or could not be written. */
  records: z
    .looseObject({
      directory: z.string(),
      progress: twoIds,
      decision: twoIds,
      test_execution_report: twoKeys.nullable(),
      performance_notes: z.array(twoKeys),
      error_logs: z.array(twoKeys),
      /**
       * Number of notes and logs that were omitted to keep the document short; each run's result.json has all of them.
       */
      keys_left_out: z.number(),
    })
    .nullable(),
  push: z.looseObject({
    state: z.enum(['off', 'done', 'failed']),
    created: z.number(),
    updated: z.number(),
    /** Items that were changed both locally and on the server. */
    conflicts: z.array(z.string()),
    /** Number of conflicts that were omitted to keep the document short; `novaperf conport push` lists all. */
    conflicts_left_out: z.number(),
    problem: z.string().nullable(),
  }),
  /** Next steps, one each. */
  next: z.array(z.string()),
  /** Why the cycle ended early; exit code 2 or 3. */
  error: z.looseObject({ message: z.string(), where: z.string().nullable(), next: z.string().nullable() }).nullable(),
});

export type Completion = z.infer<typeof completionSchema>;
