// A zod schema for a value that may have one of several shapes. The shape is chosen before parsing, so an error names
// the wrong field; zod's union would only report "invalid union".

import { z } from 'zod';

/** The shapes of each schema made by oneOfShapes(), from which JSON Schemas are built. */
export const ALTERNATIVES = new WeakMap<z.core.$ZodType, readonly z.ZodType[]>();

/** Returns a schema that parses a value with the shape that `pick` returns for it. */
export function oneOfShapes<const Shapes extends readonly z.ZodType[]>(
  shapes: Shapes,
  pick: (value: unknown) => Shapes[number],
) {
  const schema = z.custom<z.input<Shapes[number]>>().transform((value: unknown, context): z.output<Shapes[number]> => {
    const parsed = pick(value).safeParse(value);
    if (parsed.success) return parsed.data;
    for (const { message, path, ...issue } of parsed.error.issues) {
      const keys = issue.code === 'unrecognized_keys' ? `, found ${issue.keys.join(', ')}` : '';
      context.addIssue({ code: 'custom', message: `${message}${keys}`, path: [...path] });
    }
    return z.NEVER;
  });
  ALTERNATIVES.set(schema, shapes);
  return schema;
}
