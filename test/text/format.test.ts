import { expect } from 'chai';
import fc from 'fast-check';
import { oneLine, visible } from '../../runner/text/display-text.ts';
import {
  bytes,
  compact,
  count,
  duration,
  elapsed,
  NO_DATA,
  nextToTarget,
  percent,
  perSecond,
  plural,
  signedPercent,
  signedPoints,
  significant,
  targetWithUnit,
  times,
  withUnit,
} from '../../runner/text/format.ts';
import { propertyRuns } from '../property-runs.ts';

describe('numbers as people read them', () => {
  const rows: ReadonlyArray<readonly [write: () => string, text: string]> = [
    [() => duration(0), '0 ms'],
    [() => duration(0.0412), '41.2 µs'],
    [() => duration(0.9996), '1.00 ms'],
    [() => duration(12.44), '12.4 ms'],
    [() => duration(312.4), '312 ms'],
    [() => duration(999.6), '1.00 s'],
    [() => duration(1240), '1.24 s'],
    [() => duration(59_940), '59.9 s'],
    [() => duration(59_999), '1 min'],
    [() => duration(125_000), '2 min 05 s'],
    [() => duration(3_900_000), '1 h 05 min'],
    [() => duration(7_200_000), '2 h'],
    [() => duration(500, { trim: true }), '500 ms'],
    [() => duration(1500, { trim: true }), '1.5 s'],
    [() => bytes(812), '812 B'],
    [() => bytes(12_400_000), '12.4 MB'],
    [() => bytes(999_600), '1.00 MB'],
    [() => percent(0), '0 %'],
    [() => percent(1), '100 %'],
    [() => percent(0.0003), '0.03 %'],
    [() => percent(0.000012), '0.0012 %'],
    [() => percent(0.99999), '99.999 %'],
    [() => percent(0.9999999), '99.99999 %'],
    [() => percent(0.985), '98.5 %'],
    [() => count(30_000), '30,000'],
    [() => count(4.25), '4.25'],
    [() => percent(0.999), '99.9 %'],
    [() => percent(0.9953), '99.5 %'],
    [() => percent(0.99957), '99.96 %'],
    [() => percent(9.99), '999 %'],
    [() => percent(23), '23×'],
    [() => compact(1004), '1,004'],
    [() => compact(9999), '9,999'],
    [() => compact(4140.4), '4,140'],
    [() => compact(-4140), '−4,140'],
    [() => compact(12_440), '12.4 k'],
    [() => count(-3), '−3'],
    [() => count(1.7e308), '1.70e+308'],
    [() => compact(-2e300), '−2.00e+288 T'],
    [() => duration(-12.44), '−12.4 ms'],
    [() => duration(-125_000), '−2 min 05 s'],
    [() => bytes(-812), '−812 B'],
    [() => times(17.2), '17×'],
    [() => times(1.54), '1.5×'],
    [() => times(1004), '1,004×'],
    [() => signedPercent(2300), '24×'],
    [() => signedPercent(999), '+999 %'],
    [() => signedPercent(-2300), 'below −999 %'],
    [() => signedPoints(0.003), '+0.3 points'],
    [() => signedPoints(-0.01), '−1 point'],
    [() => signedPoints(0), '±0 points'],
    [() => plural(1, 'iteration'), '1 iteration'],
    [() => plural(1004, 'iteration'), '1,004 iterations'],
    [() => compact(1_240_000), '1.24 M'],
    [() => perSecond(412.4), '412/s'],
    [() => perSecond(4100), '4,100/s'],
    [() => perSecond(12_440), '12.4 k/s'],
    [() => perSecond(0.35), '0.35/s'],
    [() => withUnit(0.0146, 'share'), '1.46 %'],
    [() => withUnit(1.46, '%'), '1.46 %'],
    [() => withUnit(3, 'requests'), '3 requests'],
    [() => withUnit(2.5, 's'), '2.50 s'],
    [() => withUnit(104_000, 'B/s'), '104 kB/s'],
    [() => targetWithUnit(500, 'ms'), '500 ms'],
    [() => targetWithUnit(1500, 'ms'), '1.5 s'],
    [() => targetWithUnit(0.01, 'share'), '1 %'],
    [() => signedPercent(12.44), '+12 %'],
    [() => signedPercent(-3), '−3 %'],
    [() => signedPercent(0.25), '+0.25 %'],
    [() => elapsed(7_900), '00:07'],
    [() => elapsed(3_750_000), '1:02:30'],
    [() => significant(9.996, 3), '10.0'],
  ];
  for (const [write, text] of rows) {
    it(`${String(write).replace(/^.*=> /, '')} is ${text}`, () => {
      expect(write()).to.equal(text);
    });
  }

  it('shows a value that narrowly misses its target with enough digits to see it', () => {
    expect(nextToTarget(500.4, 500, 'ms')).to.equal('500.4 ms');
    expect(nextToTarget(0.010_002, 0.01, 'share')).to.equal('1.0002 %');
    expect(nextToTarget(1000.2, 1000, 'ms')).to.equal('1.0002 s');
    expect(nextToTarget(312.44, 500, 'ms')).to.equal('312 ms');
    expect(nextToTarget(500, 500, 'ms')).to.equal('500 ms');
    expect(nextToTarget(0.9904, 0.99, 'share')).to.equal('99.04 %');
    expect(nextToTarget(0.98997, 0.99, 'share')).to.equal('98.997 %');
  });

  it('never writes NaN, Infinity or an exponent, and writes "no data" for missing values', () => {
    const writers = [duration, bytes, percent, count, compact, perSecond];
    for (const write of writers) {
      for (const nothing of [null, undefined, Number.NaN, Infinity, -Infinity])
        expect(write(nothing)).to.equal(NO_DATA);
    }
    fc.assert(
      fc.property(fc.double({ min: -1e15, max: 1e15, noNaN: true }), (value) => {
        for (const write of writers) {
          const text = write(value);
          expect(text).not.to.match(/NaN|Infinity|undefined|\de[+-]?\d/);
          expect(text).to.match(/\d/);
        }
      }),
    );
  });
});

describe('text from outside', () => {
  it('makes direction marks and control characters visible', () => {
    expect(visible('a\u202Eb')).to.equal('a⟨U+202E⟩b');
    expect(visible('\u2066x\u2069')).to.equal('⟨U+2066⟩x⟨U+2069⟩');
    expect(visible('bell\u0007')).to.equal('bell⟨U+0007⟩');
    expect(visible('\ud800')).to.equal('⟨U+D800⟩');
    expect(visible('line\nand tab\t')).to.equal('line\nand tab\t');
  });

  it('keeps text in any language', () => {
    for (const text of ['naïve café', '日本語', 'שלום', 'مرحبا', '👩‍👧 family', 'ça'])
      expect(visible(text)).to.equal(text);
  });

  it('cuts a long name in its middle, because ends differ', () => {
    const name = `${'x'.repeat(10_000)}/end`;
    const short = oneLine(name, 60);
    expect([...short]).to.have.length(60);
    expect(short).to.match(/^x+….*\/end$/);
  });

  it('cuts between characters, also those of two units', () => {
    const texts = fc.array(fc.constantFrom('a', '😀', 'é'), { maxLength: 60 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 20 }), (characters, limit) => {
        const short = [...oneLine(characters.join(''), limit)];
        if (characters.length <= limit) expect(short).to.deep.equal(characters);
        else {
          const head = short.indexOf('…');
          const tail = limit - 1 - head;
          expect(short).to.have.length(limit);
          expect(short).to.deep.equal([
            ...characters.slice(0, head),
            '…',
            ...characters.slice(characters.length - tail),
          ]);
        }
      }),
      { numRuns: propertyRuns(500) },
    );
  });
});
