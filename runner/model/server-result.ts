// What result.json says of the system under test. Results of earlier versions have none of it: every field may be absent.

import { z } from 'zod';
import { namedRecord } from './named-record.ts';
import { SERVER_SOURCE_KINDS } from './server.ts';

const timestamp = z.iso.datetime();

/** Figures of one series over one phase; `last` is that of its newest second. */
const figuresSchema = z.looseObject({
  samples: z.number(),
  avg: z.number(),
  min: z.number(),
  max: z.number(),
  p95: z.number(),
  last: z.number(),
});

const phaseSchema = z.looseObject({ from: timestamp, to: timestamp });

const gapSchema = z.looseObject({ from: timestamp, to: timestamp, reason: z.string() });

export const serverMetricSchema = z.looseObject({
  /** `server.cpu_percent`. */
  name: z.string(),
  labels: namedRecord(z.string()),
  /** Name of its source. */
  source: z.string(),
  unit: z.string(),
  /** null: nothing was read in that phase. */
  before: figuresSchema.nullable(),
  during: figuresSchema.nullable(),
  after: figuresSchema.nullable(),
  /** Whether it came back to what it was before the load; null: it did not move, or there is no before or after. */
  recovered: z.boolean().nullable(),
});

export const serverSourceSchema = z.looseObject({
  name: z.string(),
  kind: z.enum(SERVER_SOURCE_KINDS),
  target: z.string(),
  /** ok: readings throughout. gaps: not all the time. failed: nothing at all. */
  state: z.enum(['ok', 'gaps', 'failed']),
  /** Successful samples; null: the run died before it could say. */
  samples: z.number().nullable(),
  gaps: z.array(gapSchema),
  remarks: z.array(z.string()),
});

/** One line of the report's panels: what several series come to, such as the machine's CPU of node_exporter's counters. */
export const serverLineSchema = z.looseObject({
  /** Of panel-rules.ts: cpu, memory, connections, … */
  panel: z.string(),
  label: z.string(),
  source: z.string(),
  unit: z.string(),
  /** in_use, waiting or limit, where it is one of these. */
  role: z.string().nullable(),
  before: figuresSchema.nullable(),
  during: figuresSchema.nullable(),
  after: figuresSchema.nullable(),
  recovered: z.boolean().nullable(),
});

export const serverSchema = z.looseObject({
  sources: z.array(serverSourceSchema).optional(),
  before: phaseSchema.nullable().optional(),
  after: phaseSchema.nullable().optional(),
  /** What people ask first: one entry a line of a panel, in the panels' order. */
  summary: z.array(serverLineSchema).optional(),
  /** Every series. */
  metrics: z.array(serverMetricSchema).optional(),
});

export type ServerResult = z.infer<typeof serverSchema>;
export type ServerLine = z.infer<typeof serverLineSchema>;
export type ServerFigures = z.infer<typeof figuresSchema>;
export type ServerMetricResult = z.infer<typeof serverMetricSchema>;
export type ServerSourceResult = z.infer<typeof serverSourceSchema>;
