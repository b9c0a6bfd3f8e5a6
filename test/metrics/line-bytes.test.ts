import { expect } from 'chai';
import fc from 'fast-check';
import { LineBytes, numberText } from '../../runner/metrics/bytes/line-bytes.ts';

function written(write: (lines: LineBytes) => void): string {
  const lines = new LineBytes();
  write(lines);
  return lines.take().toString();
}

describe('the bytes of a line', () => {
  const edges = [
    0,
    -0,
    1,
    -1,
    9,
    10,
    99.999999,
    0.1,
    0.000001,
    0.0000015,
    1e-7,
    123456789.654321,
    999_999_999.999999,
    1e9,
    1e9 + 0.5,
    999_999_999_999_999,
    1e15,
    2 ** 53,
    1e21,
    1.5e300,
    5e-324,
    Infinity,
    -Infinity,
    0.1 + 0.2,
    4.463197,
    100.5,
  ];
  for (const value of edges) {
    it(`has the digits of ${value} as String() gives them`, () => {
      expect(written((lines) => lines.number(value))).to.equal(numberText(value));
      expect(written((lines) => lines.number(-value))).to.equal(numberText(-value));
    });
  }

  it('has the digits of any double and of any decimal as String() gives them', () => {
    const decimal = fc
      .tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 9 }))
      .map(([digits, places]) => digits / 10 ** places);
    fc.assert(
      fc.property(fc.oneof(decimal, fc.double({ noNaN: true })), (value) => {
        expect(written((lines) => lines.number(value))).to.equal(numberText(value));
      }),
      { numRuns: 2000 },
    );
    expect(() => new LineBytes().number(Number.NaN)).to.throw('found NaN');
  });

  it('has any text as UTF-8, of any length', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (texts) => {
        const all = (lines: LineBytes) => {
          for (const text of texts) lines.text(text);
        };
        expect(written(all)).to.equal(texts.join(''));
      }),
    );
    const long = 'ü'.repeat(100_000);
    expect(written((lines) => lines.text(long))).to.equal(long);
  });
});
