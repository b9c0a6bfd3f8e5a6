// The schema of comparison.json, the comparison of two runs. `a` is the baseline, `b` the run compared with it.

import { z } from 'zod';
import { VERDICTS } from './kpi.ts';
import { RUN_STATUSES } from './result.ts';

/** The change from a to b; `unknown`: the runs do not decide it. */
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
 * Why a verdict is unknown or needs care. short_*: less than two minutes of load, so no interval. few_samples: too few
 * or too uneven samples for an interval. spans: the interval includes both no change and a change. saturated_*: the
 * load generator may have caused the difference. plain: no interval, but the samples hardly overlap. by_samples: no
 * interval, but the difference is more than chance for this number of requests. no_archive: one run has only its
 * result.
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

/**
 * Why two runs may not be comparable. differs: they did not do the same. doubt: one of them has doubtful figures. info:
 * worth knowing.
 */
const noteSchema = z.looseObject({ topic: z.string(), level: z.enum(NOTE_LEVELS), text: z.string() });

/** One figure of both runs and its change. */
export const comparedMetricSchema = z.looseObject({
  kind: z.enum(['latency', 'errors', 'throughput']),
  /** Name of the endpoint; null: the whole run. */
  endpoint: z.string().nullable(),
  /** p50, p95, p99, share or rate. */
  statistic: z.string(),
  metric: z.string(),
  /** ms, share (0 to 1) or 1/s. */
  unit: z.enum(['ms', 'share', '1/s']),
  a: estimateSchema,
  b: estimateSchema,
  /** Change from a to b: relative to a (0.1 = 10 % more), for shares b - a. null: no number. */
  change: figure,
  ci_low: figure,
  ci_high: figure,
  verdict: z.enum(CHANGES),
  /** Why `verdict` is unknown, or what else to know about it; null: nothing. */
  reason: z.enum(COMPARE_REASONS).nullable(),
  /**
   * Latency: probability that a sample of b is larger than one of a (0.5 = alike, 1 = always), from the samples of
   * these two runs. null: one run has no samples.
   */
  superiority: figure,
  /** The change over further runs of the same builds; null if there are too few. */
  over_runs: z
    .looseObject({
      runs_a: z.number(),
      runs_b: z.number(),
      change: figure,
      /**
       * Interval at the level at which the figure was tested, corrected for the number of figures, so that false alarms
       * stay rare.
       */
      ci_low: figure,
      ci_high: figure,
      /** The smallest relative change that this many runs with this spread detect with 95 % power. */
      smallest_change: z.number(),
      verdict: z.enum(CHANGES),
    })
    .nullable(),
});

const targetSchema = z.looseObject({
  expression: z.string(),
  /** null: the run has no such target. */
  a: z.looseObject({ target: z.number(), actual: figure, verdict: z.enum(VERDICTS) }).nullable(),
  b: z.looseObject({ target: z.number(), actual: figure, verdict: z.enum(VERDICTS) }).nullable(),
});

export const comparisonSchema = z.looseObject({
  schema_version: z.literal(COMPARISON_SCHEMA_VERSION),
  novaperf_version: z.string(),
  a: comparedRunSchema,
  b: comparedRunSchema,
  /** False if the runs did not do the same: a difference may then have another cause than the build. */
  alike: z.boolean(),
  notes: z.array(noteSchema),
  /** The comparison over further runs of both builds, all figures together; null if there are too few runs. */
  history: z
    .looseObject({
      runs_a: z.number(),
      runs_b: z.number(),
      figures: z.number(),
      worse: z.number(),
      better: z.number(),
      same: z.number(),
      unknown: z.number(),
      /** The largest `smallest_change` among the p95s. */
      smallest_change: z.number(),
      /**
       * True if all runs of one build are earlier than those of the other: a change of the machine would look the same.
       */
      in_blocks: z.boolean(),
    })
    .nullable(),
  metrics: z.array(comparedMetricSchema),
  targets: z.array(targetSchema),
  /** Titles of the findings that only one run has. */
  findings: z.looseObject({ new: z.array(z.string()), gone: z.array(z.string()) }),
});

export type Comparison = z.infer<typeof comparisonSchema>;
export type ComparedMetric = Comparison['metrics'][number];
export type ComparisonNote = Comparison['notes'][number];
export type ComparisonHistory = NonNullable<Comparison['history']>;
