import { expect } from 'chai';
import fc from 'fast-check';
import { checkBinBytes, decodeBinBytes, encodeBinBytes } from '../../runner/metrics/buckets/kept-bins.ts';
import type { Bins } from '../../runner/model/metrics.ts';
import { anyCharacter } from '../any-character.ts';

/** The key of the greatest double, and so the greatest distance of a key from 0. */
const GREATEST = 0x7fefffff >>> 11;

function bins(pairs: ReadonlyArray<readonly [key: number, count: number]>): Bins {
  return { keys: Int32Array.from(pairs, ([key]) => key), counts: Float64Array.from(pairs, ([, count]) => count) };
}

const anyBins = fc
  .uniqueArray(
    fc.tuple(
      fc.oneof(fc.integer({ min: -GREATEST - 1, max: GREATEST }), fc.integer({ min: 524_000, max: 525_000 })),
      fc.oneof(
        fc.integer({ min: 1, max: 60 }),
        fc.maxSafeInteger().map((n) => Math.abs(n) + 1),
      ),
    ),
    { selector: ([key]) => key, maxLength: 300 },
  )
  .map((pairs) => bins(pairs.filter(([, count]) => Number.isSafeInteger(count)).sort(([a], [b]) => a - b)));

/** The bins as encoded in a stream. */
function encodeBins(bins: Bins): string {
  return Buffer.from(encodeBinBytes(bins)).toString('latin1');
}

/** Reads what encodeBins wrote. */
function decodeBins(text: string) {
  const bytes = Buffer.from(text, 'utf8');
  return decodeBinBytes(bytes, 0, bytes.length);
}

describe('the bins of the histograms stream', () => {
  it('read back as they were written', () => {
    fc.assert(
      fc.property(anyBins, (given) => {
        expect(decodeBins(encodeBins(given))).to.deep.equal(given);
      }),
    );
  });

  it('may stay encoded until they are needed', () => {
    fc.assert(
      fc.property(anyBins, fc.integer({ min: 0, max: 9 }), (given, offset) => {
        const around = Buffer.concat([Buffer.alloc(offset), Buffer.from(encodeBins(given)), Buffer.alloc(3)]);
        const encoded = checkBinBytes(around, offset, around.length - 3);
        around.fill(0);
        expect(encodeBinBytes(encoded)).to.equal(encoded.encoded);
        expect(encodeBins(encoded)).to.equal(encodeBins(given));
        expect(bins([...encoded.keys].map((key, i) => [key, encoded.counts[i] ?? 0]))).to.deep.equal(given);
      }),
    );
    expect(() => checkBinBytes(Buffer.from('~~'), 0, 2)).to.throw(Error, /^Expected bins/);
    expect(() => checkBinBytes(Buffer.from('##'), 0, 2, 7)).to.throw(Error, /^Expected bins of 7 values/);
  });

  it('need no JSON escapes and no spaces', () => {
    fc.assert(
      fc.property(anyBins, (given) => {
        const text = encodeBins(given);
        expect(JSON.stringify(text)).to.equal(`"${text}"`);
        expect(text).to.match(/^[!#-[\]-~]*$/);
      }),
    );
  });

  it('take one character per bin if the latencies are dense', () => {
    const dense = bins(Array.from({ length: 400 }, (_, i) => [524_288 + 3 * i, 1 + (i % 6)]));
    expect(encodeBins(dense)).to.have.lengthOf(400 + 4);
  });

  it('read any text as bins or give an Error', () => {
    const alphabet = fc.string({ unit: fc.constantFrom(...'!#$%&+ABCdefPQR}~') });
    fc.assert(
      fc.property(fc.oneof(alphabet, fc.string({ unit: anyCharacter })), (text) => {
        try {
          const read = decodeBins(text);
          expect(decodeBins(encodeBins(read))).to.deep.equal(read);
        } catch (error) {
          expect(error)
            .to.be.instanceOf(Error)
            .and.have.property('message')
            .that.matches(/^Expected bins/);
        }
      }),
    );
  });

  const notBins: ReadonlyArray<[title: string, text: string]> = [
    ['a first key without bins', '#'],
    ['a character outside of the alphabet', '##"'],
    ['a backslash', '##\\'],
    ['a character with a low byte in the alphabet', '##ģ'],
    ['a gap without its number', '#w'],
    ['a count without its number', '#)'],
    ['a number without an end', `#)${'~'.repeat(40)}`],
    ['a key above 2^31', '#wRRRRRRRR$'],
  ];
  for (const [title, text] of notBins) {
    it(`are not read from ${title}`, () => {
      expect(() => decodeBins(text)).to.throw(Error, /^Expected bins/);
    });
  }

  it('are not written with unordered keys or invalid counts', () => {
    for (const wrong of [
      bins([
        [2, 1],
        [1, 1],
      ]),
      bins([[1, 0]]),
      bins([[1, 1.5]]),
      bins([[1, Number.NaN]]),
    ]) {
      expect(() => encodeBins(wrong)).to.throw(Error, /^Expected bins with ascending keys/);
    }
  });
});
