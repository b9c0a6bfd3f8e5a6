// What a search for the highest sustained load came to; part of result.json.

import { z } from 'zod';
import { COMPARISONS } from './kpi.ts';

const figure = z.number().nullable();

/** One load that was held. */
const stepSchema = z.looseObject({
  /** What was asked for: iterations a second, or virtual users. */
  load: z.number(),
  /** Why this load: up, down, between, again, confirm. */
  why: z.string(),
  /** Whether every target was met; `missed` names the first that was not. */
  is_met: z.boolean(),
  missed: z.string(),
  /** A target was clearly missed for so long that the load was not held any longer. */
  ended_early: z.boolean().default(false),
  /** Why the load was held no longer: response time and throughput were stable; a target was clearly missed; the longest time was over. */
  held_until: z.enum(['stable', 'missed', 'longest']).default('longest'),
  /** The slow start that is left out of the step's figures and targets; 0: none. */
  warm_up_ms: z.number().default(0),
  requests_per_s: figure,
  p50_ms: figure,
  p95_ms: figure,
  error_share: figure,
  started_at: z.string(),
  duration_ms: z.number(),
  /** The step's own folder, relative to the folder of all runs. */
  run: z.string(),
});

export const capacitySchema = z.looseObject({
  model: z.enum(['open', 'closed']),
  /** Iterations a second, or virtual users. */
  unit: z.enum(['iterations/s', 'VUs']),
  base: z.number(),
  /** The load that is never exceeded (--max-rate); null: none was given. */
  limit: figure,
  /** The highest load that met every target, held three times; null: not even the lowest did. */
  load: figure,
  /** The lowest load that missed a target; null: none did up to the limit. */
  missed_at: figure,
  is_confirmed: z.boolean(),
  /** At `load`: what the system answered. */
  requests_per_s: figure,
  p95_ms: figure,
  /** `load` against the base. */
  headroom: figure,
  /** The target that decided, such as `http_req_duration p(95) < 500 ms`, else why the next load was not sustained; '' where all were. */
  limited_by: z.string(),
  /** That target in its parts; null where no target decided. Absent in results of former releases. */
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
  /** What broke first at `missed_at`: a target of an endpoint, a status, a pool that was full; the clearest first. */
  first_to_break: z.array(z.string()),
  /** As they were held. */
  steps: z.array(stepSchema),
});

export type CapacityResult = z.infer<typeof capacitySchema>;
export type CapacityStep = CapacityResult['steps'][number];
