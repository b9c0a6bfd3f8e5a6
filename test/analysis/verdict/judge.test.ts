import { expect } from 'chai';
import { type GeneratorVerdict, judgeGenerator } from '../../../runner/analysis/generator/generator.ts';
import { type JudgeContext, judge } from '../../../runner/analysis/verdict/judge.ts';
import { isMissed, type JudgedKpi, type Kpi } from '../../../runner/model/kpi.ts';
import { DEFAULT_JUDGING } from '../../../runner/model/run.ts';
import { metricsOf, type Sample } from '../samples.ts';

const START = 1_700_000_000_000;

function kpi(parts: Partial<Kpi> = {}): Kpi {
  return {
    id: 'k',
    metric: 'http_req_duration',
    filter: {},
    statistic: 'p(95)',
    comparison: '<',
    target: 250,
    unit: 'ms',
    severity: 'high',
    source: 'target',
    ...parts,
  };
}

/** Samples of one metric, one every `stepMs` from `fromMs` after the start. */
function every(
  stepMs: number,
  fromMs: number,
  toMs: number,
  value: (atMs: number) => number,
  parts: Partial<Sample> = {},
): Sample[] {
  const samples: Sample[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += stepMs) {
    samples.push({ metric: 'http_req_duration', value: value(atMs), timeMs: START + atMs, ...parts });
  }
  return samples;
}

/** Judged by value, as in a smoke run: intervals have their own tests. */
const CONTEXT: JudgeContext = {
  phases: [],
  loadStartMs: START,
  elapsedMs: undefined,
  generator: undefined,
  profile: 'smoke',
  judging: DEFAULT_JUDGING,
};

function one(
  parts: Partial<Kpi>,
  samples: readonly Sample[],
  context: Partial<JudgeContext> = {},
  intervalMs = 1000,
): JudgedKpi {
  const whole = { ...CONTEXT, ...context };
  const [judged] = judge([kpi(parts)], metricsOf(samples, intervalMs), whole);
  if (judged === undefined) throw new Error('nothing judged');
  return judged;
}

describe('judge', () => {
  it('passes and fails by the value over the whole run', () => {
    const samples = every(100, 0, 10_000, (atMs) => atMs / 100);
    expect(one({ target: 95 }, samples)).to.include({ verdict: 'pass', actual: 94.05, samples: 100, note: undefined });
    expect(one({ target: 90 }, samples)).to.include({ verdict: 'fail', actual: 94.05 });
  });

  it('is inconclusive if samples lost a tag of the filter, with the figure of those that kept it', () => {
    const metrics = metricsOf(every(100, 0, 10_000, () => 20, { tags: { name: '/a' } }));
    const named = kpi({ filter: { name: '/a' } });
    for (const [uncertain, verdict] of [
      [0, 'pass'],
      [7, 'inconclusive'],
    ] as const) {
      const [judged] = judge([named], { ...metrics, uncertain: () => uncertain }, CONTEXT);
      expect(judged).to.include({ verdict, actual: 20, samples: 100 });
    }
  });

  it('divides the rate of a counter by the run time, or by the span of its samples', () => {
    const samples = every(100, 0, 10_000, () => 1, { metric: 'http_reqs' });
    const rate = { metric: 'http_reqs', statistic: 'rate', comparison: '>=', unit: '', target: 8 } as const;
    expect(one(rate, samples, { elapsedMs: 20_000 })).to.include({ actual: 5, verdict: 'fail', unit: '/s' });
    expect(one(rate, samples)).to.include({ verdict: 'pass' });
  });

  it('converts the target to the unit that the run declared', () => {
    const samples = every(100, 0, 1000, () => 0, { metric: 'checks' });
    expect(one({ metric: 'checks', statistic: 'rate', target: 1, unit: '%' }, samples)).to.include({
      target: 0.01,
      unit: '',
    });
  });

  it('has no data for a statistic that the type lacks, but judges min and max of gauges', () => {
    const samples = every(100, 0, 1000, (atMs) => atMs, { metric: 'vus' });
    expect(one({ metric: 'vus', unit: '' }, samples)).to.include({
      verdict: 'no_data',
      note: 'vus is a gauge, which has value, but not p(95)',
    });
    expect(one({ metric: 'vus', statistic: 'max', target: 1000, unit: '' }, samples)).to.include({
      actual: 900,
      verdict: 'pass',
    });
    expect(one({ metric: 'vus', statistic: 'max', source: 'threshold' }, samples)).to.include({ verdict: 'no_data' });
  });

  describe('without samples', () => {
    const samples = [
      ...every(100, 0, 1000, () => 5, { tags: { name: 'GET /products', status: '200' } }),
      ...every(100, 0, 1000, () => 5, { tags: { name: 'GET /cart', status: '201' } }),
    ];
    const rows: ReadonlyArray<[string, Partial<Kpi>, string]> = [
      [
        'a metric',
        { metric: 'http_req_durations' },
        'no sample of http_req_durations; nearest metrics: http_req_duration',
      ],
      ['a tag', { filter: { nam: 'x' } }, 'no sample of http_req_duration has a tag nam; nearest tags: name'],
      ['a tag named as a member of every object', { filter: { constructor: 'x' } }, 'has a tag constructor'],
      ['a value', { filter: { name: 'GET /product' } }, 'nearest values of name: GET /products'],
      [
        'a value that is near to none',
        { filter: { name: 'zzzzzzzz' } },
        'values of name that occurred: GET /products, GET /cart',
      ],
      [
        'a combination',
        { filter: { name: 'GET /cart', status: '200' } },
        'each of its tags exists, but no sample has all of them',
      ],
    ];
    for (const [what, parts, note] of rows) {
      it(`is no data, with the nearest matches, for ${what}`, () => {
        const judged = one(parts, samples);
        expect(judged).to.include({ verdict: 'no_data', actual: undefined, samples: 0 });
        expect(judged.note).to.include(note);
      });
    }

    it('shows an empty value as empty', () => {
      const outside = every(100, 0, 1000, () => 5, { tags: { group: '' } });
      const note = 'no sample of http_req_duration has group:::login; values of group that occurred: (empty)';
      expect(one({ filter: { group: '::login' } }, outside).note).to.equal(note);
    });

    it('reports a run without any samples', () => {
      expect(one({}, []).note).to.equal('the run had no samples');
    });

    it('is judged over all responses if none is marked as expected or not, but only for a target', () => {
      const untold = every(100, 0, 10_000, () => 5, { tags: { name: 'GET /products' } });
      const filter = { expected_response: 'true' };
      expect(one({ filter, source: 'target' }, untold)).to.deep.include({
        verdict: 'pass',
        actual: 5,
        samples: 100,
        filter,
      });
      expect(one({ filter, source: 'threshold' }, untold)).to.include({ verdict: 'no_data' });
    });

    it('is 0 if nothing was counted, but not in a run without any sample', () => {
      const none = { metric: 'dropped_iterations', statistic: 'count', target: 1, unit: '' };
      expect(one(none, samples)).to.include({ verdict: 'pass', actual: 0, samples: 0, note: 'nothing was counted' });
      expect(one({ ...none, filter: { scenario: 'default' } }, samples)).to.include({ verdict: 'pass', actual: 0 });
      expect(one(none, [])).to.include({ verdict: 'no_data' });
    });

    it('is no data for a name that never occurred, but 0 for a status that did not happen', () => {
      const requests = every(100, 0, 1000, () => 1, {
        metric: 'http_reqs',
        tags: { name: 'GET /products', status: '200' },
      });
      const none = { metric: 'http_reqs', statistic: 'count', target: 1, unit: '', source: 'threshold' } as const;
      const typo = one({ ...none, filter: { name: 'GET /prodcuts' } }, requests);
      expect(typo).to.include({ verdict: 'no_data', noDataPasses: true });
      expect(typo.note).to.contain('nearest values of name: GET /products');
      expect(isMissed(one({ ...none, comparison: '>', filter: { name: 'GET /prodcuts' } }, requests))).to.equal(true);
      expect(one({ ...none, filter: { status: '500' } }, requests)).to.include({ verdict: 'pass', actual: 0 });
    });

    it('counts as missed for a response time of PerformanceTargets, and for any target with noData: fail', () => {
      const never = { filter: { name: 'GET /nowhere' } };
      expect(isMissed(one({ ...never, source: 'target' }, samples))).to.equal(true);
      expect(isMissed(one({ ...never, source: 'threshold' }, samples))).to.equal(false);
      expect(isMissed(one({ ...never, source: 'threshold', noData: 'fail' }, samples))).to.equal(true);
      // k6 compares 0 with a target of its own for times, and fails "at least".
      expect(isMissed(one({ ...never, source: 'threshold', comparison: '>' }, samples))).to.equal(true);
      const errors = { metric: 'own_errors', statistic: 'count', unit: '', source: 'target' } as const;
      expect(one(errors, samples)).to.include({ verdict: 'no_data' });
      expect(isMissed(one(errors, samples))).to.equal(false);
    });

    it('shows no control characters of a tag value from outside', () => {
      const hostile = every(100, 0, 1000, () => 5, { tags: { name: 'a\u0000\u202eb\nc' } });
      expect(one({ filter: { name: 'a' } }, hostile).note).to.match(/^[ -~⟨⟩]+$/);
    });
  });

  describe('with requests that failed in transport', () => {
    const refused = { tags: { status: '0', error_code: '1212', error: 'dial: connection refused' } };
    const timeout = { tags: { status: '0', error_code: '1050', error: 'request timeout' } };
    const answered = { tags: { status: '200' } };

    it('fails a latency that would pass only because of refused connections', () => {
      const samples = [...every(100, 0, 10_000, () => 0, refused), ...every(1000, 0, 5000, () => 300, answered)];
      const judged = one({ statistic: 'p(90)' }, samples);
      expect(judged).to.include({ verdict: 'fail', actual: 300, samples: 5 });
      expect(judged.note).to.match(/^100 of 105 .*connection refused \(100\).*300 ms.*0 ms/);
    });

    it("fails a latency raised by timeouts, with k6's figure", () => {
      const samples = [
        ...every(1000, 0, 10_000, () => 60_000, timeout),
        ...every(1000, 0, 10_000, () => 100, answered),
      ];
      expect(one({}, samples)).to.include({ verdict: 'fail', actual: 60_000, samples: 20 });
    });

    it('passes if both figures pass, and shows the worse', () => {
      const samples = [...every(1000, 0, 3000, () => 0, refused), ...every(100, 0, 10_000, () => 100, answered)];
      const judged = one({ statistic: 'avg' }, samples);
      expect(judged).to.include({ verdict: 'pass', actual: 100 });
      expect(judged.note).to.include('3 of 103');
    });

    it("has no data if no request was answered, unless k6's figure misses", () => {
      expect(
        one(
          {},
          every(100, 0, 1000, () => 0, refused),
        ),
      ).to.include({ verdict: 'no_data', actual: undefined });
      expect(
        one(
          {},
          every(100, 0, 1000, () => 60_000, timeout),
        ),
      ).to.include({ verdict: 'fail', actual: 60_000 });
    });

    it('recognises them by their error code if k6 writes no status', () => {
      const bare = { tags: { error_code: '1212' } };
      const judged = one({ statistic: 'med' }, [
        ...every(100, 0, 1000, () => 0, bare),
        ...every(100, 0, 900, () => 300, { tags: {} }),
      ]);
      expect(judged).to.include({ verdict: 'fail', actual: 300 });
      const http = { tags: { error_code: '1500' } };
      expect(
        one(
          { statistic: 'med' },
          every(100, 0, 1000, () => 9, http),
        ).note,
      ).to.equal(undefined);
    });

    it('includes them if the filter selects them, and in metrics that are not response times', () => {
      const samples = every(100, 0, 1000, () => 0, refused);
      expect(one({ filter: { status: '0' } }, samples)).to.include({ verdict: 'pass', actual: 0 });
      expect(
        one(
          { metric: 'iteration_duration' },
          every(100, 0, 1000, () => 0, { metric: 'iteration_duration', ...refused }),
        ),
      ).to.include({
        verdict: 'pass',
      });
    });
  });

  describe('during a part of the run', () => {
    const phases = [
      { name: 'ramp-up', kind: 'ramp-up', startMs: 0, endMs: 10_000 },
      { name: 'steady-1', kind: 'hold', startMs: 10_000, endMs: 20_000 },
      { name: 'peak', kind: 'spike', startMs: 20_000, endMs: 30_000 },
      { name: 'steady-2', kind: 'hold', startMs: 30_000, endMs: 40_000 },
    ] as const;
    const levels = [500, 100, 900, 200];
    const samples = every(100, 0, 40_000, (atMs) => levels[Math.floor(atMs / 10_000)] ?? 0);

    const rows: ReadonlyArray<[string, string, number, number]> = [
      ['steady', 'max', 200, 200],
      ['steady', 'avg', 150, 200],
      ['peak', 'avg', 900, 100],
      ['ramp-up', 'p(95)', 500, 100],
    ];
    for (const [during, statistic, actual, count] of rows) {
      it(`judges ${statistic} of ${during}`, () => {
        const judged = one({ during, statistic }, samples, { phases });
        expect(judged.actual).to.be.closeTo(actual, actual * 0.001);
        expect(judged.samples).to.equal(count);
      });
    }

    it('divides the rate of a counter by the length of that part', () => {
      const reqs = every(100, 0, 40_000, (atMs) => (atMs < 30_000 ? 1 : 3), { metric: 'http_reqs' });
      const rate = { metric: 'http_reqs', statistic: 'rate', unit: '', target: 1 };
      expect(one({ ...rate, during: 'steady' }, reqs, { phases, elapsedMs: 1 }).actual).to.equal(20);
      expect(one({ ...rate, during: 'steady-2' }, reqs, { phases }).actual).to.equal(30);
    });

    it('lists the existing phases, or reports that the run did not reach the phase', () => {
      expect(one({ during: 'plateau' }, samples, { phases })).to.include({
        verdict: 'no_data',
        note: 'the load has no phase "plateau"; its phases are: ramp-up, steady-1, peak, steady-2',
      });
      expect(one({ during: 'peak' }, samples.slice(0, 150), { phases }).note).to.equal(
        'the run ended before its phase "peak" began',
      );
    });

    it('treats the whole of a load without known phases as steady, with a note', () => {
      const judged = one({ during: 'steady', statistic: 'max' }, samples);
      expect(judged).to.include({ actual: 900 });
      expect(judged.note).to.include('are not known');
    });

    it('has no data if the metric has samples only outside', () => {
      expect(
        one(
          { during: 'peak' },
          [...samples.slice(0, 150), ...every(100, 0, 40_000, () => 1, { metric: 'http_reqs' })],
          { phases },
        ).note,
      ).to.equal('no sample in peak; there were 150 outside it');
    });
  });

  describe('over every period', () => {
    it('uses the worst window, and gives its time', () => {
      const samples = every(100, 0, 60_000, (atMs) => (atMs >= 40_000 && atMs < 44_000 ? 400 : 100));
      expect(one({ statistic: 'avg', target: 200 }, samples)).to.include({ verdict: 'pass' });
      const judged = one({ statistic: 'avg', target: 200, overMs: 10_000 }, samples);
      expect(judged).to.include({ verdict: 'fail', actual: 220, note: 'worst of 51 periods of 10 s: 00:34 to 00:44' });
    });

    it('finds an outage in the last seconds that the average of the run hides', () => {
      const failed = every(100, 0, 100_000, (atMs) => Number(atMs >= 90_000), { metric: 'http_req_failed' });
      const rate = { metric: 'http_req_failed', statistic: 'rate', unit: '', target: 0.15 };
      expect(one(rate, failed)).to.include({ verdict: 'pass', actual: 0.1 });
      expect(one({ ...rate, overMs: 10_000 }, failed)).to.include({ verdict: 'fail', actual: 1 });
    });

    it('counts an interval without requests as 0, without the partial ones at the ends of the run', () => {
      const reqs = [
        ...every(100, 500, 20_000, () => 1, { metric: 'http_reqs' }),
        ...every(100, 40_000, 60_300, () => 1, { metric: 'http_reqs' }),
      ];
      const rate = { metric: 'http_reqs', statistic: 'rate', comparison: '>=', unit: '', target: 9 } as const;
      expect(one({ ...rate, overMs: 5000 }, reqs)).to.include({ verdict: 'fail', actual: 0 });
      const steady = every(100, 500, 60_300, () => 1, { metric: 'http_reqs' });
      expect(one({ ...rate, overMs: 5000 }, steady)).to.include({ verdict: 'pass', actual: 10 });
    });

    it("uses the archive's intervals if they are longer, with a note", () => {
      const samples = every(100, 0, 60_000, () => 100);
      expect(one({ overMs: 5000 }, samples, {}, 10_000).note).to.include('in intervals of 10 s');
    });

    it('uses the whole of a run that is shorter than the interval', () => {
      expect(
        one(
          { statistic: 'avg', overMs: 60_000 },
          every(100, 0, 5000, () => 100),
        ),
      ).to.include({ actual: 100, verdict: 'pass' });
    });

    it('stays within the given phase', () => {
      const phases = [
        { name: 'ramp', kind: 'ramp-up', startMs: 0, endMs: 10_000 },
        { name: 'hold', kind: 'hold', startMs: 10_000, endMs: 40_000 },
      ] as const;
      const samples = every(100, 0, 40_000, (atMs) => (atMs < 10_000 ? 900 : 100));
      expect(one({ during: 'steady', overMs: 10_000 }, samples, { phases })).to.include({
        actual: 100,
        verdict: 'pass',
      });
    });

    it('is no data if no request was answered in one interval', () => {
      const ok = { tags: { status: '200' } };
      const refused = { tags: { status: '0' } };
      const samples = [...every(100, 0, 20_000, () => 100, ok), ...every(100, 20_000, 40_000, () => 0, refused)];
      const judged = one({ overMs: 5000 }, samples);
      expect(judged).to.include({ verdict: 'no_data' });
      expect(judged.note).to.include('got no response');
    });
  });

  describe('with a load generator that was disturbed', () => {
    const health = (schedP99Ms: number, cpuCores: number) =>
      Array.from({ length: 30 }, (_, i) => ({
        startMs: START + i * 1000,
        lengthMs: 1000,
        cpuCores,
        coresAllowed: 1,
        schedP99Ms,
      }));
    const open = { droppedIterations: 0, begunIterations: 1000, requestedIterations: 1000 };
    const closed = { droppedIterations: 0, begunIterations: 1000 };
    const short = { droppedIterations: 100, begunIterations: 900, requestedIterations: 1000 };
    const byCpu = health(0, 0.9).map(({ schedP99Ms: _none, ...rest }) => rest);
    const generators: Record<string, GeneratorVerdict> = {
      clean: judgeGenerator(health(0.5, 0.2), closed),
      saturated: judgeGenerator(health(20, 0.8), open),
      'saturated and closed': judgeGenerator(health(20, 0.8), closed),
      'closed next to noisy neighbours': judgeGenerator(health(20, 0.3), closed),
      warned: judgeGenerator(health(3, 0.5), closed),
      'saturated by CPU alone': judgeGenerator(byCpu, open),
      'saturated by CPU alone and closed': judgeGenerator(byCpu, closed),
      short: judgeGenerator(health(0.5, 0.2), short),
      'saturated and short': judgeGenerator(health(20, 0.8), short),
    };
    const latency = (value: number) => every(100, 0, 30_000, () => value);
    // sched p99 20 ms: up to 100 ms of a p95 may be added by k6, 240 ms of a p99.
    const rows: ReadonlyArray<[generator: string, parts: Partial<Kpi>, value: number, verdict: string]> = [
      ['clean', {}, 300, 'fail'],
      ['clean', {}, 200, 'pass'],
      ['saturated', {}, 200, 'pass'],
      ['saturated', {}, 300, 'inconclusive'],
      ['saturated', {}, 351, 'fail'],
      ['saturated', { statistic: 'p(99)' }, 351, 'inconclusive'],
      ['saturated', { statistic: 'p(99)' }, 500, 'fail'],
      ['saturated', { statistic: 'max' }, 5000, 'inconclusive'],
      ['saturated', { comparison: '>' }, 300, 'inconclusive'],
      ['saturated', { comparison: '>' }, 200, 'fail'],
      ['warned', {}, 260, 'inconclusive'],
      ['warned', {}, 300, 'fail'],
      ['warned', { statistic: 'max' }, 5000, 'fail'],
      ['warned', {}, 200, 'pass'],
      ['saturated and closed', {}, 200, 'inconclusive'],
      ['saturated and closed', {}, 351, 'fail'],
      ['closed next to noisy neighbours', {}, 200, 'pass'],
      ['closed next to noisy neighbours', {}, 300, 'inconclusive'],
      ['saturated by CPU alone', {}, 5000, 'inconclusive'],
      ['saturated by CPU alone', {}, 200, 'pass'],
      ['saturated by CPU alone and closed', {}, 200, 'inconclusive'],
      ['short', {}, 200, 'inconclusive'],
      ['short', {}, 300, 'fail'],
      ['saturated and short', {}, 200, 'inconclusive'],
      ['saturated and short', {}, 300, 'inconclusive'],
    ];
    for (const [name, parts, value, verdict] of rows) {
      const { statistic, comparison, target } = kpi(parts);
      it(`is ${verdict} for ${statistic} of ${value} ${comparison} ${target} if it is ${name}`, () => {
        const judged = one(parts, latency(value), { generator: generators[name] });
        expect(judged.verdict).to.equal(verdict);
        expect(judged.note === undefined).to.equal(verdict !== 'inconclusive');
      });
    }

    it("keeps a pass of a closed model if iterations are long compared with k6's possible delay", () => {
      const iterations = (ms: number) => every(100, 0, 30_000, () => ms, { metric: 'iteration_duration' });
      const generator = generators['saturated and closed'];
      expect(one({}, [...latency(200), ...iterations(1900)], { generator }).verdict).to.equal('inconclusive');
      expect(one({}, [...latency(200), ...iterations(2100)], { generator }).verdict).to.equal('pass');
    });

    it('keeps shares and passes of throughput, but not misses of throughput', () => {
      const failed = every(100, 0, 30_000, () => 0, { metric: 'http_req_failed' });
      const { saturated: generator } = generators;
      expect(
        one({ metric: 'http_req_failed', statistic: 'rate', unit: '', target: 0.1 }, failed, { generator }),
      ).to.include({ verdict: 'pass' });
      const reqs = every(100, 0, 30_000, () => 1, { metric: 'http_reqs' });
      const rate = { metric: 'http_reqs', statistic: 'rate', comparison: '>=', unit: '' } as const;
      expect(one({ ...rate, target: 5 }, reqs, { generator })).to.include({ verdict: 'pass' });
      expect(one({ ...rate, target: 50 }, reqs, { generator })).to.include({ verdict: 'inconclusive' });
    });

    it('keeps "no data"', () => {
      expect(one({ filter: { name: 'x' } }, latency(1), { generator: generators.saturated })).to.include({
        verdict: 'no_data',
      });
    });
  });

  describe('a value without an interval', () => {
    const noise = (atMs: number) => 100 + ((atMs * 7919) % 97);
    const rows: ReadonlyArray<
      readonly [why: string, kpi: Partial<Kpi>, samples: Sample[], context: Partial<JudgeContext>]
    > = [
      ['smoke', {}, every(100, 0, 60_000, noise), { profile: 'smoke' }],
      ['exact', { statistic: 'max' }, every(100, 0, 60_000, noise), { profile: 'smoke' }],
      ['exact', { statistic: 'max' }, every(100, 0, 60_000, noise), { profile: 'load' }],
      ['short', {}, every(100, 0, 10_000, noise), { profile: 'load' }],
      ['few_samples', { statistic: 'p(99)' }, every(1000, 0, 60_000, noise), { profile: 'load' }],
      ['dependent', {}, every(10, 0, 60_000, (atMs) => 1000 + atMs), { profile: 'load' }],
      ['stretch', { overMs: 10_000 }, every(100, 0, 60_000, noise), { profile: 'load' }],
    ];
    for (const [why, parts, samples, context] of rows) {
      it(`has the reason "${why}" for ${parts.statistic ?? 'p(95)'} of ${samples.length} samples in a ${context.profile} run`, () => {
        const judged = one(parts, samples, context);
        expect([judged.ciLow, judged.ciHigh]).to.deep.equal([undefined, undefined]);
        expect(judged.intervalAbsence).to.equal(why);
        expect(judged.confidence).to.equal('unknown');
      });
    }

    it('has no reason if there is an interval', () => {
      const judged = one({}, every(100, 0, 60_000, noise), { profile: 'load' });
      expect(judged.ciLow).to.be.a('number');
      expect(judged.intervalAbsence).to.equal(undefined);
    });
  });
});
