// The zod schemas of what people and runs write as YAML or JSON become JSON Schemas, for editors. The build writes them to schemas/.

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

/** A list is held to the shape of targets; other shapes (a sentence, rows by name) are read as far as they are understood. */
const targets = z.union([z.array(targetSchema), z.record(z.string(), z.unknown()), z.string()]);
const VALUES: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  [CONFIG_CATEGORY, configSchema],
  [TARGETS_CATEGORY, z.looseObject({ component: z.string().optional(), targets: targets.optional() })],
  [ACCEPTANCE_CATEGORY, z.looseObject({ performance_targets: targets.optional() })],
  ...WRITTEN_CATEGORIES,
]);

/** Every schema by the name of its file, without .json. What is read is described as people write it, what is written as it is written. */
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

/** The item, or the bare value that a hand-written file may hold; distinguished as config/custom-data.ts does. */
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
    // Values that zod checks by code are any value for JSON Schema, but for those whose shapes are known.
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const shapes = ALTERNATIVES.get(zodSchema);
      if (shapes !== undefined) jsonSchema.anyOf = shapes.map((shape) => withoutDialect(asWritten(shape)));
    },
  });
}

/** Within another schema. */
function withoutDialect({ $schema: _dialect, ...schema }: JsonSchema): Omit<JsonSchema, '$schema'> {
  return schema;
}
