// The schema of a sample of a failed request in the archive, with a limit on every field.

import { z } from 'zod';
import { namedRecord } from './named-record.ts';
import { KEPT, type SampleLine } from './sample-line.ts';

/**
 * A script may write such a line itself, so fields are cut to our own limits, plus room for the note about what was
 * cut.
 */
const text = (limit: number) => z.string().transform((value) => value.slice(0, limit + NOTE));
const NOTE = 40;
const MOST_HEADERS = 50;
const headers = namedRecord(z.string()).transform((record) =>
  Object.fromEntries(
    Object.entries(record)
      .slice(0, MOST_HEADERS)
      .map(([name, value]) => [name.slice(0, KEPT.headerName), value.slice(0, KEPT.headerValue + NOTE)]),
  ),
);
const body = text(KEPT.body).nullable();

export const sampleSchema = z.object({
  at: z.number().min(0).max(8.64e15),
  name: text(KEPT.name),
  group: text(KEPT.name),
  checks: z.array(text(KEPT.name)).max(50),
  error_code: z.number(),
  vu: z.number(),
  iteration: z.number().nullable(),
  scenario: text(KEPT.name),
  request: z.object({ method: text(20), url: text(KEPT.url), headers, body }),
  response: z.object({ status: z.number(), headers, body, duration_ms: z.number(), error: text(KEPT.error) }),
}) satisfies z.ZodType<SampleLine>;

export type ErrorSample = z.infer<typeof sampleSchema>;

/** Number of samples kept per kind of error. */
export const SAMPLES_PER_ERROR = 3;
