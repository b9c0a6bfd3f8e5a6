import { expect } from 'chai';
import fc from 'fast-check';
import { z } from 'zod';
import { namedRecord } from '../../runner/model/named-record.ts';

describe('a record keyed by names from outside', () => {
  const names = ['__proto__', '\0__proto__', '\0\0__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'a\nb'];
  const name = fc.oneof(fc.constantFrom(...names), fc.string());
  const read = (record: unknown) => z.looseObject({ of: namedRecord(z.number()) }).parse({ of: record }).of;

  it('is read with every name as an own property', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.integer())), (entries) => {
        const record: unknown = JSON.parse(JSON.stringify(Object.fromEntries(entries)));
        expect(Object.entries(read(record))).to.deep.equal(Object.entries(Object.fromEntries(entries)));
        expect(Object.getPrototypeOf(read(record))).to.equal(Object.prototype);
      }),
    );
  });

  it('gives the path of an invalid value', () => {
    const { error } = z.object({ of: namedRecord(z.number()) }).safeParse({ of: { 'a b': 'x' } });
    expect(error?.issues[0]).to.deep.include({ code: 'invalid_type', path: ['of', 'a b'] });
  });

  it('rejects what is not a record', () => {
    for (const value of [undefined, null, 'x', 3, [1]])
      expect(z.object({ of: namedRecord(z.number()) }).safeParse({ of: value }).success, String(value)).to.equal(false);
  });
});
