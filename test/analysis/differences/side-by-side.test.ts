import { expect } from 'chai';
import { type SideRun, sideVerdicts, simulateSides } from '../../../bench/verdicts/side-rates.ts';
import { estimateSideBySide } from '../../../runner/analysis/differences/side-by-side.ts';
import { seeded } from '../../seeded.ts';

/** On one machine, with a level that varies by 20 % from second to second. */
const RUN: SideRun = { seconds: 180, perSecond: 20, level: 0.2, correlation: 0.9, change: 1 };

describe('two builds side by side in one run', () => {
  for (const q of [0.5, 0.95]) {
    it(`are called different in at most 5 % of runs if they are equal, p${q * 100} @slow`, () => {
      const { worse, better } = sideVerdicts(RUN, q, 60, 5000);
      expect(worse + better).to.be.at.most(3);
    });
  }

  it('are called different if p95 differs by 10 %, in a run of 3 minutes at 20 requests a second each @slow', () => {
    const { worse, better } = sideVerdicts({ ...RUN, change: 1.1 }, 0.95, 40, 6000);
    expect(worse).to.be.at.least(36);
    expect(better).to.equal(0);
  });

  for (const [what, seconds, perSecond, q] of [
    ['a run of 20 s', 20, 50, 0.95],
    ['too few requests for p99', 180, 2, 0.99],
  ] as const) {
    it(`are not compared over ${what}`, () => {
      const run = simulateSides({ ...RUN, seconds, perSecond }, seeded(7));
      expect(estimateSideBySide(...run, q)).to.equal(undefined);
    });
  }
});
