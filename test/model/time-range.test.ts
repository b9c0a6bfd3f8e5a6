import { expect } from 'chai';
import { unionOf } from '../../runner/model/time-range.ts';

describe('the union of time ranges', () => {
  const rows = [
    ['of none', [], undefined],
    ['of unknown ones', [undefined, undefined], undefined],
    ['of one', [{ fromMs: 5, toMs: 7 }, undefined], { fromMs: 5, toMs: 7 }],
    [
      'of overlapping ones',
      [
        { fromMs: 5, toMs: 9 },
        { fromMs: 3, toMs: 7 },
      ],
      { fromMs: 3, toMs: 9 },
    ],
    ['of ranges with a gap', [{ fromMs: 1, toMs: 2 }, undefined, { fromMs: 8, toMs: 9 }], { fromMs: 1, toMs: 9 }],
  ] as const;
  for (const [what, ranges, union] of rows) {
    it(`${what} is ${JSON.stringify(union)}`, () => expect(unionOf(ranges)).to.deep.equal(union));
  }
});
