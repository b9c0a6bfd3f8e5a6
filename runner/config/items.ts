// Schemas of ConPort's items in YAML, with ConPort's field names. Unknown fields are kept.

import { z } from 'zod';

const id = z.number().int().positive();
/** ISO 8601; a hand-written record may lack it. */
const timestamp = z.string();

/** Statuses that novaperf writes. */
export const PROGRESS_STATUSES = [
  'TODO',
  'IN_PROGRESS',
  'DONE',
  'DONE_WITH_ISSUES_NOTED',
  'FAILED',
  'BLOCKED',
] as const;
/** A status that novaperf writes. */
export type ProgressStatus = (typeof PROGRESS_STATUSES)[number];

/** `progress/<id>.yaml`. */
export const progressSchema = z.looseObject({
  id,
  timestamp,
  /** novaperf writes PROGRESS_STATUSES; hand-written items may have any word, as in ConPort. */
  status: z.string(),
  description: z.string().min(1),
  parent_id: id.nullable().default(null),
  /** Written by novaperf: how a scenario or a cycle ended, in one line; `description` ends with it too. */
  outcome: z.string().optional(),
  /** Written by novaperf: a parent that only the ConPort server has, by its number there. */
  server_parent_id: id.optional(),
  /** Written by novaperf: the cycle of the record; separates records with the same number from two branches. */
  cycle_key: z.string().optional(),
  /** Written by novaperf: its number before a merge, by which the server finds it. */
  renumbered_from: z.number().int().optional(),
});

/** `decisions/<id>.yaml`. */
export const decisionSchema = z.looseObject({
  id,
  timestamp,
  summary: z.string().min(1),
  rationale: z.string().nullable().default(null),
  implementation_details: z.string().nullable().default(null),
  tags: z.array(z.string()).nullable().default(null),
  cycle_key: z.string().optional(),
  /** Written by novaperf: its number before a merge, by which the server finds it. */
  renumbered_from: z.number().int().optional(),
});

/** `links/<id>.yaml`. The id of custom data is `Category:Key`. */
export const linkSchema = z.looseObject({
  id,
  timestamp,
  source_item_type: z.string().min(1),
  source_item_id: z.union([z.string().min(1), id.transform(String)]),
  target_item_type: z.string().min(1),
  target_item_id: z.union([z.string().min(1), id.transform(String)]),
  relationship_type: z.string().min(1),
  description: z.string().nullable().default(null),
  cycle_key: z.string().optional(),
  /** Written by novaperf: its number before a merge, by which the server finds it. */
  renumbered_from: z.number().int().optional(),
});

/** `custom_data/<Category>/<Key>.yaml`. A file without `category` and `key` is the value itself. */
export const customDataSchema = z.looseObject({
  category: z.string().min(1),
  key: z.string().min(1),
  timestamp: timestamp.optional(),
  value: z.unknown(),
});

/** `active_context.yaml`: the content itself. */
export const activeContextSchema = z.looseObject({
  state_of_the_union: z.string().optional(),
  open_issues: z.array(z.unknown()).optional(),
  /** Written by novaperf: the state of each component; see records/store/own-sentence.ts. */
  performance: z.unknown().optional(),
});

/** A Progress item. */
export type Progress = z.infer<typeof progressSchema>;
/** A Decision item. */
export type Decision = z.infer<typeof decisionSchema>;
/** A link between items. */
export type Link = z.infer<typeof linkSchema>;
/** A custom data item. */
export type CustomData = z.infer<typeof customDataSchema>;
/** The active context. */
export type ActiveContext = z.infer<typeof activeContextSchema>;
