// The type of novaperf.config.ts and its schema have the same keys and values; the compiler checks it.

import { expect } from 'chai';
import type { z } from 'zod';
import type { settingsSchema } from '../../runner/config/settings-schema.ts';
import type { NovaperfConfig } from '../../runner/model/novaperf-config.ts';

/** Without `undefined` and optional marks, at every depth. */
type Whole<T> = unknown extends T
  ? unknown
  : T extends readonly (infer Each)[]
    ? Whole<Each>[]
    : T extends object
      ? { [Key in keyof T]-?: Whole<Exclude<T[Key], undefined | null>> }
      : T;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Differing<A, B> = {
  [Key in keyof A | keyof B]: Key extends keyof A & keyof B ? (Same<A[Key], B[Key]> extends true ? never : Key) : Key;
}[keyof A | keyof B];

type Schema = Whole<z.input<typeof settingsSchema>>;
type Type = Whole<NovaperfConfig>;

describe('the type of novaperf.config.ts', () => {
  it('has every key of the schema with its values, and no other', () => {
    const differing: Differing<Schema, Type>[] = [];
    // The compiler names a key that differs as not assignable to never.
    const none: never[] = differing;
    expect(none).to.deep.equal([]);
  });
});
