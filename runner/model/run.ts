// What a run's archive holds in addition to numbers: the facts known before the load and the outcome known after it.
// `novaperf report` reads them back, so they have schemas.

import { z } from 'zod';
import { processIdentitySchema } from '../system/process-identity.ts';
import { ENVIRONMENT_SOURCES } from './environment.ts';
import { sampleSchema } from './error-sample.ts';
import type { StreamFaults } from './metrics.ts';
import { namedRecord } from './named-record.ts';
import { phaseSchema } from './phase-schema.ts';
import { PROFILES, type ScenarioPlan } from './plan.ts';
import { DEFAULT_PRACTICAL_SIZE } from './practical-size.ts';
import { checkSchema } from './preflight-check.ts';
import { sliceSchema, sourceSchema } from './source.ts';

/** Limits of a rise in a soak: percent and milliseconds for response times, percent and megabytes for memory. */
export const degradationSchema = z.union([
  z.literal(false),
  z.strictObject({
    percent: z.number().positive().default(20),
    ms: z.number().nonnegative().default(20),
    mb: z.number().nonnegative().default(32),
  }),
]);

const planSchema = z.object({
  name: z.string(),
  component: z.string(),
  description: z.string(),
  scriptPath: z.string(),
  typed: z.boolean(),
  profile: z.enum([...PROFILES, 'own']),
  k6Scenarios: namedRecord(z.looseObject({ executor: z.string() })),
  thresholds: z.array(
    z.object({
      metric: z.string(),
      expression: z.string(),
      abortOnFail: z.boolean(),
      delayAbortEvalMs: z.number(),
    }),
  ),
  phases: z.array(phaseSchema),
  totalDurationMs: z.number(),
  maxVUs: z.number(),
  peakRate: z.number().optional(),
  options: namedRecord(z.unknown()),
  hasHandleSummary: z.boolean(),
  degradation: degradationSchema.optional(),
});

/**
 * How a run is judged apart from its targets. Stored with the run, so that a later report agrees with the exit code.
 */
export const judgingSchema = z.object({
  /** `certain`: thresholds of the script can be inconclusive, as targets can. */
  thresholds: z.enum(['k6', 'certain']).default('k6'),
  /** Exit code of a run with an inconclusive target as its only problem: 98, that of a miss, or that of a pass. */
  inconclusive: z.enum(['98', 'fail', 'pass']).default('98'),
  /** Whether targets are judged without the warm-up. */
  warmUp: z.enum(['leave-out', 'keep']).default('leave-out'),
  /** Whether figures include requests of setup() and teardown(), as in k6. */
  setup: z.enum(['count', 'leave-out']).default('count'),
  /** How much response times may rise over a soak; false: not judged. */
  degradation: degradationSchema.default({ percent: 20, ms: 20, mb: 32 }),
  /** The smallest change between runs that counts: response times must exceed both limits, rates the percentage. */
  change: z
    .strictObject({
      percent: z.number().positive().default(DEFAULT_PRACTICAL_SIZE.percent),
      ms: z.number().nonnegative().default(DEFAULT_PRACTICAL_SIZE.ms),
    })
    .default(DEFAULT_PRACTICAL_SIZE),
});
export type Judging = z.infer<typeof judgingSchema>;
/** The smallest change between runs that counts; see judgingSchema.change. */
export type PracticalSize = Judging['change'];
export const DEFAULT_JUDGING: Judging = judgingSchema.parse({});

/** An earlier run of the same build and load: the values of its targets, each with the interval from that run alone. */
const earlierRunSchema = z.object({
  run: z.string(),
  figures: z.array(
    z.object({
      /** From figureKey() in analysis/statistics/pooled.ts. */
      key: z.string(),
      value: z.number(),
      low: z.number().nullable(),
      high: z.number().nullable(),
    }),
  ),
});
export type EarlierRun = z.infer<typeof earlierRunSchema>;

export const runFactsSchema = z.object({
  novaperfVersion: z.string(),
  /** Name of the run's folder. */
  run: z.string(),
  startedAtMs: z.number(),
  plan: planSchema,
  environment: z.string(),
  environmentSource: z.enum(ENVIRONMENT_SOURCES).default('configured'),
  targetUrl: z.string(),
  buildVersion: z.string(),
  /** Branch of the tested source; absent if neither CI nor git reports one. */
  branch: z.string().optional(),
  k6: z.object({
    version: z.string(),
    path: z.string(),
    stream: z.enum(['histograms', 'samples']),
    command: z.array(z.string()),
  }),
  machine: z.object({
    os: z.string(),
    cpu: z.string(),
    cores: z.number(),
    memoryBytes: z.number(),
    node: z.string(),
  }),
  /** The process that ran it; absent in archives before 0.2. */
  process: processIdentitySchema.optional(),
  /** Absent in archives before 0.2 and for streams recorded elsewhere: the defaults apply. */
  judging: judgingSchema.optional(),
  /** Set for a part of another run. */
  slice: sliceSchema.optional(),
  /** Earlier runs used to judge targets, newest first; absent if there were none. */
  earlier: z.array(earlierRunSchema).optional(),
  /** Checks made before load; archives before 0.2 have none. */
  verification: z.array(checkSchema).default([]),
});

/** Known before the first sample and written into the archive at once, so that a run that dies can be identified. */
export type RunFacts = Omit<z.infer<typeof runFactsSchema>, 'plan'> & { plan: ScenarioPlan };

/** Epoch milliseconds. */
const timeRangeSchema = z.object({ fromMs: z.number(), toMs: z.number() });

/** As StreamFaults. exactOptionalPropertyTypes requires that an absent first bad line stays absent. */
const faultsSchema = z
  .object({
    badLines: z.number(),
    firstBadLine: z.object({ line: z.number(), text: z.string() }).optional(),
    badValues: z.number(),
    outsideClock: z.number().optional(),
    runs: z.number().optional(),
    lostLines: z.number(),
    gaps: z.array(timeRangeSchema).optional(),
    repeatedLines: z.number().optional(),
    missingSamples: z.number().optional(),
    complete: z.boolean(),
    overflow: z.array(
      z.object({ metric: z.string(), tag: z.string(), values: z.number(), known: z.array(z.string()).optional() }),
    ),
  })
  .transform(
    ({ firstBadLine, ...counts }): StreamFaults => (firstBadLine === undefined ? counts : { ...counts, firstBadLine }),
  );

/** Script exceptions with the same stage, place and message (ignoring numbers in the message). */
const exceptionSchema = z.object({
  /** `TypeError: boom`, without the stack; from the first exception. */
  message: z.string(),
  /** `file:line:column` of the innermost frame in the user's code; null if the stack names no file. */
  where: z.string().nullable(),
  stage: z.enum(['init', 'setup', 'iteration', 'teardown']),
  count: z.number(),
  /** Epoch milliseconds, rounded to the second. */
  firstMs: z.number(),
  lastMs: z.number(),
});

export type ScriptException = z.infer<typeof exceptionSchema>;

/** What ended a run without an outcome: novaperf, its machine, one of the two, or nothing yet. */
export type Death = 'runner' | 'machine' | 'either' | 'still running';

export const outcomeSchema = z.object({
  endedAtMs: z.number(),
  /** null: killed by a signal. undefined: not known, for a stream recorded elsewhere. */
  k6ExitCode: z.number().nullable().optional(),
  /** The signal that killed k6, such as SIGKILL. */
  k6Signal: z.string().nullable().optional(),
  /** Exact time of the first and last sample, epoch milliseconds, if the reader knows it. */
  firstSampleMs: z.number().optional(),
  lastSampleMs: z.number().optional(),
  /** What ended the run, if not k6 itself. */
  stoppedBy: z.enum(['user', 'threshold', 'decided']).nullable(),
  /** Id of the KPI with abortOnFail that ended the run. */
  abortedByKpi: z.string().nullable(),
  exceptions: z.array(exceptionSchema),
  /** Faults of k6's stream, as counted by its reader. */
  faults: faultsSchema,
  /** Warnings of the runner: a full disk, ignored K6_ variables, a fallback to another stream. */
  warnings: z.array(z.string()),
  /** The k6 processes of the run; absent if there was only one. */
  sources: z.array(sourceSchema).optional(),
  /** Samples of failed requests that the scenario reported; absent in runs of earlier releases. */
  samples: z.array(sampleSchema).default([]),
});

export type Outcome = z.infer<typeof outcomeSchema>;

/** A scenario of a cycle that did not run. */
export interface NotRun {
  readonly scenario: string;
  /** A clause. */
  readonly reason: string;
}
