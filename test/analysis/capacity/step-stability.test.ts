import { expect } from 'chai';
import { growthOf, type HeldSeconds, isStable } from '../../../runner/analysis/capacity/step-stability.ts';
import { seeded } from '../../seeded.ts';

const SERVERS = 4;
const MEAN_MS = 113;

/** Responses of a connection pool per second, at this share of its capacity; requests arrive evenly, as k6 starts them. */
function pool(share: number, seconds: number, random: () => number): HeldSeconds {
  const normal = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
  const rate = (share * SERVERS * 1000) / MEAN_MS;
  const free = new Array<number>(SERVERS).fill(0);
  const cells = Array.from({ length: seconds }, () => ({ sumMs: 0, count: 0 }));
  for (let atMs = 0; atMs < seconds * 1000; atMs += 1000 / rate) {
    const server = free.indexOf(Math.min(...free));
    const endsMs = Math.max(atMs, free[server] ?? 0) + MEAN_MS * Math.exp(0.5 * normal() - 0.125);
    free[server] = endsMs;
    const cell = cells[Math.floor(endsMs / 1000)];
    if (cell === undefined) continue;
    cell.sumMs += endsMs - atMs;
    cell.count++;
  }
  return {
    latencyMs: cells.map(({ sumMs, count }) => (count === 0 ? undefined : sumMs / count)),
    iterations: cells.map(({ count }) => count),
  };
}

const LEAST = 20;
const MOST = 60;

/** The second from `LEAST` on at which the step ends, or `MOST`; `isGrowing`: it did not get stable, and response times still rise. */
function held(step: HeldSeconds): { endS: number; isGrowing: boolean } {
  for (let seconds = LEAST; seconds < MOST; seconds++) {
    const soFar = { latencyMs: step.latencyMs.slice(0, seconds), iterations: step.iterations.slice(0, seconds) };
    if (isStable(soFar)) return { endS: seconds, isGrowing: false };
  }
  return { endS: MOST, isGrowing: growthOf(step) !== undefined };
}

const STEPS = 100;

function many(share: number): { endS: number; isGrowing: boolean }[] {
  return Array.from({ length: STEPS }, (_, step) => held(pool(share, MOST, seeded((step + 1) * 7919))));
}

const constant = (ms: (second: number) => number, iterations = (_: number) => 50): HeldSeconds => ({
  latencyMs: Array.from({ length: MOST }, (_, second) => ms(second)),
  iterations: Array.from({ length: MOST }, (_, second) => iterations(second)),
});

describe('a load that is held until it is stable', () => {
  for (const [share, within, slow] of [
    [0.1, 30, ' @slow'],
    [0.5, 30, ' @slow'],
    [0.8, 35, ''],
  ] as const) {
    it(`is stable within ${within} s in nine of ten steps, and never called growing, at ${Math.round(share * 100)} % of the pool's capacity${slow}`, () => {
      const steps = many(share);
      expect(steps.filter(({ endS }) => endS <= within).length).to.be.at.least(0.9 * STEPS);
      expect(steps.filter(({ isGrowing }) => isGrowing)).to.have.length.at.most(0.02 * STEPS);
    });
  }

  for (const [share, slow] of [
    [1.1, ''],
    [1.5, ' @slow'],
  ] as const) {
    it(`is held for the longest time and called growing at ${Math.round(share * 100)} %${slow}`, () => {
      expect(many(share).filter(({ isGrowing }) => isGrowing).length).to.be.at.least(0.95 * STEPS);
    });
  }

  for (const [what, step, from, to] of [
    ['the same in every second', constant(() => 40), 20, 20],
    ['response times that fall for 15 s while caches fill', constant((s) => 40 + Math.max(0, 15 - s) * 20), 25, 50],
    [
      'a throughput that still rises for 15 s',
      constant(
        () => 40,
        (s) => 10 + Math.min(s, 15) * 3,
      ),
      22,
      50,
    ],
  ] as const) {
    it(`is held until it is stable: ${what}`, () => {
      expect(held(step).endS).to.be.within(from, to);
    });
  }

  it('is not called stable after a few seconds, or without requests', () => {
    expect(isStable({ latencyMs: [40, 40, 40, 40], iterations: [5, 5, 5, 5] })).to.equal(false);
    expect(isStable({ latencyMs: new Array(30).fill(undefined), iterations: new Array(30).fill(0) })).to.equal(false);
  });
});
