// A record whose keys are names from outside (metrics, tags, labels, scenarios): any name is one, `__proto__` too, which zod leaves out.

import { z } from 'zod';

/** The schema of such a record; `value` is the schema of every value, `params` words what is no record. Reading a record gives a plain object with the same names. */
export function namedRecord<V extends z.ZodType>(value: V, params?: Parameters<typeof z.record>[2]) {
  return z.preprocess(
    (record: Record<string, z.input<V>>) =>
      isRecord(record) ? renamed(record, /^\0*__proto__$/, (name) => `\0${name}`) : record,
    z
      .record(z.string(), value, params)
      .overwrite((record) => renamed(record, /^\0+__proto__$/, (name) => name.slice(1))),
  );
}

/** zod leaves a key out only where it is exactly `__proto__`, so such a key has one character more while zod looks at it. */
function renamed<T>(record: Record<string, T>, names: RegExp, rename: (name: string) => string): Record<string, T> {
  const entries = Object.entries(record);
  if (!entries.some(([name]) => names.test(name))) return record;
  // fromEntries, not assignment, which would set the prototype.
  return Object.fromEntries(entries.map(([name, value]) => [names.test(name) ? rename(name) : name, value]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
