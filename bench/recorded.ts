// The figures of one run of the bench and the machine it ran on go to a file and come back from it, checked.

import { readFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { messageOf, UserError } from '../runner/system/errors.ts';
import { UNITS } from './figures.ts';

const figureSchema = z.object({
  id: z.string(),
  title: z.string(),
  unit: z.enum(UNITS),
  median: z.number(),
  min: z.number(),
  max: z.number(),
  goal: z.object({ comparison: z.enum(['<=', '>=']), value: z.number() }).optional(),
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

export type BenchRun = z.infer<typeof runSchema>;

/** The recorded run; undefined where none was recorded. Throws a UserError where the file holds anything else. */
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

export async function writeRecorded(path: string, run: BenchRun): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(run, null, 2)}\n`);
}
