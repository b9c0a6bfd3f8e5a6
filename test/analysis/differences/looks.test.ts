import { expect } from 'chai';
import { looksOf, oldRunsFirst } from '../../../runner/analysis/differences/looks.ts';
import {
  bothTails,
  estimatePairs,
  judgeRuns,
  smallestChange,
} from '../../../runner/analysis/differences/runs-difference.ts';
import { seeded } from '../../seeded.ts';

describe('pairs of runs that end once they are decided', () => {
  for (const most of [1, 3, 4, 7, 10, 25]) {
    it(`have at most 5 % false alarms over all looks at up to ${most} pairs`, () => {
      const looks = looksOf(most);
      expect(looks.reduce((sum, { alarms }) => sum + alarms, 0)).to.be.closeTo(0.05, 1e-9);
      expect(looks.at(-1)?.pairs).to.equal(Math.max(3, most));
      for (const { pairs } of looks) {
        expect(pairs).to.be.at.least(3);
        expect(oldRunsFirst(pairs, most)).to.equal(true);
      }
    });
  }

  const trial = (change: number, experiments: number) => {
    const random = seeded(31);
    const normal = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
    let alarms = 0;
    for (let experiment = 0; experiment < experiments; experiment++) {
      const [a, b]: [number[], number[]] = [[], []];
      // The machine drifts between runs by far more than the builds differ.
      let machine = 0;
      const run = (level: number) => {
        machine = 0.9 * machine + 0.1 * normal();
        return level * Math.exp(machine + 0.03 * normal());
      };
      for (const { pairs, alarms: level } of looksOf(9)) {
        while (a.length < pairs) {
          const isOldFirst = oldRunsFirst(a.length + 1, 9);
          const [x, y] = isOldFirst ? [run(100), run(100 * change)] : [run(100 * change), run(100)];
          a.push(isOldFirst ? x : y);
          b.push(isOldFirst ? y : x);
        }
        const seen = estimatePairs(a, b);
        const { verdict } = seen === undefined ? { verdict: 'unknown' } : judgeRuns(seen, { tails: bothTails(level) });
        if (verdict === 'worse' || verdict === 'better') {
          alarms++;
          break;
        }
        if (verdict === 'same') break;
      }
    }
    return alarms / experiments;
  };

  it('call at most 5 % of equal builds different, even if the machine drifts and the test may end early', () => {
    expect(trial(1, 2000)).to.be.at.most(0.05);
  });

  it('find a build that is 50 % slower', () => {
    expect(trial(1.5, 300)).to.be.above(0.95);
  });

  it('state correctly which change they find in 95 of 100 experiments @slow', () => {
    const random = seeded(32);
    const normal = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
    const pairs = (change: number) => {
      const a = Array.from({ length: 5 }, () => 100 * Math.exp(0.04 * normal()));
      return estimatePairs(
        a,
        a.map((value) => value * change * Math.exp(0.04 * normal())),
      );
    };
    let found = 0;
    const experiments = 600;
    for (let experiment = 0; experiment < experiments; experiment++) {
      const seen = pairs(1);
      const later = pairs(1 + (seen === undefined ? 0 : smallestChange(seen)));
      if (later !== undefined && judgeRuns(later).verdict === 'worse') found++;
    }
    expect(found / experiments).to.be.within(0.92, 0.985);
  });
});
