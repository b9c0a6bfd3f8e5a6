// What was observed of one series over the steady part of a run, as result.json keeps it.

import { z } from 'zod';

const figure = z.number().nullable();

export const OBSERVED_SHAPES = ['rising', 'falling', 'stepped', 'levelled_off', 'swinging'] as const;

/** Whose series it is. `endpoints`: all of them together, each weighed by its requests. */
export const OBSERVED_SUBJECTS = ['endpoint', 'endpoints', 'requests', 'phase', 'group', 'metric', 'server'] as const;

export const OBSERVED_FIGURES = ['p50', 'p95', 'mean', 'error_rate', 'rate', 'value'] as const;

export const observationSchema = z.looseObject({
  subject: z.looseObject({
    kind: z.enum(OBSERVED_SUBJECTS),
    /** Of the endpoint, the group, the metric, or the line of a panel. '' for all requests. */
    name: z.string(),
    /** Of the system under test: which source it was read from, and the panel it belongs to; '' otherwise. */
    source: z.string(),
    panel: z.string(),
  }),
  /** Of all endpoints together: the one that contributes most to the change, and how the others went without it, over the same time. */
  carried_by: z.looseObject({ name: z.string(), others_from: z.number(), others_to: z.number() }).nullable(),
  figure: z.enum(OBSERVED_FIGURES),
  /** `ms`, `bytes`, `share`, `1/s`, … */
  unit: z.string(),
  shape: z.enum(OBSERVED_SHAPES),
  /** Level before and after; of swings the usual low and high. */
  from: z.number(),
  to: z.number(),
  /** Milliseconds after the start of load: the part that was looked at, and where in it the series stepped (and stepped back), began to
   * change or levelled off. null: it changed all along, or did not come back. */
  start_ms: z.number(),
  end_ms: z.number(),
  at_ms: figure,
  until_ms: figure,
  period_ms: figure,
  /** The change over its standard error, and the share of early and late stretches that are the other way round. */
  clarity: z.number(),
  overlap: z.number(),
  /** Pace of the second half over that of the first, for what rises or falls. */
  evenness: z.number(),
  /** What may be inferred: the pace per hour with its 95 % interval (null: unbounded), from the lows of the cycles where the series swings.
   * null: no pace. */
  per_hour: z
    .looseObject({ value: z.number(), low: figure, high: figure, is_firm: z.boolean(), from_lows: z.boolean() })
    .nullable(),
});

export type Observation = z.infer<typeof observationSchema>;
export type ObservedFigure = Observation['figure'];
