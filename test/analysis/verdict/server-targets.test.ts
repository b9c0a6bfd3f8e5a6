// Targets on the system under test: over the load only, in the author's units, with the promised interval for growth.

import { expect } from 'chai';
import { judge } from '../../../runner/analysis/verdict/judge.ts';
import type { Kpi } from '../../../runner/model/kpi.ts';
import { DEFAULT_JUDGING } from '../../../runner/model/run.ts';
import { inServerUnit } from '../../../runner/targets/server-unit.ts';
import { targetsOf } from '../../../runner/targets/targets.ts';
import { type Watched, watchedRun } from '../../monitor/watched-run.ts';
import { LOAD_START_MS, shopSamples } from '../../report/sample-run.ts';
import { noise } from '../series-noise.ts';

const CONTEXT = {
  phases: [],
  loadStartMs: LOAD_START_MS,
  elapsedMs: undefined,
  generator: undefined,
  profile: 'load',
  judging: DEFAULT_JUDGING,
} as const;

function targetOf(metric: string, statistic: string, comparison: string, target: number, unit = '', more = {}): Kpi {
  const [kpi] = targetsOf(
    { targets: [{ metric, statistic, comparison, target, unit, ...more }] },
    { profile: 'load', where: 'a test', source: 'target' },
  ).kpis;
  if (kpi === undefined) throw new Error('Expected a target');
  return kpi;
}

function judged(kpi: Kpi, watched: readonly Watched[], loadSeconds: number) {
  const metrics = shopSamples({ seconds: 5, requestsPerSecond: 5 });
  metrics.server = watchedRun(watched, { loadSeconds });
  const [verdict] = judge([kpi], metrics, CONTEXT);
  if (verdict === undefined) throw new Error('Expected a verdict');
  return verdict;
}

describe('a target on the system under test', () => {
  const cpu: Watched = {
    metric: 'server.cpu_percent',
    unit: '%',
    at: (second) => (second < 0 || second >= 60 ? 100 : 40 + (second % 10)),
  };

  it('is judged over the load, not before or after it', () => {
    expect(judged(targetOf('server.cpu_percent', 'max', '<', 80, '%'), [cpu], 60)).to.include({
      verdict: 'pass',
      actual: 49,
      samples: 60,
      unit: '%',
    });
    expect(judged(targetOf('server.cpu', 'avg', '<', 40), [cpu], 60)).to.include({
      verdict: 'fail',
      metric: 'server.cpu_percent',
      actual: 44.5,
    });
  });

  it('adds up rates over their labels, but only rates', () => {
    const watched: Watched[] = ['200', '500'].flatMap((status) => [
      { metric: 'server.http_requests_total', unit: '1/s', labels: { status }, at: () => (status === '200' ? 90 : 10) },
      { metric: 'server.depth', labels: { status }, at: () => (status === '200' ? 90 : 10) },
    ]);
    expect(judged(targetOf('server.http_requests_total', 'min', '>=', 100), watched, 30).actual).to.equal(100);
    expect(
      judged(targetOf('server.http_requests_total', 'max', '<', 20, '', { filter: { status: '500' } }), watched, 30)
        .actual,
    ).to.equal(10);
    expect(judged(targetOf('server.depth', 'min', '>=', 100), watched, 30).actual).to.equal(10);
  });

  it('has no data without monitoring or for an unknown name, and lists the available metrics', () => {
    expect(judged(targetOf('server.cpu_percent', 'max', '<', 80), [], 60))
      .to.include({ verdict: 'no_data' })
      .and.property('note')
      .match(/--server-metrics/);
    const other = judged(targetOf('server.cpu_percentage', 'max', '<', 80), [cpu], 60);
    expect(other.verdict).to.equal('no_data');
    expect(other.note).to.include('server.cpu_percent');
    expect(judged(targetOf('server.memory', 'growth', '<', 1), [cpu], 60).verdict).to.equal('no_data');
  });

  const units: Array<[unit: string, statistic: string, metricUnit: string, target: number, own: string]> = [
    ['MB', 'max', 'bytes', 2e6, 'bytes'],
    ['MiB', 'max', 'bytes', 2 * 1024 ** 2, 'bytes'],
    ['', 'max', 'bytes', 2, 'bytes'],
    ['MB/h', 'growth', 'bytes', 2e6, 'bytes/h'],
    ['MB per hour', 'growth', 'bytes', 2e6, 'bytes/h'],
    ['MB', 'growth', 'bytes', 2e6, 'bytes/h'],
    ['kB/s', 'growth', 'bytes', 2e3 * 3600, 'bytes/h'],
    ['%/h', 'growth', '%', 2, '%/h'],
    ['', 'growth', '', 2, '/h'],
    ['ms', 'p(95)', 's', 0.002, 's'],
    ['%', 'avg', 'share', 0.02, 'share'],
    ['MB/s', 'avg', 'bytes/s', 2e6, 'bytes/s'],
    ['rpm', 'avg', '1/s', 2 / 60, '1/s'],
    ['bananas', 'avg', '', 2, 'bananas'],
  ];
  for (const [unit, statistic, metricUnit, target, own] of units) {
    it(`of 2 ${unit || '(no unit)'} is ${target} ${own} for the ${statistic} of ${metricUnit || 'a number'}`, () => {
      const kpi = inServerUnit({ ...targetOf('server.x', statistic, '<', 2, unit) }, metricUnit);
      expect(kpi?.target).to.be.closeTo(target, 1e-9 * Math.abs(target));
      expect(kpi?.unit).to.equal(own);
    });
  }

  const others: ReadonlyArray<[unit: string, statistic: string, metricUnit: string]> = [
    ['bananas', 'avg', 'bytes'],
    ['bananas/h', 'growth', 'bytes'],
    ['MB/bananas', 'growth', 'bytes'],
    ['ms', 'avg', '%'],
    ['MB', 'avg', 'bytes/s'],
  ];
  for (const [unit, statistic, metricUnit] of others) {
    it(`of 2 ${unit} is not judged for the ${statistic} of ${metricUnit}`, () => {
      expect(inServerUnit({ ...targetOf('server.x', statistic, '<', 2, unit) }, metricUnit)).to.equal(undefined);
    });
  }

  it('is an error if it is impossible', () => {
    expect(() => targetOf('server.cpu_percent', 'rate', '<', 1)).to.throw(
      /avg, med, min, max, p\(N\), growth for server.cpu_percent/,
    );
    expect(() => targetOf('http_req_duration', 'growth', '<', 1)).to.throw(/server\.\*/);
    expect(() => targetOf('server.cpu_percent', 'grows', '<', 1)).to.throw(/or growth, found "grows"/);
  });
});

describe('growth', () => {
  const memory = (perHour: number, sd: number, seed = 3): Watched => {
    const random = noise(seed, 0.5);
    return {
      metric: 'server.memory_bytes',
      unit: 'bytes',
      at: (second) => 200e6 + (perHour * second) / 3600 + sd * random(),
    };
  };
  const target = targetOf('server.memory', 'growth', '<', 10, 'MB/h');

  it('in a long run is missed, with the slope and its interval', () => {
    const { verdict, actual = 0, ciLow = 0, ciHigh = 0, unit } = judged(target, [memory(60e6, 1e6)], 750);
    expect(verdict).to.equal('fail');
    expect(unit).to.equal('bytes/h');
    expect(actual).to.be.closeTo(60e6, 5e6);
    expect(ciLow).to.be.above(10e6).and.below(actual);
    expect(ciHigh).to.be.above(actual);
  });

  it('is met if there is none', () => {
    expect(judged(target, [memory(0, 1e5)], 750)).to.include({ verdict: 'pass', confidence: 'firm' });
  });

  it('that is clear and continues is missed provisionally from 90 s on; growth that slows down, and noise, are not judged', () => {
    const { verdict, method, actual = 0, ciLow = 0 } = judged(target, [memory(9e9, 3e6)], 130);
    expect({ verdict, method }).to.deep.equal({ verdict: 'fail', method: 'indicative' });
    expect(actual).to.be.closeTo(9e9, 1e9);
    expect(ciLow).to.be.above(10e6).and.below(actual);
    for (let seed = 1; seed <= 20; seed++) {
      const random = noise(seed, 0.8);
      const fills = (s: number) => 100e6 + 60e6 * (1 - Math.exp(-Math.max(0, s) / 30)) + 1e6 * random();
      const filling = { metric: 'server.memory_bytes', unit: 'bytes', at: fills };
      expect(judged(target, [filling], 130), `seed ${seed}`).to.include({ verdict: 'inconclusive' });
      expect(judged(target, [memory(0, 3e6, seed)], 130).verdict, `seed ${seed}`).to.not.equal('fail');
    }
  });

  it('is inconclusive in a run that is too short, at any slope, and gives the length needed', () => {
    const { verdict, note, actual } = judged(target, [memory(600e6, 1e5)], 60);
    expect(verdict).to.equal('inconclusive');
    expect(actual).to.equal(undefined);
    expect(note).to.match(/60 readings over 60 s are too few.*soak/);
  });

  it('is inconclusive if the interval contains the target', () => {
    const { verdict, note } = judged(target, [memory(10e6, 5e6)], 750);
    expect(verdict).to.equal('inconclusive');
    expect(note).to.include('inside the interval');
  });

  it('is not a step, a heap that fills and stays, or garbage collections, but growth after a step is', () => {
    const judgedOf = (at: (second: number) => number, seed: number) => {
      const random = noise(seed, 0.5);
      const metric = { metric: 'server.memory_bytes', unit: 'bytes', at: (s: number) => at(s) + 5e5 * random() };
      return judged(target, [metric], 900).verdict;
    };
    let [step, fill, saw, leak] = [0, 0, 0, 0];
    for (let seed = 1; seed <= 10; seed++) {
      if (judgedOf((s) => (s < 400 ? 100e6 : 140e6), seed) === 'fail') step++;
      if (judgedOf((s) => 100e6 + 60e6 * Math.min(1, Math.max(0, s) / 200), seed) === 'fail') fill++;
      if (judgedOf((s) => 100e6 + 40e6 * ((Math.max(0, s) % 25) / 25), seed) === 'fail') saw++;
      if (judgedOf((s) => (s < 300 ? 100e6 : 140e6) + 20_000 * s, seed) === 'fail') leak++;
    }
    expect(step).to.equal(0);
    expect(fill).to.equal(0);
    expect(saw).to.equal(0);
    expect(leak).to.be.at.least(9);
  });

  it('does not count growth during ramps', () => {
    const phases = [
      { name: 'up', kind: 'ramp-up', startMs: 0, endMs: 100_000 },
      { name: 'steady', kind: 'hold', startMs: 100_000, endMs: 700_000 },
      { name: 'down', kind: 'ramp-down', startMs: 700_000, endMs: 750_000 },
    ] as const;
    const metrics = shopSamples({ seconds: 5, requestsPerSecond: 5 });
    const random = noise(9, 0.5);
    const at = (second: number) => 200e6 + Math.min(100, Math.max(0, second)) * 1e6 + 1e5 * random();
    metrics.server = watchedRun([{ metric: 'server.memory_bytes', unit: 'bytes', at }], { loadSeconds: 750 });
    const [verdict] = judge([target], metrics, { ...CONTEXT, phases });
    expect(verdict).to.include({ verdict: 'pass' });
  });
});
