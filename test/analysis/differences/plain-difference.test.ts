import { expect } from 'chai';
import { plainDifference } from '../../../runner/analysis/differences/plain-difference.ts';
import { seeded } from '../../seeded.ts';

const sideOf = (value: number, samples = 200) => ({ value, p50: value, p95: value * 2.3, samples });

describe('two runs without intervals', () => {
  for (const [what, a, b, verdict] of [
    ['2.9 times as high', sideOf(20), sideOf(57.8), 'worse'],
    ['a third of it', sideOf(60), sideOf(20), 'better'],
    ['4 % more', sideOf(20), sideOf(20.8), 'unknown'],
    ['2.9 times as high of 10 requests', sideOf(20, 10), sideOf(57.8, 10), 'unknown'],
    ['no p95', { ...sideOf(20), p95: 0 }, sideOf(60), 'unknown'],
  ] as const) {
    it(`are ${verdict} if p50 is ${what}`, () => {
      expect(plainDifference(a, b, 0.5, 0.05)).to.equal(verdict);
    });
  }

  it('differ in less than 1 % of draws of one distribution, for any tail', () => {
    const random = seeded(77);
    const normal = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
    let different = 0;
    const draws = 400;
    const run = () => {
      const times = Array.from({ length: 100 }, () => 50 * Math.exp((random() < 0.1 ? 1.2 : 0.4) * normal()));
      times.sort((x, y) => x - y);
      const at = (q: number) => times[Math.ceil(q * times.length) - 1] ?? 0;
      return { p50: at(0.5), p95: at(0.95), p99: at(0.99), samples: 100 };
    };
    for (let draw = 0; draw < draws; draw++) {
      const [a, b] = [run(), run()];
      for (const [name, q] of [
        ['p50', 0.5],
        ['p95', 0.95],
        ['p99', 0.99],
      ] as const) {
        if (plainDifference({ ...a, value: a[name] }, { ...b, value: b[name] }, q, 0.05) !== 'unknown') different++;
      }
    }
    expect(different / draws / 3).to.be.below(0.01);
  });
});
