// The zod schemas of YAML and JSON files → JSON Schemas for editors, which the build writes to schemas/.

import { z } from 'zod';
import { CONFIG_CATEGORY } from '../../config/config-item.ts';
import {
  activeContextSchema,
  customDataSchema,
  decisionSchema,
  linkSchema,
  progressSchema,
} from '../../config/items.ts';
import { configSchema, settingsSchema } from '../../config/settings-schema.ts';
import { ACCEPTANCE_CATEGORY, TARGETS_CATEGORY } from '../../config/targets-store.ts';
import { ALTERNATIVES } from '../../model/alternatives.ts';
import { completionSchema } from '../../model/completion.ts';
import { resultSchema } from '../../model/result.ts';
import { targetSchema } from '../../targets/target-schema.ts';
import { WRITTEN_CATEGORIES } from './item-values.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** A list must consist of targets; other shapes (a sentence, rows by name) are allowed and read as far as possible. */
const targets = z.union([z.array(targetSchema), z.record(z.string(), z.unknown()), z.string()]);
const VALUES: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  [CONFIG_CATEGORY, configSchema],
  [TARGETS_CATEGORY, z.looseObject({ component: z.string().optional(), targets: targets.optional() })],
  [ACCEPTANCE_CATEGORY, z.looseObject({ performance_targets: targets.optional() })],
  ...WRITTEN_CATEGORIES,
]);

/** Every schema by file name without .json. Schemas of files that people write describe the input, those of written files the output. */
export function jsonSchemas(): ReadonlyMap<string, JsonSchema> {
  return new Map<string, JsonSchema>([
    ['result', z.toJSONSchema(resultSchema, { io: 'output' })],
    ['completion', z.toJSONSchema(completionSchema, { io: 'output' })],
    ['config', asWritten(settingsSchema.extend({ $schema: z.string().optional() }))],
    ['active-context', asWritten(activeContextSchema)],
    ['progress', asWritten(progressSchema)],
    ['decision', asWritten(decisionSchema)],
    ['link', asWritten(linkSchema)],
    ['custom-data', asWritten(customDataSchema)],
    ...[...VALUES].map(([category, value]): [string, JsonSchema] => [category, itemOf(category, value)]),
  ]);
}

/** The schema of an item or its bare value, which hand-written files may contain; config/custom-data.ts distinguishes them alike. */
function itemOf(category: string, value: z.ZodType): JsonSchema {
  const item = asWritten(customDataSchema.extend({ category: z.literal(category), value }));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    if: { required: ['value'], anyOf: [{ required: ['category'] }, { required: ['key'] }] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
    then: withoutDialect(item),
    else: withoutDialect(asWritten(value)),
  };
}

function asWritten(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    // Values that zod checks with code can be anything in JSON Schema, unless their shapes are known.
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const shapes = ALTERNATIVES.get(zodSchema);
      if (shapes !== undefined) jsonSchema.anyOf = shapes.map((shape) => withoutDialect(asWritten(shape)));
    },
  });
}

/** A schema without `$schema`, to be used within another one. */
function withoutDialect({ $schema: _dialect, ...schema }: JsonSchema): Omit<JsonSchema, '$schema'> {
  return schema;
}
