import { expect } from 'chai';
import fc from 'fast-check';
import { durationMs, formatDuration } from '../../runner/system/duration.ts';

describe('durations', () => {
  const rows: ReadonlyArray<readonly [text: string, ms: number | undefined]> = [
    ['10m30s', 630_000],
    ['1.5h', 5_400_000],
    ['2.3h', 8_280_000],
    ['2d', 172_800_000],
    ['1d2h', 93_600_000],
    ['250', 250],
    ['0s', 0],
    ['1h0m0.25s', 3_600_250],
    ['300µs', 0.3],
    ['300μs', 0.3],
    ['5ns', 0.000005],
    ['-1m', -60_000],
    [' 1s ', 1000],
    ['.5s', 500],
    ['', undefined],
    ['s', undefined],
    ['-', undefined],
    ['1 m', undefined],
    ['1m2', undefined],
    ['1.5d', undefined],
    ['2h1d', undefined],
    ['ten minutes', undefined],
    ['1week', undefined],
  ];
  for (const [text, ms] of rows) {
    it(`"${text}" is ${ms === undefined ? 'not a duration' : `${ms} ms`}`, () => expect(durationMs(text)).to.equal(ms));
  }

  const written: ReadonlyArray<readonly [ms: number, text: string]> = [
    [0, '0s'],
    [250, '250ms'],
    [0.3, '0.3ms'],
    [999.9999, '1s'],
    [1000, '1s'],
    [90_500, '1m30.5s'],
    [60_000, '1m'],
    [5_400_000, '1h30m'],
    [172_800_000, '48h'],
    [-1500, '-1.5s'],
  ];
  for (const [ms, text] of written) {
    it(`${ms} ms is written ${text}`, () => expect(formatDuration(ms)).to.equal(text));
  }

  it('are read back as written', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 10 ** 10 }), (ms) => durationMs(formatDuration(ms)) === ms));
  });
});
