// The comparison of a run with its baseline; part of result.json.

import { z } from 'zod';
import { DEFAULT_PRACTICAL_SIZE } from './practical-size.ts';

const figure = z.number().nullable();

export const BASELINE_WORDS = ['slower', 'faster', 'same', 'undecided'] as const;

/**
 * One figure of the baseline and of this run: over several runs of each build if there are enough, otherwise of the two
 * runs.
 */
const changeSchema = z.looseObject({
  /** null: the whole run. */
  endpoint: z.string().nullable(),
  /** p50, p95, p99, share or rate. */
  statistic: z.string(),
  unit: z.enum(['ms', 'share', '1/s']),
  /** `a`: in the baseline. `b`: in this run. */
  a: figure,
  b: figure,
  /** Relative to the baseline (0.1 = 10 % more); for shares the difference in share. */
  change: figure,
  ci_low: figure,
  ci_high: figure,
  /**
   * Probability that a sample of this run is higher than one of the baseline: 0.5 = alike, 1 = no overlap; null: not
   * known.
   */
  superiority: figure.default(null),
});

export const baselineSchema = z.looseObject({
  /**
   * The chosen baseline: latest, build:1.4.1, branch:main or a run; against:<url> or side-by-side:<url> for builds that
   * were loaded in one run.
   */
  choice: z.string().default(''),
  /** How both builds were measured: runs at different times, pairs of runs in turn, or both at once in one run. */
  design: z.enum(['runs', 'pairs', 'side_by_side']).default('runs'),
  /** `run`: folder of the baseline. `build_version`: the build that it measured. */
  run: z.string(),
  build_version: z.string(),
  /**
   * With enough runs of both builds: slower (at least one figure is), faster, same or undecided. undecided also if
   * there are too few runs: `runs_needed` is how many more. not_comparable: `mismatches` says why.
   */
  verdict: z.enum([...BASELINE_WORDS, 'not_comparable']),
  /** Number of runs used of the baseline and of this build; for side by side, number of periods of the run. */
  runs_a: z.number(),
  runs_b: z.number(),
  runs_needed: z.number(),
  /** The relative change of a p95 that this many runs detect with 95 % power; null if there are too few runs. */
  smallest_change: figure,
  /** The smallest change that counts as one. */
  least_change: z.looseObject({ percent: z.number(), ms: z.number() }).default(DEFAULT_PRACTICAL_SIZE),
  /** True if a slower run fails (--fail-on regression). */
  fails: z.boolean().default(false),
  mismatches: z.array(z.looseObject({ topic: z.string(), text: z.string() })),
  /** Earlier runs that were not used, by the first reason, most frequent first. */
  left_out: z.array(z.looseObject({ reason: z.string(), runs: z.number() })).default([]),
  /** Every figure with its own verdict, the whole run first; empty in results before 0.2. */
  figures: z
    .array(
      changeSchema.extend({
        verdict: z.enum(BASELINE_WORDS),
        /** What the two runs alone show, whatever the verdict on the builds. */
        in_two_runs: z.enum(BASELINE_WORDS).default('undecided'),
      }),
    )
    .default([]),
  /** Over several runs if there are enough (`runs_needed` is 0), otherwise of the two runs; largest change first. */
  worse: z.array(changeSchema),
  better: z.array(changeSchema),
});

export type BaselineResult = z.infer<typeof baselineSchema>;
export type BaselineChange = BaselineResult['worse'][number];
export type BaselineFigure = BaselineResult['figures'][number];
