// The slope of a series against SciPy's and a naive one, and its interval against the truth of simulated series.

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type Drift, directionOf, driftOf } from '../../../runner/analysis/shape/drift.ts';
import { noisy } from '../series-noise.ts';

const HOUR_S = 3600;

interface Oracle {
  readonly series: ReadonlyArray<{ readonly name: string; readonly values: number[]; readonly slope: number }>;
}

const oracle: Oracle = JSON.parse(
  readFileSync(new URL('../../fixtures/drift-and-steps.json', import.meta.url), 'utf8'),
);

/** The naive reference: the median of all pairwise slopes. */
function naiveSlope(values: readonly number[]): number {
  const slopes: number[] = [];
  for (let i = 0; i < values.length; i++)
    for (let j = i + 1; j < values.length; j++) slopes.push(((values[j] ?? 0) - (values[i] ?? 0)) / (j - i));
  slopes.sort((a, b) => a - b);
  return ((slopes[(slopes.length - 1) >> 1] ?? 0) + (slopes[slopes.length >> 1] ?? 0)) / 2;
}

function share(runs: number, isSo: (seed: number) => boolean): number {
  let times = 0;
  for (let seed = 1; seed <= runs; seed++) if (isSo(seed * 7)) times++;
  return times / runs;
}

const holds = ({ low = -Infinity, high = Infinity }: Pick<Drift, 'low' | 'high'>, perHour: number) =>
  low <= perHour && perHour <= high;

describe('the drift of a series', () => {
  for (const { name, values, slope } of oracle.series) {
    it(`has SciPy's slope (${name})`, () => {
      expect(driftOf(values, 1000)?.perHour).to.be.closeTo(slope * HOUR_S, 1e-6);
      expect(naiveSlope(values)).to.be.closeTo(slope, 1e-9);
    });
  }

  it('is per hour for any length of an element', () => {
    const line = Array.from({ length: 400 }, (_, i) => 5 + 0.01 * i);
    expect(driftOf(line, 1000)?.perHour).to.be.closeTo(36, 1e-6);
    expect(driftOf(line, 5000)?.perHour).to.be.closeTo(7.2, 1e-6);
    expect(driftOf(line, 60_000)).to.include({ points: 400, spanMs: 24_000_000, isFirm: true });
  });

  it('is not affected by a gap or a spike', () => {
    const line = Array.from({ length: 400 }, (_, i) => 5 + 0.01 * i);
    const spoilt = line.map((value, i) => (i > 100 && i < 140 ? undefined : i === 300 ? 1e9 : value));
    expect(driftOf(spoilt, 1000)?.perHour).to.be.closeTo(36, 1);
  });

  it('counts a gap within as time, but not the time outside of the readings', () => {
    const line = Array.from({ length: 600 }, (_, i) => (i < 100 || i >= 500 || (i > 200 && i < 400) ? undefined : i));
    expect(driftOf(line, 1000)).to.include({ points: 201, spanMs: 400_000 });
    expect(driftOf(line, 1000)?.perHour).to.be.closeTo(HOUR_S, 1e-6);
  });

  for (const [cells, intervalMs] of [
    [300, 1000],
    [600, 1000],
    [310, 5000],
    [480, 60_000],
  ] as const) {
    for (const phi of [0, 0.5, 0.9, 0.99, 1]) {
      it(`has an interval that contains the truth (${cells} elements of ${intervalMs / 1000} s, correlation ${phi})`, () => {
        const perElement = 0.002;
        const perHour = (perElement * 3_600_000) / intervalMs;
        const rate = share(60, (seed) => {
          const drift = driftOf(
            noisy(cells, (i) => perElement * i, { seed, phi }),
            intervalMs,
          );
          return drift?.isFirm === true && holds(drift, perHour);
        });
        // 92 % is promised; 60 seeded series may fall four standard errors short of 95.
        expect(rate).to.be.at.least(0.83);
      });
    }
  }

  for (const phi of [0, 0.8, 0.95, 1]) {
    it(`is rarely found in series without one (correlation ${phi})`, () => {
      const rate = share(60, (seed) => {
        const drift = driftOf(
          noisy(600, () => 0, { seed, phi }),
          1000,
        );
        return drift !== undefined && directionOf(drift) !== undefined;
      });
      expect(rate).to.be.at.most(0.13);
    });
  }

  it('of a smooth leak is certain, even with correlated residuals', () => {
    // A slow wave on the slope makes the residuals nearly one curve: few independent observations, but a clear sign.
    const values = noisy(360, (i) => 47 + 1.024 * i + 3 * Math.sin(i / 60), { sd: 0.2 });
    const drift = driftOf(values, 1000);
    expect(drift?.effective).to.be.below(10);
    expect(drift?.isFirm).to.equal(true);
    expect(drift?.low).to.be.above(0.8 * 1.024 * HOUR_S);
    expect(drift?.high).to.be.below(1.2 * 1.024 * HOUR_S);
  });

  it('does not exist for too few values', () => {
    expect(driftOf([], 1000)).to.equal(undefined);
    expect(driftOf([1, 2], 1000)).to.equal(undefined);
    expect(driftOf(new Array(50).fill(undefined), 1000)).to.equal(undefined);
  });
});
