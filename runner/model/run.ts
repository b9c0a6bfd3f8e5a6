// What a run's archive says besides its numbers: the facts known before load, and the outcome known after it.
// `novaperf report` reads them back, so they are a boundary and have schemas.

import { z } from 'zod';
import { processIdentitySchema } from '../system/process-identity.ts';
import { checkSchema } from './check.ts';
import { ENVIRONMENT_SOURCES } from './environment.ts';
import { sampleSchema } from './error-sample.ts';
import type { StreamFaults } from './metrics.ts';
import { phaseSchema } from './phase-schema.ts';
import { PROFILES, type ScenarioPlan } from './plan.ts';

const planSchema = z.object({
  name: z.string(),
  component: z.string(),
  description: z.string(),
  scriptPath: z.string(),
  typed: z.boolean(),
  profile: z.enum([...PROFILES, 'own']),
  k6Scenarios: z.record(z.string(), z.looseObject({ executor: z.string() })),
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
  options: z.record(z.string(), z.unknown()),
  hasHandleSummary: z.boolean(),
});

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
  /** What was verified before the load; archives from before 0.2 have none. */
  verification: z.array(checkSchema).default([]),
});

/** Known before the first sample; written into the archive at once, so that a run that dies can still be named. */
export type RunFacts = Omit<z.infer<typeof runFactsSchema>, 'plan'> & { plan: ScenarioPlan };

/** As StreamFaults; a first bad line that is absent stays absent, which exactOptionalPropertyTypes asks for. */
const faultsSchema = z
  .object({
    badLines: z.number(),
    firstBadLine: z.object({ line: z.number(), text: z.string() }).optional(),
    badValues: z.number(),
    outsideClock: z.number().optional(),
    runs: z.number().optional(),
    lostLines: z.number(),
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
  /** null: killed by a signal. undefined: a stream from elsewhere, nobody knows. */
  k6ExitCode: z.number().nullable().optional(),
  /** The signal that killed k6, such as SIGKILL. */
  k6Signal: z.string().nullable().optional(),
  /** Time of the first and the last sample where the reader knows it better than to the second. */
  firstSampleMs: z.number().optional(),
  lastSampleMs: z.number().optional(),
  /** Who ended the run, if not k6 itself. */
  stoppedBy: z.enum(['user', 'threshold']).nullable(),
  /** Id of the KPI with abortOnFail that ended the run. */
  abortedByKpi: z.string().nullable(),
  exceptions: z.array(exceptionSchema),
  /** What the stream from k6 lacked, as its reader counted it. */
  faults: faultsSchema,
  /** Warnings that the runner itself has to tell: a full disk, neutralised K6_ variables, a source that fell back. */
  warnings: z.array(z.string()),
  /** Requests that failed, as the scenario told of them; none from runs before there were any. */
  samples: z.array(sampleSchema).default([]),
});

export type Outcome = z.infer<typeof outcomeSchema>;

/** A scenario of a cycle that did not run. */
export interface NotRun {
  readonly scenario: string;
  /** A clause. */
  readonly reason: string;
}
