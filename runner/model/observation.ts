// A change of one series over the steady part of a run, as in result.json.

import { z } from 'zod';

const figure = z.number().nullable();

export const OBSERVED_SHAPES = ['rising', 'falling', 'stepped', 'levelled_off', 'swinging'] as const;

/** What the series belongs to. `endpoints`: all endpoints together, each weighted by its requests. */
export const OBSERVED_SUBJECTS = ['endpoint', 'endpoints', 'requests', 'phase', 'group', 'metric', 'server'] as const;

export const OBSERVED_FIGURES = ['p50', 'p95', 'mean', 'error_rate', 'rate', 'value'] as const;

export const observationSchema = z.looseObject({
  subject: z.looseObject({
    kind: z.enum(OBSERVED_SUBJECTS),
    /** Name of the endpoint, group or metric, or label of the panel's line. '' for all requests. */
    name: z.string(),
    /** For the system under test: the source and the panel; '' otherwise. */
    source: z.string(),
    panel: z.string(),
  }),
  /**
   * For all endpoints together: the endpoint that contributes most to the change, and how the others changed without it
   * over the same time.
   */
  carried_by: z.looseObject({ name: z.string(), others_from: z.number(), others_to: z.number() }).nullable(),
  figure: z.enum(OBSERVED_FIGURES),
  /** `ms`, `bytes`, `share`, `1/s`, … */
  unit: z.string(),
  shape: z.enum(OBSERVED_SHAPES),
  /** Level before and after; for swings the usual low and high. */
  from: z.number(),
  to: z.number(),
  /**
   * Milliseconds after the start of load: the part that was examined, and where in it the series stepped (and stepped
   * back), began to change or levelled off. null: it changed all along, or did not come back.
   */
  start_ms: z.number(),
  end_ms: z.number(),
  at_ms: figure,
  until_ms: figure,
  period_ms: figure,
  /**
   * `clarity`: the change divided by its standard error. `overlap`: share of early and late periods in reversed
   * order.
   */
  clarity: z.number(),
  overlap: z.number(),
  /** For a rise or fall: its speed in the second half divided by that in the first. */
  evenness: z.number(),
  /**
   * The speed per hour with its 95 % interval (null: unbounded); for swings measured from the lows of the cycles. null:
   * no speed can be given.
   */
  per_hour: z
    .looseObject({ value: z.number(), low: figure, high: figure, is_firm: z.boolean(), from_lows: z.boolean() })
    .nullable(),
});

export type Observation = z.infer<typeof observationSchema>;
export type ObservedFigure = Observation['figure'];
