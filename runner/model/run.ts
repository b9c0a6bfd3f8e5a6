// What a run's archive says besides its numbers: the facts known before load, and the outcome known after it.
// `novaperf report` reads them back, so they are a boundary and have schemas.

import { z } from 'zod';
import { processIdentitySchema } from '../system/process-identity.ts';
import { checkSchema } from './check.ts';
import { ENVIRONMENT_SOURCES } from './environment.ts';
import { sampleSchema } from './error-sample.ts';
import type { StreamFaults } from './metrics.ts';
import { namedRecord } from './named-record.ts';
import { phaseSchema } from './phase-schema.ts';
import { PROFILES, type ScenarioPlan } from './plan.ts';
import { sliceSchema, sourceSchema } from './source.ts';

/** A rise in percent that is also one in milliseconds, or of memory in megabytes. */
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

/** How a run is judged beyond its targets; recorded with the run, so that a report made later agrees with the exit code. */
export const judgingSchema = z.object({
  /** `certain`: thresholds of the script get the three-way answer of targets, too. */
  thresholds: z.enum(['k6', 'certain']).default('k6'),
  /** Exit code of a run whose only fault is a target too close to call: 98, that of a miss, or that of a pass. */
  inconclusive: z.enum(['98', 'fail', 'pass']).default('98'),
  /** Whether targets are judged without the warm-up. */
  warmUp: z.enum(['leave-out', 'keep']).default('leave-out'),
  /** Whether requests of setup() and teardown() are in the figures, as k6 counts them. */
  setup: z.enum(['count', 'leave-out']).default('count'),
  /** By how much response times may rise over a soak; false: they are not judged. */
  degradation: degradationSchema.default({ percent: 20, ms: 20, mb: 32 }),
  /** The least change between runs that is called one: response times by both, rates by the percentage. */
  change: z
    .strictObject({ percent: z.number().positive().default(5), ms: z.number().nonnegative().default(5) })
    .default({ percent: 5, ms: 5 }),
});
export type Judging = z.infer<typeof judgingSchema>;
/** See judgingSchema.change. */
export type PracticalSize = Judging['change'];
export const DEFAULT_JUDGING: Judging = judgingSchema.parse({});

/** An earlier run of the same build and load: its values of targets, each with the interval that it alone gave. */
const earlierRunSchema = z.object({
  run: z.string(),
  figures: z.array(
    z.object({
      /** See figureKey() in analysis/statistics/pooled.ts. */
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
  /** Branch of the source that was tested; absent where neither CI nor git says one. */
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
  /** The process that ran it; archives from before 0.2 have none. */
  process: processIdentitySchema.optional(),
  /** Absent in archives from before 0.2, and for streams from elsewhere: the defaults. */
  judging: judgingSchema.optional(),
  /** The run that this is a part of; absent for whole runs. */
  slice: sliceSchema.optional(),
  /** Runs whose values targets are judged with, newest first; absent where there were none. */
  earlier: z.array(earlierRunSchema).optional(),
  /** What was verified before the load; archives from before 0.2 have none. */
  verification: z.array(checkSchema).default([]),
});

/** Known before the first sample; written into the archive at once, so that a run that dies can still be named. */
export type RunFacts = Omit<z.infer<typeof runFactsSchema>, 'plan'> & { plan: ScenarioPlan };

/** Epoch milliseconds. */
const timeRangeSchema = z.object({ fromMs: z.number(), toMs: z.number() });

/** As StreamFaults; a first bad line that is absent stays absent, which exactOptionalPropertyTypes asks for. */
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

/** Script exceptions of one stage, place and message (numbers in the message aside). */
const exceptionSchema = z.object({
  /** `TypeError: boom`, without the stack: that of the first one. */
  message: z.string(),
  /** `file:line:column` of the innermost frame in the user's own code; null where the stack names no file. */
  where: z.string().nullable(),
  stage: z.enum(['init', 'setup', 'iteration', 'teardown']),
  count: z.number(),
  /** Epoch milliseconds, to the second. */
  firstMs: z.number(),
  lastMs: z.number(),
});

export type ScriptException = z.infer<typeof exceptionSchema>;

/** What ended a run that could not say how it ended: novaperf itself, its machine, one of both, or nothing as yet. */
export type Death = 'runner' | 'machine' | 'either' | 'still running';

export const outcomeSchema = z.object({
  endedAtMs: z.number(),
  /** null: killed by a signal. undefined: not known, for a stream from elsewhere. */
  k6ExitCode: z.number().nullable().optional(),
  /** The signal that killed k6, such as SIGKILL. */
  k6Signal: z.string().nullable().optional(),
  /** Time of the first and the last sample where the reader knows it better than to the second. */
  firstSampleMs: z.number().optional(),
  lastSampleMs: z.number().optional(),
  /** Who ended the run, if not k6 itself. */
  stoppedBy: z.enum(['user', 'threshold', 'decided']).nullable(),
  /** Id of the KPI with abortOnFail that ended the run. */
  abortedByKpi: z.string().nullable(),
  exceptions: z.array(exceptionSchema),
  /** What the stream from k6 lacked, as its reader counted it. */
  faults: faultsSchema,
  /** Warnings that the runner itself has to tell: a full disk, neutralised K6_ variables, a source that fell back. */
  warnings: z.array(z.string()),
  /** The k6 processes whose streams make up the run; absent where it was one. */
  sources: z.array(sourceSchema).optional(),
  /** Requests that failed, as the scenario reported them; none from runs before there were any. */
  samples: z.array(sampleSchema).default([]),
});

export type Outcome = z.infer<typeof outcomeSchema>;

/** A scenario of a cycle that did not run. */
export interface NotRun {
  readonly scenario: string;
  /** A clause. */
  readonly reason: string;
}
