// What the schemas of several kinds of written items share.

import { z } from 'zod';

export const id = z.number().int().positive();
export const keys = z.array(z.string().min(1));
export const figure = z.number().nullable();
/** ISO 8601, UTC. */
export const moment = z.iso.datetime();
export const text = z.string().default('');
export const textOrNone = z.string().nullable().default(null);

/** The value that a run writes for a schema, without unknown fields, so that the compiler finds every place that a changed field affects. */
export type Written<S extends z.ZodType> = KnownFields<z.output<S>>;
type KnownFields<T> = T extends readonly (infer Item)[]
  ? readonly KnownFields<Item>[]
  : T extends object
    ? { readonly [Field in keyof T as string extends Field ? never : Field]: KnownFields<T[Field]> }
    : T;

/** The ConPort item that a target comes from; undefined for thresholds of the script. */
export const targetOrigin = {
  item: z.string().optional(),
  version: z.number().nullable().optional(),
  field: z.string().optional(),
};
