// Effects of the load model: coordinated omission, and throughput that no longer grows with VUs.

import { expect } from 'chai';
import { seeded } from '../../../bench/verdicts/streams.ts';
import { omissionOf } from '../../../runner/analysis/load/coordinated-omission.ts';
import { hasStoppedGrowing, type Level, levelsOf, scalabilityOf } from '../../../runner/analysis/load/scalability.ts';
import { metricsOf, type Sample } from '../samples.ts';

const START = 1_700_000_000_000;
const CLOSED = { default: { executor: 'constant-vus' } };
const WHOLE = { fromMs: START, toMs: START + 104_000 };

/** One VU that sends a request every 100 ms that takes 10 ms; every 20 s the system hangs for 4 s. */
function hanging(pauseMs: number): Sample[] {
  const samples: Sample[] = [];
  let lastPause = 0;
  for (let atMs = 0; atMs < 100_000; ) {
    const hangs = pauseMs > 0 && atMs - lastPause >= 20_000;
    const tookMs = hangs ? pauseMs : 10;
    if (hangs) lastPause = atMs;
    const timeMs = START + atMs + tookMs;
    samples.push({
      metric: 'http_req_duration',
      value: tookMs,
      timeMs,
      tags: { name: 'a', expected_response: 'true' },
    });
    samples.push({ metric: 'iteration_duration', value: Math.max(100, tookMs), timeMs });
    samples.push({ metric: 'iterations', value: 1, timeMs });
    atMs += Math.max(100, tookMs);
  }
  return samples;
}

describe('coordinated omission', () => {
  it('is corrected by the requests that the VU would have sent', () => {
    const samples = hanging(4000);
    const omission = omissionOf(metricsOf(samples), CLOSED, WHOLE);
    const times = samples.filter(({ metric }) => metric === 'http_req_duration').map(({ value }) => value);
    // A naive reference: every request that was due but not sent.
    const due = [...times];
    for (const time of times) for (let left = time - 100; left >= 100; left -= 100) due.push(left);
    due.sort((a, b) => a - b);
    const reference = (q: number) => due[Math.ceil(q * due.length) - 1] ?? 0;
    const figures = new Map(omission?.figures.map(({ q, correctedMs }) => [q, correctedMs]));
    expect(figures.get(0.95)).to.be.closeTo(reference(0.95), 5);
    expect(figures.get(0.99)).to.be.closeTo(reference(0.99), 5);
    // A pace from a histogram is exact to 0.1 %, which may be one request per pause.
    expect(omission?.missing).to.be.closeTo(due.length - times.length, 4);
    expect(omission?.figures.find(({ q }) => q === 0.95)?.measuredMs).to.be.below(20);
  });

  it('is not reported if nothing hung, or in an open model', () => {
    expect(omissionOf(metricsOf(hanging(0)), CLOSED, WHOLE)).to.equal(undefined);
    const open = { default: { executor: 'constant-arrival-rate' } };
    expect(omissionOf(metricsOf(hanging(4000)), open, WHOLE)).to.equal(undefined);
  });

  const CLOSED_LOADS: ReadonlyArray<readonly [what: string, tookMs: (atMs: number, i: number) => readonly number[]]> = [
    ['ever more VUs make every iteration longer', (atMs) => [10 * 1.05 ** (atMs / 1000)]],
    ['the system became ten times as slow', (atMs) => [atMs < 45_000 ? 30 : 300]],
    ['one request of an iteration always takes long', () => [10, 10, 10, 10, 10, 10, 10, 10, 800]],
  ];
  for (const [what, tookMs] of CLOSED_LOADS) {
    it(`is not reported if ${what}`, () => {
      const samples: Sample[] = [];
      for (let atMs = 0, i = 0; atMs < 100_000; i++) {
        const times = tookMs(atMs, i);
        for (const value of times) {
          atMs += value;
          const tags = { name: 'a', expected_response: 'true' };
          samples.push({ metric: 'http_req_duration', value, timeMs: START + atMs, tags });
        }
        const took = times.reduce((sum, value) => sum + value, 0);
        samples.push({ metric: 'iteration_duration', value: took, timeMs: START + atMs });
        samples.push({ metric: 'iterations', value: 1, timeMs: START + atMs });
      }
      expect(omissionOf(metricsOf(samples), CLOSED, WHOLE)).to.equal(undefined);
    });
  }

  it('is only searched while the load is constant', () => {
    expect(omissionOf(metricsOf(hanging(4000)), CLOSED, undefined)).to.equal(undefined);
  });
});

describe('the universal scalability law', () => {
  const law = (lambda: number, sigma: number, kappa: number, noise = 0): Level[] => {
    const random = seeded(7);
    return [1, 5, 10, 20, 40, 60, 80, 100].map((vus) => ({
      vus,
      perSecond:
        ((lambda * vus) / (1 + sigma * (vus - 1) + kappa * vus * (vus - 1))) * (1 + noise * (2 * random() - 1)),
      windows: 10,
    }));
  };
  const rows: ReadonlyArray<readonly [what: string, levels: Level[], stops: boolean, at: readonly [number, number]]> = [
    ['throughput grows in proportion', law(2, 0, 0), false, [0, 0]],
    ['the same with noise', law(2, 0, 0, 0.05), false, [0, 0]],
    ['a tenth is serial', law(2, 0.1, 0), true, [15, 40]],
    ['users slow each other down', law(2, 0.02, 0.0005), true, [20, 45]],
    ['the same with noise', law(2, 0.02, 0.0005, 0.05), true, [15, 55]],
  ];
  for (const [what, levels, stops, [least, most]] of rows) {
    it(`${stops ? 'finds a limit of throughput' : 'finds no limit of throughput'} if ${what}`, () => {
      const found = scalabilityOf(levels);
      expect(found).to.not.equal(undefined);
      if (found === undefined) return;
      expect(hasStoppedGrowing(found)).to.equal(stops);
      if (stops) expect(found.stopsAtVus).to.be.within(least, most);
    });
  }

  it('recovers the parameters of the levels', () => {
    const found = scalabilityOf(law(2, 0.05, 0.0002));
    expect(found?.lambda).to.be.closeTo(2, 1e-6);
    expect(found?.sigma).to.be.closeTo(0.05, 1e-6);
    expect(found?.kappa).to.be.closeTo(0.0002, 1e-8);
    expect(found?.explained).to.be.closeTo(1, 1e-9);
  });

  it('needs several levels of a closed model', () => {
    expect(scalabilityOf(law(2, 0, 0).slice(0, 4))).to.equal(undefined);
    expect(levelsOf(metricsOf(hanging(0)), { default: { executor: 'constant-arrival-rate' } })).to.deep.equal([]);
  });

  it('reads its levels from the run', () => {
    const samples: Sample[] = Array.from({ length: 60 }, (_, s) => s).flatMap((s) => {
      const vus = 1 + Math.floor(s / 10);
      const at = START + s * 1000 + 500;
      return [
        { metric: 'vus', value: vus, timeMs: at },
        ...Array.from({ length: vus * 3 }, () => ({ metric: 'http_reqs', value: 1, timeMs: at })),
      ];
    });
    const levels = levelsOf(metricsOf(samples), CLOSED);
    expect(levels.map(({ vus, perSecond }) => [vus, perSecond])).to.deep.equal(
      [1, 2, 3, 4, 5, 6].map((n) => [n, 3 * n]),
    );
  });
});
