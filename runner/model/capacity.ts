// The result of a search for the highest sustained load; part of result.json.

import { z } from 'zod';
import { COMPARISONS } from './kpi.ts';

const figure = z.number().nullable();

/** One step of the search: a load that was held for a time. */
const stepSchema = z.looseObject({
  /** The load of the step: iterations per second, or virtual users. */
  load: z.number(),
  /** Why this load was chosen: up, down, between, again or confirm. */
  why: z.string(),
  /** `is_met`: true if every target was met. `missed`: the first target that was not. */
  is_met: z.boolean(),
  missed: z.string(),
  /** True if the step ended early because a target was clearly missed for long enough. */
  ended_early: z.boolean().default(false),
  /**
   * Why the step ended: response time and throughput were stable, a target was clearly missed, or the longest time was
   * over.
   */
  held_until: z.enum(['stable', 'missed', 'longest']).default('longest'),
  /** Length of the warm-up, which is excluded from the step's figures and targets; 0: none. */
  warm_up_ms: z.number().default(0),
  requests_per_s: figure,
  p50_ms: figure,
  p95_ms: figure,
  error_share: figure,
  started_at: z.string(),
  duration_ms: z.number(),
  /** The step's folder, relative to the folder of all runs. */
  run: z.string(),
});

export const capacitySchema = z.looseObject({
  model: z.enum(['open', 'closed']),
  /** Iterations per second, or virtual users. */
  unit: z.enum(['iterations/s', 'VUs']),
  base: z.number(),
  /** The limit for the load (--max-rate); null: no limit. */
  limit: figure,
  /** The highest load that met every target, held three times; null: even the lowest load did not. */
  load: figure,
  /** The lowest load that missed a target; null: none did up to the limit. */
  missed_at: figure,
  is_confirmed: z.boolean(),
  /** Throughput and p95 response time at `load`. */
  requests_per_s: figure,
  p95_ms: figure,
  /** `load` divided by `base`. */
  headroom: figure,
  /**
   * The target that limits the load, such as `http_req_duration p(95) < 500 ms`, or why the next load was not
   * sustained; '' if there was no limit.
   */
  limited_by: z.string(),
  /** The parts of that target; null if no target was the limit. Absent in results of earlier releases. */
  limit_target: z
    .object({
      metric: z.string(),
      filter: z.record(z.string(), z.string()),
      statistic: z.string(),
      comparison: z.enum(COMPARISONS),
      target: z.number(),
      unit: z.string(),
    })
    .nullable()
    .optional(),
  /** What failed first at `missed_at`: a target of an endpoint, a status, a full pool; the clearest first. */
  first_to_break: z.array(z.string()),
  /** In the order they were run. */
  steps: z.array(stepSchema),
});

export type CapacityResult = z.infer<typeof capacitySchema>;
export type CapacityStep = CapacityResult['steps'][number];
