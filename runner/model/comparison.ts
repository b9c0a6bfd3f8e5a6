// comparison.json: what comparing two runs came to, versioned. a is the baseline, b what is compared with it.

import { z } from 'zod';
import { VERDICTS } from './kpi.ts';
import { RUN_STATUSES } from './result.ts';

/** b against a; `unknown`: the runs cannot tell. */
export const CHANGES = ['worse', 'better', 'same', 'unknown'] as const;
export type Change = (typeof CHANGES)[number];

export const COMPARISON_SCHEMA_VERSION = 2;

const figure = z.number().nullable();

const comparedRunSchema = z.looseObject({
  /** Name of the run's folder. */
  run: z.string(),
  scenario: z.string(),
  profile: z.string(),
  environment: z.string(),
  build_version: z.string(),
  started_at: z.iso.datetime(),
  duration_ms: z.number(),
  status: z.enum(RUN_STATUSES),
  status_reason: z.string(),
});

const estimateSchema = z.looseObject({ value: figure, ci_low: figure, ci_high: figure, samples: z.number() });

/**
 * short_*: less than two minutes of load, so no interval; few_samples: too few or too uneven for one; spans: the interval holds both
 * a change and none; saturated_*: the load generator may have made the difference; plain: no interval, and the samples hardly overlap;
 * by_samples: no interval, and more than so few requests differ by chance; no_archive: one of the runs has its result alone.
 */
export const COMPARE_REASONS = [
  'short_a',
  'short_b',
  'short_both',
  'short_steady',
  'few_samples',
  'spans',
  'saturated_a',
  'saturated_b',
  'plain',
  'by_samples',
  'no_archive',
] as const;
export type CompareReason = (typeof COMPARE_REASONS)[number];

export const NOTE_LEVELS = ['differs', 'doubt', 'info'] as const;

/** Why two runs may not be alike. differs: they did not do the same; doubt: one of them measured badly; info: good to know. */
const noteSchema = z.looseObject({ topic: z.string(), level: z.enum(NOTE_LEVELS), text: z.string() });

export const comparedMetricSchema = z.looseObject({
  kind: z.enum(['latency', 'errors', 'throughput']),
  /** Name of the endpoint; null for the whole run. */
  endpoint: z.string().nullable(),
  /** p50, p95, p99, share or rate. */
  statistic: z.string(),
  metric: z.string(),
  /** ms, share (0 to 1) or 1/s. */
  unit: z.enum(['ms', 'share', '1/s']),
  a: estimateSchema,
  b: estimateSchema,
  /** b against a: relative to a (0.1 = 10 % more), for shares b - a. null: no number. */
  change: figure,
  ci_low: figure,
  ci_high: figure,
  verdict: z.enum(CHANGES),
  /** Why `verdict` is unknown, or what else is to be known of it; null where it stands by itself. */
  reason: z.enum(COMPARE_REASONS).nullable(),
  /**
   * Latency: the chance that a sample of b is larger than one of a (0.5 = alike, 1 = every one of them): what the samples of these
   * two runs showed, whatever their length. null: one has no samples.
   */
  superiority: figure,
  /** What further runs of the same builds allow to say of the builds; null where there are too few. */
  over_runs: z
    .looseObject({
      runs_a: z.number(),
      runs_b: z.number(),
      change: figure,
      /** Interval at the level that the figure was tested at, so that all figures together raise few false alarms. */
      ci_low: figure,
      ci_high: figure,
      /** The smallest relative change that so many runs with this spread find 95 times of 100. */
      smallest_change: z.number(),
      verdict: z.enum(CHANGES),
    })
    .nullable(),
});

const targetSchema = z.looseObject({
  expression: z.string(),
  /** null: this run has no such target. */
  a: z.looseObject({ target: z.number(), actual: figure, verdict: z.enum(VERDICTS) }).nullable(),
  b: z.looseObject({ target: z.number(), actual: figure, verdict: z.enum(VERDICTS) }).nullable(),
});

export const comparisonSchema = z.looseObject({
  schema_version: z.literal(COMPARISON_SCHEMA_VERSION),
  novaperf_version: z.string(),
  a: comparedRunSchema,
  b: comparedRunSchema,
  /** false: the runs did not do the same, so a difference need not come from the build. */
  alike: z.boolean(),
  notes: z.array(noteSchema),
  /** What further runs of both builds came to, all figures together; null where there are too few runs. */
  history: z
    .looseObject({
      runs_a: z.number(),
      runs_b: z.number(),
      figures: z.number(),
      worse: z.number(),
      better: z.number(),
      same: z.number(),
      unknown: z.number(),
      /** The largest of the p95s' smallest changes that would be found. */
      smallest_change: z.number(),
      /** Runs of one build all lie on one side of the other's in time: a change of the machine would look the same. */
      in_blocks: z.boolean(),
    })
    .nullable(),
  metrics: z.array(comparedMetricSchema),
  targets: z.array(targetSchema),
  /** Titles of the findings that only one of the runs has. */
  findings: z.looseObject({ new: z.array(z.string()), gone: z.array(z.string()) }),
});

export type Comparison = z.infer<typeof comparisonSchema>;
export type ComparedMetric = Comparison['metrics'][number];
export type ComparisonNote = Comparison['notes'][number];
export type ComparisonHistory = NonNullable<Comparison['history']>;
