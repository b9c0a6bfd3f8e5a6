import { expect } from 'chai';
import { simulateResult } from '../../../bench/verdicts/simulated-result.ts';
import { longestPart } from '../../../runner/analysis/shape/level-series.ts';

const soak = (faults: readonly string[], seconds = 90, rate = 20) =>
  simulateResult({ seconds, rate, seed: 3, faults, profile: 'soak' });

describe('a soak with the faults of the demo', () => {
  const rows: ReadonlyArray<
    readonly [what: string, faults: string[], seconds: number, exitCode: number, missed: string[], first: RegExp]
  > = [
    ['memory that leaks', ['memory-leak:1MB/s'], 90, 99, ['no growing memory'], /^Resident memory rose/],
    ['a slow leak', ['memory-leak:500kB/s'], 120, 99, ['no growing memory'], /^Resident memory rose/],
    [
      "the README's pair",
      ['latency-growth:+10%/min', 'memory-leak:1MB/s'],
      120,
      99,
      ['no growing memory'],
      /^(Resident memory|Response times) rose/,
    ],
    ['a step', ['step:45s=+100ms'], 90, 99, ['no degradation'], /^Response times stepped/],
    ['growth', ['latency-growth:+120%/min'], 90, 99, ['no degradation'], /^Response times rose/],
  ];
  for (const [what, faults, seconds, exitCode, missed, first] of rows) {
    it(`ends with ${exitCode} for ${what} @slow`, () => {
      const { kpis, exit_code, findings } = soak(faults, seconds);
      expect(exit_code).to.equal(exitCode);
      expect(kpis.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id)).to.include.members(missed);
      expect(findings[0]?.title).to.match(first);
      expect(findings[0]?.severity).to.equal('high');
    });
  }

  it('passes if memory fills and stays, as that of every process does', () => {
    const { kpis, exit_code, findings } = soak([]);
    expect(exit_code).to.equal(0);
    expect(kpis.map(({ id, verdict }) => [id, verdict])).to.deep.include(['no growing memory', 'pass']);
    expect(findings.filter(({ severity }) => severity !== 'low')).to.deep.equal([]);
  });

  it('passes if it is too short for the built-in targets', () => {
    const { kpis, exit_code } = soak([], 8);
    expect(kpis.map(({ id, verdict }) => [id, verdict])).to.deep.include(['no degradation', 'no_data']);
    expect(exit_code).to.equal(0);
  });

  it('gives the rise in percent of the first level', () => {
    const { kpis } = soak(['latency-growth:+60%/min'], 120);
    const degraded = kpis.find(({ id }) => id === 'no degradation');
    const [, from = '', to = ''] = /went from ([\d.]+) to ([\d.]+) ms/.exec(degraded?.note ?? '') ?? [];
    expect(degraded?.actual).to.be.closeTo((Number(to) / Number(from) - 1) * 100, 2);
  });
});

describe('the part of a series between its steps', () => {
  const series = [1, 1, 1, 5, 5, 5, 5, 5];
  it('is the longer side of a step', () => {
    expect(longestPart(series, { kind: 'stepped', at: 3, until: undefined })).to.deep.equal([5, 5, 5, 5, 5]);
  });
  it('is the part after a series levelled off', () => {
    expect(longestPart(series, { kind: 'levelled_off', at: 6, until: undefined })).to.deep.equal([5, 5]);
  });
  it('has a gap where the level differed for a while', () => {
    expect(longestPart([1, 9, 9, 1], { kind: 'stepped', at: 1, until: 3 })).to.deep.equal([1, undefined, undefined, 1]);
  });
});
