// The schema of the system under test in result.json. Earlier results lack it, so every field is optional.

import { z } from 'zod';
import { namedRecord } from './named-record.ts';
import { SERVER_SOURCE_KINDS } from './server.ts';

const timestamp = z.iso.datetime();

/** Figures of one series over one phase; `last` is the value of the newest second. */
const figuresSchema = z.looseObject({
  samples: z.number(),
  avg: z.number(),
  min: z.number(),
  max: z.number(),
  p95: z.number(),
  last: z.number(),
});

const idlePartSchema = z.looseObject({ from: timestamp, to: timestamp });

const gapSchema = z.looseObject({ from: timestamp, to: timestamp, reason: z.string() });

export const serverMetricSchema = z.looseObject({
  /** `server.cpu_percent`. */
  name: z.string(),
  labels: namedRecord(z.string()),
  /** Name of its source. */
  source: z.string(),
  unit: z.string(),
  /** null: no reading in that phase. */
  before: figuresSchema.nullable(),
  during: figuresSchema.nullable(),
  after: figuresSchema.nullable(),
  /** Whether it returned to its level before the load; null: it did not change, or there is no before or after. */
  recovered: z.boolean().nullable(),
});

export const serverSourceSchema = z.looseObject({
  name: z.string(),
  kind: z.enum(SERVER_SOURCE_KINDS),
  target: z.string(),
  /** ok: readings throughout. gaps: some are missing. failed: no reading at all. */
  state: z.enum(['ok', 'gaps', 'failed']),
  /** Number of successful samples; null: the run died before it was recorded. */
  samples: z.number().nullable(),
  gaps: z.array(gapSchema),
  remarks: z.array(z.string()),
});

/**
 * One line of the report's panels, computed from several series, such as the machine's CPU from node_exporter's
 * counters.
 */
export const serverLineSchema = z.looseObject({
  /** Panel id of panel-rules.ts: cpu, memory, connections, … */
  panel: z.string(),
  label: z.string(),
  source: z.string(),
  unit: z.string(),
  /** in_use, waiting, limit, all_cores or resident, if it has such a role. */
  role: z.string().nullable(),
  before: figuresSchema.nullable(),
  during: figuresSchema.nullable(),
  after: figuresSchema.nullable(),
  recovered: z.boolean().nullable(),
});

export const serverSchema = z.looseObject({
  sources: z.array(serverSourceSchema).optional(),
  before: idlePartSchema.nullable().optional(),
  after: idlePartSchema.nullable().optional(),
  /** One entry per line of a panel, in the panels' order. */
  summary: z.array(serverLineSchema).optional(),
  /** Every series. */
  metrics: z.array(serverMetricSchema).optional(),
});

export type ServerResult = z.infer<typeof serverSchema>;
export type ServerLine = z.infer<typeof serverLineSchema>;
export type ServerFigures = z.infer<typeof figuresSchema>;
export type ServerMetricResult = z.infer<typeof serverMetricSchema>;
export type ServerSourceResult = z.infer<typeof serverSourceSchema>;
