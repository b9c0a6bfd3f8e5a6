// A value that may have one of several shapes. zod's own union says "invalid union" of a wrong one; here the shape is chosen first, so that
// the error names the field. Who makes JSON Schemas finds the shapes in ALTERNATIVES.

import { z } from 'zod';

/** The shapes of each schema that oneOfShapes() made. */
export const ALTERNATIVES = new WeakMap<z.core.$ZodType, readonly z.ZodType[]>();

/** `pick` says by the look of a value which of `shapes` it is to be held to. */
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
