import { expect } from 'chai';
import { runChanges } from '../../../runner/analysis/differences/run-changes.ts';
import { propertyRuns } from '../../property-runs.ts';
import { seeded } from '../../seeded.ts';

function normals(seed: number): () => number {
  const random = seeded(seed);
  return () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
}

/** 40 runs with this spread (sd of ln); the level is multiplied by `factor` from each given run on. */
function history(
  seed: number,
  spread: number,
  changes: ReadonlyArray<readonly [at: number, factor: number]>,
): number[] {
  const normal = normals(seed);
  return Array.from({ length: 40 }, (_, index) => {
    const level = changes.reduce((sum, [at, factor]) => (index >= at ? sum * factor : sum), 100);
    return level * Math.exp(spread * normal());
  });
}

describe('changes of level over runs', () => {
  for (const spread of [0.02, 0.1, 0.5]) {
    it(`are found in at most 6 of 100 histories without one, with a spread of ${spread * 100} %`, () => {
      const histories = propertyRuns(200);
      let alarms = 0;
      for (let seed = 0; seed < histories; seed++) if (runChanges(history(seed, spread, [])).length > 0) alarms++;
      expect(alarms / histories).to.be.at.most(histories < 100 ? 0.15 : 0.07);
    });
  }

  it('are both found if a build made it slower and a later one faster again', () => {
    let found = 0;
    for (let seed = 0; seed < 20; seed++) {
      const changes = runChanges(
        history(seed, 0.04, [
          [14, 1.2],
          [27, 1 / 1.2],
        ]),
        { places: [5, 14, 20, 27, 33] },
      );
      if (changes.map(({ at }) => at).join() === '14,27') found++;
    }
    expect(found).to.be.at.least(18);
  });

  it('have their size', () => {
    const [change, ...others] = runChanges(history(3, 0.02, [[20, 1.5]]));
    expect(others).to.deep.equal([]);
    expect(change?.at).to.be.within(19, 21);
    expect(change?.change).to.be.closeTo(0.5, 0.05);
  });

  for (const [what, values] of [
    ['five runs', [1, 1, 1, 9, 9]],
    ['equal runs', Array.from({ length: 12 }, () => 7)],
    ['a value that is not a time', [1, 1, 1, 0, 9, 9, 9]],
  ] as const) {
    it(`do not exist for ${what}`, () => {
      expect(runChanges(values)).to.deep.equal([]);
    });
  }

  it('of less than 5 % are left out, even if they are certain', () => {
    expect(runChanges(history(1, 0.001, [[20, 1.03]]))).to.deep.equal([]);
  });
});
