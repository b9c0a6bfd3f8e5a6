// The notes on the system under test in a run's archive: sources, units, gaps. They are written during the run, so that
// a run that dies has them too. Every report reads them back, so they have a schema.

import { z } from 'zod';
import { SERVER_SOURCE_KINDS } from '../model/server.ts';

/** The kind of the archive's control lines that hold these notes. */
export const SERVER_NOTE = 'server';

const serverNoteSchema = z.discriminatedUnion('about', [
  z.object({ about: z.literal('source'), name: z.string(), kind: z.enum(SERVER_SOURCE_KINDS), target: z.string() }),
  z.object({ about: z.literal('metric'), name: z.string(), unit: z.string() }),
  /** The time without load: before k6 started or after it ended. */
  z.object({ about: z.literal('phase'), phase: z.enum(['before', 'after']), fromMs: z.number(), toMs: z.number() }),
  z.object({ about: z.literal('gap'), source: z.string(), fromMs: z.number(), toMs: z.number(), reason: z.string() }),
  z.object({ about: z.literal('remark'), source: z.string(), text: z.string() }),
  z.object({ about: z.literal('samples'), source: z.string(), samples: z.number() }),
]);

export type ServerNote = z.infer<typeof serverNoteSchema>;

/** The valid notes among those of an archive; others, such as those of another version, are skipped. */
export function serverNotes(kept: readonly unknown[]): ServerNote[] {
  return kept.flatMap((note) => {
    const parsed = serverNoteSchema.safeParse(note);
    return parsed.success ? [parsed.data] : [];
  });
}

/** The units of metrics as their sources gave them, by metric name. */
export function unitsOf(kept: readonly unknown[]): Map<string, string> {
  return new Map(serverNotes(kept).flatMap((note) => (note.about === 'metric' ? [[note.name, note.unit]] : [])));
}
