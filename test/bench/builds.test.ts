import { expect } from 'chai';
import {
  buildRates,
  type Design,
  historyDesign,
  pairsDesign,
  type Spread,
  turnsDesign,
} from '../../bench/verdicts/builds.ts';
import { simulateResult } from '../../bench/verdicts/simulated-result.ts';

const like = simulateResult({ seconds: 60, rate: 10, seed: 1, profile: 'load' });
const rates = (design: Design, spread: Spread, change: number) =>
  buildRates(design, spread, change, like, { comparisons: 120, seed: 4711 });

// npm run bench:verdicts prints the whole table, with 400 comparisons per cell.
describe('two builds with ten endpoints', () => {
  for (const [design, spread, what] of [
    [turnsDesign(5), { spread: 0.03, shared: 0.5 }, '3 %'],
    [turnsDesign(10), { spread: 0.05, shared: 0.5 }, '5 %'],
  ] as const) {
    it(`with runs that spread by ${what}: ${design.name} finds +10 % of one p95, with few false alarms @slow`, () => {
      const { found, alarms } = rates(design, spread, 1.1);
      expect(found).to.be.at.least(0.93);
      expect(alarms).to.be.at.most(0.05);
    });
  }

  for (const [design, spread, what] of [
    [turnsDesign(5), { spread: 0.05, shared: 0 }, 'share nothing'],
    [pairsDesign(3), { spread: 0.05, shared: 0.5, uneven: 0.5 }, 'spread unevenly'],
    [historyDesign(5), { spread: 0.05, shared: 0.5, outliers: 'own' }, 'have outliers'],
    [historyDesign(20), { spread: 0.05, shared: 0.8, drift: 0.9 }, 'drift'],
  ] as const) {
    it(`that are equal with endpoints that ${what}: ${design.name} raises at most 7 false alarms in 120 comparisons @slow`, () => {
      expect(rates(design, spread, 1).alarms).to.be.at.most(7 / 120);
    });
  }
});
