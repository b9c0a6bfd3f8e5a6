// What an archive says of the system under test besides its numbers: sources, units, gaps. Written while the run goes on, so that a
// run that dies has them too; read back by every report, so it is a boundary and has a schema.

import { z } from 'zod';
import { SERVER_SOURCE_KINDS } from '../model/server.ts';

/** The kind of the archive's control lines that hold these. */
export const SERVER_NOTE = 'server';

const serverNoteSchema = z.discriminatedUnion('about', [
  z.object({ about: z.literal('source'), name: z.string(), kind: z.enum(SERVER_SOURCE_KINDS), target: z.string() }),
  z.object({ about: z.literal('metric'), name: z.string(), unit: z.string() }),
  /** When nothing was put on the system: before k6 was started, and after it had ended. */
  z.object({ about: z.literal('phase'), phase: z.enum(['before', 'after']), fromMs: z.number(), toMs: z.number() }),
  z.object({ about: z.literal('gap'), source: z.string(), fromMs: z.number(), toMs: z.number(), reason: z.string() }),
  z.object({ about: z.literal('remark'), source: z.string(), text: z.string() }),
  z.object({ about: z.literal('samples'), source: z.string(), samples: z.number() }),
]);

export type ServerNote = z.infer<typeof serverNoteSchema>;

/** The notes among what an archive held; what is none, or of another version, is passed over. */
export function serverNotes(kept: readonly unknown[]): ServerNote[] {
  return kept.flatMap((note) => {
    const parsed = serverNoteSchema.safeParse(note);
    return parsed.success ? [parsed.data] : [];
  });
}

/** The units of metrics by name, as their sources gave them. */
export function unitsOf(kept: readonly unknown[]): Map<string, string> {
  return new Map(serverNotes(kept).flatMap((note) => (note.about === 'metric' ? [[note.name, note.unit]] : [])));
}
