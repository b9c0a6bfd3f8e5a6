import { expect } from 'chai';
import { kneeOf } from '../../../runner/analysis/capacity/knee.ts';
import { seeded } from '../../seeded.ts';

/** Latency at loads from 10 to 200 a second: `flat` ms up to `knee`, then `steep` ms more for each further request a second; with noise. */
function curve(flat: number, knee: number, steep: number, noise: number, seed = 1): Array<[number, number]> {
  const random = seeded(seed);
  return Array.from({ length: 40 }, (_, index) => {
    const x = 10 + index * 5;
    return [x, (flat + steep * Math.max(0, x - knee)) * (1 + noise * (random() - 0.5))];
  });
}

describe('the knee of latency against load', () => {
  for (const [knee, noise] of [
    [60, 0],
    [120, 0.2],
    [150, 0.1],
  ] as const) {
    it(`is found at ${knee} requests per second with ${noise * 100} % noise`, () => {
      for (const seed of [1, 2, 3]) {
        expect(kneeOf(curve(40, knee, 4, noise, seed))?.x).to.be.closeTo(knee, 12);
      }
    });
  }

  const without: ReadonlyArray<readonly [string, Array<[number, number]>]> = [
    ['latency does not depend on the load', curve(40, 1000, 0, 0.3)],
    ['latency rises in proportion', curve(1, 0, 2, 0.1)],
    ['latency falls', curve(400, 100, -2, 0.05)],
    ['there are 7 points', curve(40, 120, 4, 0).slice(0, 7)],
    ['all points have one load', Array.from({ length: 12 }, (_, i) => [50, 40 + i])],
    ['there is no point', []],
  ];
  for (const [when, points] of without) {
    it(`is not found if ${when}`, () => expect(kneeOf(points)).to.equal(undefined));
  }
});
