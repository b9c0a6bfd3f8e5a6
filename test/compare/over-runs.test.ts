import { expect } from 'chai';
import { buildRates, turnsDesign } from '../../bench/verdicts/builds.ts';
import { simulateResult } from '../../bench/verdicts/simulated-result.ts';

describe('several runs of two builds with some changed endpoints', () => {
  const like = simulateResult({ seconds: 60, rate: 10, seed: 1, profile: 'load' });
  const usual = { spread: 0.05, shared: 0.5 };

  for (const changed of [1, 5, 6]) {
    it(`find the largest change and rarely name an unchanged endpoint if ${changed} of ten changed @slow`, () => {
      const { alarms, found } = buildRates(turnsDesign(10), { ...usual, changed }, 1.1, like, {
        comparisons: 60,
        seed: 400 + changed,
      });
      expect(alarms).to.be.at.most(0.07);
      expect(found).to.be.at.least(changed === 1 ? 0.9 : 0.6);
    });
  }
});
