// The schema of one of several k6 processes of a run: its figures, the state of its stream and of its load generator.

import { z } from 'zod';
import { namedRecord } from './named-record.ts';

const figure = z.number().nullable();

/** A figure that may be unknown; JSON omits it then. */
const known = z
  .number()
  .nullish()
  .transform((value): number | undefined => value ?? undefined);

/** As MachineVerdict of the analysis. */
const machineVerdictSchema = z.object({
  state: z.enum(['free', 'busy', 'saturated', 'unknown']),
  reasons: z.array(z.string()),
  cores: known,
  cpuAvg: known,
  cpuSustained: known,
  pressureSustained: known,
  otherCoresAvg: known,
  runnerLagMaxMs: known,
  clockStepMs: known,
});

/** As GeneratorVerdict of the analysis. */
const generatorVerdictSchema = z.object({
  state: z.enum(['clean', 'warn', 'saturated', 'unknown']),
  reasons: z.array(z.string()),
  inflates: z.enum(['yes', 'somewhat', 'no', 'unknown']),
  fellShort: z.boolean(),
  dropCause: z.enum(['none', 'k6_busy', 'vus_exhausted', 'vus_not_ready', 'unknown']),
  cpuCoresAvg: known,
  cpuCoresMax: known,
  coresAllowed: known,
  cpuShare: known,
  residentBytesMax: known,
  schedP99Ms: known,
  goroutinesMax: known,
  droppedIterations: z.number(),
  achievedRate: known,
  backlogMax: known,
  machine: machineVerdictSchema,
});

export const SOURCE_KINDS = ['run', 'histograms', 'samples', 'pod'] as const;

export const sourceSchema = z.object({
  /** Unique within the run: a file, a run's folder, a pod. */
  name: z.string(),
  kind: z.enum(SOURCE_KINDS),
  /** First and last measurement by the source's own clock, epoch milliseconds; null: it measured nothing. */
  firstMs: figure,
  lastMs: figure,
  /** Start and end of its scenarios, epoch milliseconds; null: not known. */
  loadFromMs: figure,
  loadToMs: figure,
  iterations: z.number(),
  /** Number of requests of the protocol of `latency`. */
  requests: z.number(),
  failed: figure,
  vusMax: figure,
  /** Milliseconds; null: it has none. */
  latency: z
    .object({ metric: z.string(), count: z.number(), med: figure, p95: figure, p99: figure, max: figure })
    .nullable(),
  /** True if the stream has its closing line and nothing is missing. */
  isComplete: z.boolean(),
  /** End of a stream without its closing line, epoch milliseconds; null if it has one. */
  cutAtMs: figure,
  lostLines: z.number(),
  missingSamples: z.number(),
  repeatedLines: z.number(),
  gaps: z.array(z.object({ fromMs: z.number(), toMs: z.number() })),
  /** Exit code of its k6; null: not known, or ended by a signal. */
  exitCode: figure,
  /** Why it ended early or could not be read, as a clause; null: no problem known. */
  problem: z.string().nullable(),
  /** How much its clock was ahead of ours, lower and upper bound, milliseconds; null: not measured. */
  clockAheadMs: z.object({ low: z.number(), high: z.number() }).nullable(),
  generator: generatorVerdictSchema,
});

export type SourceFacts = z.infer<typeof sourceSchema>;

/** A part of a run that was judged separately. */
export const sliceSchema = z.object({
  /** Folder of the whole run. */
  run: z.string(),
  /** From the start of the load, milliseconds; null: not cut there. */
  fromMs: figure,
  toMs: figure,
  /** The values that are kept, by tag. */
  tags: namedRecord(z.array(z.string())),
});

export type Slice = z.infer<typeof sliceSchema>;
