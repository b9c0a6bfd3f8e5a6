// Stores the figures of the bench with their machine in a file, and reads them checked. A run of some sections keeps the recorded
// figures of the others.

import { readFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { messageOf, UserError } from '../runner/system/errors.ts';
import { UNITS } from './figures.ts';

/** Time and machine of a figure from an earlier run. */
const earlierSchema = z.object({
  began_at: z.iso.datetime(),
  quick: z.boolean(),
  machine: z.string(),
  versions: z.string(),
});

const figureSchema = z.object({
  id: z.string(),
  title: z.string(),
  unit: z.enum(UNITS),
  median: z.number(),
  min: z.number(),
  max: z.number(),
  goal: z.object({ comparison: z.enum(['<=', '>=']), value: z.number() }).optional(),
  earlier: earlierSchema.optional(),
});

const runSchema = z.object({
  schema_version: z.literal(1),
  began_at: z.iso.datetime(),
  /** The shorter bench of --quick: fewer rounds, shorter runs. */
  quick: z.boolean(),
  machine: z.string(),
  versions: z.string(),
  /** Mean number of running processes over the minute before the bench and over its last one. */
  load_average: z.object({ before: z.number(), after: z.number() }),
  figures: z.array(figureSchema),
});

/** A recorded run of the bench. */
export type BenchRun = z.infer<typeof runSchema>;

/** The recorded run; undefined if there is none. Throws a UserError for an invalid file. */
export async function readRecorded(path: string): Promise<BenchRun | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    return runSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new UserError('Expected a recorded run of the bench.', {
      where: path,
      next: 'npm run bench -- --record writes it anew',
      cause: messageOf(error),
    });
  }
}

/** The run with the figures that only the one before it has, each with where it comes from. */
export function withEarlier(run: BenchRun, before: BenchRun | undefined): BenchRun {
  if (before === undefined) return run;
  const { began_at, quick, machine, versions } = before;
  const measured = new Set(run.figures.map(({ id }) => id));
  const kept = before.figures
    .filter(({ id }) => !measured.has(id))
    .map((figure) => ({ ...figure, earlier: figure.earlier ?? { began_at, quick, machine, versions } }));
  return { ...run, figures: [...kept, ...run.figures] };
}

/** Writes the recorded run. */
export async function writeRecorded(path: string, run: BenchRun): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(run, null, 2)}\n`);
}
