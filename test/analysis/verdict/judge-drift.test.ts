import { expect } from 'chai';
import { normal, seeded } from '../../../bench/verdicts/streams.ts';
import { type JudgeContext, judge } from '../../../runner/analysis/verdict/judge.ts';
import type { JudgedKpi, Kpi } from '../../../runner/model/kpi.ts';
import { DEFAULT_JUDGING } from '../../../runner/model/run.ts';
import { builtinKpis } from '../../../runner/targets/builtin-kpis.ts';
import { targetsOf } from '../../../runner/targets/targets.ts';
import { metricsOf, type Sample } from '../samples.ts';

const START = 1_700_000_000_000;
const CONTEXT: JudgeContext = {
  phases: [],
  loadStartMs: START,
  elapsedMs: undefined,
  generator: undefined,
  profile: 'soak',
  judging: DEFAULT_JUDGING,
};

/** Four requests a second to one endpoint; `level` in milliseconds at each second, noise of 10 %. */
function requests(name: string, seconds: number, level: (s: number) => number, seed = 1): Sample[] {
  const random = seeded(seed);
  return Array.from({ length: seconds * 4 }, (_, i) => ({
    metric: 'http_req_duration',
    value: level(i / 4) * Math.exp(0.1 * normal(random)),
    timeMs: START + i * 250,
    tags: { name, expected_response: 'true' },
  }));
}

function one(kpis: readonly Kpi[], samples: readonly Sample[], intervalMs = 1000): JudgedKpi {
  const [judged] = judge(kpis, metricsOf(samples, intervalMs), CONTEXT);
  if (judged === undefined) throw new Error('Expected a verdict');
  return judged;
}

function drift(target: number, unit = ''): readonly Kpi[] {
  const targets = [{ metric: 'http_req_duration', statistic: 'p(95) drift', comparison: '<', target, unit }];
  return targetsOf({ targets }, { profile: 'soak', where: 'a test', source: 'target' }).kpis;
}

describe('a target on drift', () => {
  // 100 ms that rise by 20 ms an hour, and noise: p95 is 1.18 times the level.
  const slow = (s: number) => 100 + (s / 3600) * 60;
  const rows: ReadonlyArray<
    [what: string, level: (s: number) => number, target: number, unit: string, verdict: string]
  > = [
    ['a rise of 60 % an hour', slow, 10, '', 'fail'],
    ['a rise of 60 % an hour', slow, 200, '', 'pass'],
    ['a rise of 60 ms an hour, p95', slow, 10, 'ms/h', 'fail'],
    ['a rise of 60 ms an hour, p95', slow, 10, 'ms/min', 'pass'],
    ['no rise', () => 100, 60, '', 'pass'],
    ['no rise', () => 100, 1, '', 'inconclusive'],
    ['a fall', (s) => 200 - (s / 3600) * 100, 1, '', 'pass'],
  ];
  it('has no value if the steady load is too short for a slope', () => {
    const judged = one(drift(10), requests('a', 15, slow));
    expect(judged).to.include({ verdict: 'inconclusive', reason: 'too_short', actual: undefined });
  });

  for (const [what, level, target, unit, verdict] of rows) {
    it(`is ${verdict} for ${what} < ${target} ${unit === '' ? '%/h' : unit}`, () => {
      expect(one(drift(target, unit), requests('a', 600, level)).verdict).to.equal(verdict);
    });
  }

  it('gives the slope in percent of the first level, with its interval', () => {
    const judged = one(drift(10), requests('a', 600, slow));
    expect(judged).to.include({ method: 'decided', reason: 'clear', unit: '%/h', confidence: 'firm' });
    expect(judged.actual).to.be.within(40, 80);
    expect(judged.ciLow).to.be.below(60);
    expect(judged.ciHigh).to.be.above(60);
  });

  it('is indicative below five minutes, and gives a run length if it is undecided', () => {
    expect(
      one(
        drift(10),
        requests('a', 120, (s) => 100 + s),
      ),
    ).to.include({ verdict: 'fail', method: 'indicative' });
    const close = one(
      drift(10),
      requests('a', 120, () => 100),
    );
    expect(close).to.include({ verdict: 'inconclusive', reason: 'too_close' });
    expect(close.decidesAfterMs).to.be.above(120_000);
  });

  it('leaves out ramps', () => {
    const phases = [
      { name: 'up', kind: 'ramp-up', startMs: 0, endMs: 60_000 },
      { name: 'steady', kind: 'hold', startMs: 60_000, endMs: 600_000 },
    ] as const;
    const samples = requests('a', 600, (s) => (s < 60 ? 10 + s * 1.5 : 100));
    const [judged] = judge(drift(60), metricsOf(samples), { ...CONTEXT, phases });
    expect(judged).to.include({ verdict: 'pass' });
  });

  it('has no data for a metric without samples, and for one that is not a trend', () => {
    const targets = [{ metric: 'http_reqs2', statistic: 'med drift', comparison: '<', target: 10 }];
    const kpis = targetsOf({ targets }, { profile: 'soak', where: 'a test', source: 'target' }).kpis;
    expect(
      one(
        kpis,
        requests('a', 30, () => 100),
      ).verdict,
    ).to.equal('no_data');
  });
});

describe('the built-in target of a soak', () => {
  const soak = builtinKpis(undefined, { percent: 20, ms: 20, mb: 32 }, false);
  const steady = requests('steady', 90, () => 50, 5);
  const rows: ReadonlyArray<[what: string, level: (s: number) => number, verdict: string]> = [
    ['an endpoint that slows by 1 ms a second', (s) => 30 + s, 'fail'],
    ['an endpoint that slows by 0.5 ms a second', (s) => 30 + s / 2, 'fail'],
    ['a rise by half that is under 20 ms', (s) => 20 + s / 9, 'pass'],
    ['only noise', () => 100, 'pass'],
    ['an endpoint that gets faster', (s) => 300 - s, 'pass'],
  ];
  for (const [what, level, verdict] of rows) {
    it(`is ${verdict} after 90 s for ${what}`, () => {
      const judged = one(soak, [...steady, ...requests('GET /search', 90, level)]);
      expect(judged.verdict).to.equal(verdict);
      if (verdict === 'fail') expect(judged.filter).to.include({ name: 'GET /search' });
    });
  }

  it('gives no false alarm in 60 clean runs @slow', () => {
    const failed = Array.from({ length: 60 }, (_, seed) =>
      one(soak, [...requests('a', 90, () => 100, seed + 100), ...requests('b', 90, () => 40, seed + 900)]),
    ).filter(({ verdict }) => verdict !== 'pass');
    expect(failed.map(({ note }) => note)).to.deep.equal([]);
  });

  it('does not exist if it was disabled', () => {
    expect(builtinKpis(undefined, undefined, true)).to.deep.equal([]);
  });
});
