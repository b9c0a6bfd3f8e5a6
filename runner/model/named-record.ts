// A zod record with names from outside as keys (metrics, tags, labels, scenarios). Any name is allowed, including
// `__proto__`, which zod drops.

import { z } from 'zod';
import { isRecord } from '../system/json.ts';

/**
 * Returns the schema of such a record. `value`: schema of every value; `params`: message for a value that is not a
 * record.
 */
export function namedRecord<V extends z.ZodType>(value: V, params?: Parameters<typeof z.record>[2]) {
  return z.preprocess(
    (record: Record<string, z.input<V>>) =>
      isRecord(record) ? renamed(record, /^\0*__proto__$/, (name) => `\0${name}`) : record,
    z
      .record(z.string(), value, params)
      .overwrite((record) => renamed(record, /^\0+__proto__$/, (name) => name.slice(1))),
  );
}

/** zod drops only the key `__proto__` itself, so such a key gets one extra character while zod parses. */
function renamed<T>(record: Record<string, T>, names: RegExp, rename: (name: string) => string): Record<string, T> {
  const entries = Object.entries(record);
  if (!entries.some(([name]) => names.test(name))) return record;
  // fromEntries, because assigning a key called __proto__ would set the prototype.
  return Object.fromEntries(entries.map(([name, value]) => [names.test(name) ? rename(name) : name, value]));
}
