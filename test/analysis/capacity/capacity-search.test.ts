import { expect } from 'chai';
import {
  type CapacityFound,
  type HeldStep,
  nextStep,
  type SearchRules,
} from '../../../runner/analysis/capacity/capacity-search.ts';
import { seeded } from '../../seeded.ts';

function search(rules: SearchRules, isMet: (load: number) => boolean): { found: CapacityFound; steps: HeldStep[] } {
  const steps: HeldStep[] = [];
  for (;;) {
    const next = nextStep(steps, rules);
    if (next.kind === 'done') return { found: next.found, steps };
    steps.push({ load: next.load, isMet: isMet(next.load) });
    if (steps.length > 100) throw new Error('the search does not end');
  }
}

const RULES = { base: 10, most: 1e6, isWhole: false };

/** A pool of `servers` connections, held for lognormal times of this mean, with random arrivals: whether p95 of a step meets the limit. */
function poolStep(servers: number, meanMs: number, seconds: number, limitMs: number, random: () => number) {
  const normal = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
  return (rate: number): boolean => {
    const free = new Array<number>(servers).fill(0);
    const times: number[] = [];
    for (let i = 0; i < rate * seconds; i++) {
      const atMs = (i * 1000) / rate;
      const server = free.indexOf(Math.min(...free));
      const begins = Math.max(atMs, free[server] ?? 0);
      const ends = begins + meanMs * Math.exp(0.35 * normal() - 0.35 ** 2 / 2);
      free[server] = ends;
      times.push(ends - atMs);
    }
    times.sort((x, y) => x - y);
    return (times[Math.ceil(0.95 * times.length) - 1] ?? 0) < limitMs;
  };
}

describe('the search for the highest sustained load', () => {
  for (const capacity of [0.9, 4, 10, 37.7, 410, 5000]) {
    it(`finds ${capacity}/s if that is a sharp limit, from a base of 10/s`, () => {
      const { found, steps } = search(RULES, (load) => load <= capacity);
      expect(found.isConfirmed).to.equal(true);
      expect(found.load).to.be.within(capacity / 1.07, capacity);
      expect(found.missedAt).to.be.within(capacity, capacity * 1.07);
      expect(steps.length).to.be.at.most(24);
    });
  }

  it('uses whole numbers of virtual users', () => {
    const { found, steps } = search({ ...RULES, base: 2, isWhole: true }, (load) => load <= 13);
    expect(found).to.deep.equal({ load: 13, missedAt: 14, isConfirmed: true });
    expect(steps.every(({ load }) => Number.isInteger(load))).to.equal(true);
  });

  it('never exceeds the given maximum, and reports that no target was missed up to it', () => {
    const { found, steps } = search({ ...RULES, most: 75 }, () => true);
    expect(Math.max(...steps.map(({ load }) => load))).to.equal(75);
    expect(found).to.deep.equal({ load: 75, missedAt: undefined, isConfirmed: true });
  });

  it('stops if a sixteenth of the base misses the targets too', () => {
    const { found, steps } = search(RULES, () => false);
    expect(found.load).to.equal(undefined);
    expect(steps.length).to.be.at.most(7);
  });

  it('repeats the base load after a first miss, because the system may have been cold', () => {
    let isCold = true;
    const { found } = search(RULES, (load) => {
      const isMet = load <= 100 && !isCold;
      isCold = false;
      return isMet;
    });
    expect(found.load).to.be.within(94, 100);
  });

  it('finds the capacity although one step in ten misses by chance', () => {
    let right = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const random = seeded(seed * 7919);
      const { found } = search(RULES, (load) => load <= 100 && random() > 0.1);
      if (found.load !== undefined && found.load >= 90 && found.load <= 100) right++;
    }
    expect(right / 200).to.be.above(0.8);
  });

  it('is within 10 % of pool size / hold time in 9 of 10 searches, in steps of 20 s @slow', () => {
    let right = 0;
    const searches = 60;
    for (let seed = 1; seed <= searches; seed++) {
      const { found } = search(RULES, poolStep(4, 50, 20, 500, seeded(seed * 7919)));
      if (found.load !== undefined && Math.abs(found.load / 80 - 1) <= 0.1) right++;
    }
    expect(right / searches).to.be.at.least(0.9);
  });
});
