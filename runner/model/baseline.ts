// What a run came to against its baseline; part of result.json.

import { z } from 'zod';

const figure = z.number().nullable();

export const BASELINE_WORDS = ['slower', 'faster', 'same', 'undecided'] as const;

/** One figure of both. Over several runs of each build where there are enough, else in the two runs. */
const changeSchema = z.looseObject({
  /** null: the whole run. */
  endpoint: z.string().nullable(),
  /** p50, p95, p99, share or rate. */
  statistic: z.string(),
  unit: z.enum(['ms', 'share', '1/s']),
  /** In the baseline and in this run. */
  a: figure,
  b: figure,
  /** Relative to the baseline (0.1 = 10 % more); for shares the difference. */
  change: figure,
  ci_low: figure,
  ci_high: figure,
  /** Share of pairs of a sample of each run in which this run's is the higher: 1 where they do not overlap; null where it is not known. */
  superiority: figure.default(null),
});

export const baselineSchema = z.looseObject({
  /** What was asked for: latest, build:1.4.1, branch:main, or a run; against:<url>, side-by-side:<url> for builds that ran together. */
  choice: z.string().default(''),
  /** How the two builds were measured: runs at different times, pairs of runs in turn, or both at once in one run. */
  design: z.enum(['runs', 'pairs', 'side_by_side']).default('runs'),
  /** Folder of the baseline, and the build that it measured. */
  run: z.string(),
  build_version: z.string(),
  /**
   * With enough runs of both builds: slower (some figure is), faster, same or undecided. undecided too where there are too few runs:
   * `runs_needed` says how many more. not_comparable: `mismatches` says why.
   */
  verdict: z.enum([...BASELINE_WORDS, 'not_comparable']),
  /** Runs of the baseline and of this build that were used; side by side: stretches of the run. */
  runs_a: z.number(),
  runs_b: z.number(),
  runs_needed: z.number(),
  /** The change of any of the p95s that so many runs find 95 times of 100; null where there are too few. */
  smallest_change: figure,
  /** The least change that is called one. */
  least_change: z.looseObject({ percent: z.number(), ms: z.number() }).default({ percent: 5, ms: 5 }),
  /** Whether a slower run fails (--fail-on regression). */
  fails: z.boolean().default(false),
  mismatches: z.array(z.looseObject({ topic: z.string(), text: z.string() })),
  /** Earlier runs that were not used, by the first reason why, the most frequent first. */
  left_out: z.array(z.looseObject({ reason: z.string(), runs: z.number() })).default([]),
  /** Every figure with its own verdict, the whole run first; empty in results from before 0.2. */
  figures: z
    .array(
      changeSchema.extend({
        verdict: z.enum(BASELINE_WORDS),
        /** What the two runs alone showed, whatever may be said of the builds. */
        in_two_runs: z.enum(BASELINE_WORDS).default('undecided'),
      }),
    )
    .default([]),
  /** Over several runs where there are enough (`runs_needed` is 0), else in the two runs; the largest change first. */
  worse: z.array(changeSchema),
  better: z.array(changeSchema),
});

export type BaselineResult = z.infer<typeof baselineSchema>;
export type BaselineChange = BaselineResult['worse'][number];
export type BaselineFigure = BaselineResult['figures'][number];
