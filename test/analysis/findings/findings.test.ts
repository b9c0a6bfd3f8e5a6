import { expect } from 'chai';
import { findings } from '../../../runner/analysis/findings/findings.ts';
import type { FindingsInput } from '../../../runner/analysis/findings/findings-input.ts';
import { judgeGenerator } from '../../../runner/analysis/generator/generator.ts';
import { judge } from '../../../runner/analysis/verdict/judge.ts';
import type { Finding, Kpi } from '../../../runner/model/kpi.ts';
import { DEFAULT_JUDGING } from '../../../runner/model/run.ts';
import { kpisFromThresholds, targetsOf } from '../../../runner/targets/targets.ts';
import { hasFacts } from '../../facts.ts';
import { metricsOf, type Sample } from '../samples.ts';

const START = 1_700_000_000_000;

function requests(count: number, ms: number, tags: Record<string, string> = {}, fromMs = 0): Sample[] {
  return Array.from({ length: count }, (_, i) => {
    const common = {
      timeMs: START + fromMs + i * 10,
      tags: { name: 'GET /x', status: '200', expected_response: 'true', ...tags },
    };
    return [
      { metric: 'http_req_duration', value: ms, ...common },
      { metric: 'http_req_waiting', value: ms * 0.9, ...common },
      { metric: 'http_reqs', value: 1, ...common },
      { metric: 'http_req_failed', value: Number(common.tags.expected_response !== 'true'), ...common },
    ];
  }).flat();
}

const failed500 = { status: '500', expected_response: 'false' };
const refused = { status: '0', expected_response: 'false', error: 'dial: connection refused', error_code: '1212' };

interface Case {
  readonly samples?: readonly Sample[];
  readonly thresholds?: Readonly<Record<string, string>>;
  readonly kpis?: readonly Kpi[];
  readonly input?: Partial<FindingsInput>;
}

function found({ samples = requests(100, 100), thresholds = {}, kpis, input = {} }: Case): Finding[] {
  const metrics = metricsOf(samples);
  const list = Object.entries(thresholds).map(([metric, expression]) => ({
    metric,
    expression,
    abortOnFail: false,
    delayAbortEvalMs: 0,
  }));
  const context = {
    phases: [],
    loadStartMs: START,
    elapsedMs: 10_000,
    generator: input.generator,
    profile: input.profile ?? 'smoke',
    judging: DEFAULT_JUDGING,
  } as const;
  return findings({
    kpis: judge(kpis ?? kpisFromThresholds(list), metrics, context),
    metrics,
    generator: undefined,
    exceptions: [],
    iterations: 100,
    faults: metrics.faults,
    ...input,
  });
}

function only(kind: Finding['kind'], list: readonly Finding[]): Finding {
  const match = list.filter((finding) => finding.kind === kind);
  expect(match, `findings of kind ${kind} among ${list.map((finding) => finding.kind)}`).to.have.length(1);
  return match[0] ?? { kind, severity: 'low', title: '', detail: '', kpis: [] };
}

describe('a finding', () => {
  it('does not exist for a healthy run', () => {
    expect(found({ thresholds: { http_req_duration: 'avg<300' } })).to.deep.equal([]);
  });

  it('reports that nothing was judged', () => {
    expect(only('nothing_judged', found({})).severity).to.equal('low');
  });

  it('gives the miss of a target in percent, its samples, and where the time was spent', () => {
    const finding = only(
      'kpi_missed',
      found({ samples: requests(400, 312.4), thresholds: { http_req_duration: 'p(95)<250' } }),
    );
    hasFacts(finding.title, 'http_req_duration p(95) < 250 ms', '312 ms', '25.0 %');
    hasFacts(finding.detail, '400 samples', '90 %', '281 ms', 'first byte', 'probable cause: the server');
    expect(finding.kpis).to.deep.equal(['http_req_duration p(95)<250']);
  });

  const severities: ReadonlyArray<[string, number, string, string]> = [
    ['http_req_duration', 110, 'avg<100', 'medium'],
    ['http_req_duration', 150, 'avg<100', 'high'],
    ['http_req_duration', 200, 'avg<100', 'critical'],
    ['checks', 0, 'rate>0.99', 'critical'],
    ['http_req_failed', 1, 'rate<0.9', 'medium'],
    ['http_req_failed', 1, 'rate<=0', 'medium'],
  ];
  for (const [metric, value, expression, severity] of severities) {
    it(`is ${severity} for ${metric} ${expression} at ${value}`, () => {
      const samples = Array.from({ length: 50 }, (_, i) => ({ metric, value, timeMs: START + i }));
      expect(only('kpi_missed', found({ samples, thresholds: { [metric]: expression } })).severity).to.equal(severity);
    });
  }

  it('has at least the severity of its target', () => {
    const kpis = kpisFromThresholds([
      { metric: 'http_req_duration', expression: 'avg<99', abortOnFail: true, delayAbortEvalMs: 0 },
    ]);
    expect(only('kpi_missed', found({ kpis })).severity).to.equal('critical');
  });

  it('gives the reason for missing data', () => {
    const finding = only('no_data', found({ thresholds: { 'http_req_duration{name:GET /y}': 'p(95)<250' } }));
    hasFacts(finding.title, 'no data', 'k6 passes');
    hasFacts(finding.detail, 'name', 'GET /x');
    expect(finding.severity).to.equal('medium');
  });

  it('gives the reason for each inconclusive target, and the run length that it needs', () => {
    const asked = (statistic: string, target: number) => ({
      metric: 'http_req_duration',
      statistic,
      comparison: '<',
      target,
    });
    const targets = [asked('p(95)', 101), asked('p(99)', 10)];
    const { kpis } = targetsOf({ targets }, { profile: 'load', where: 'a test', source: 'target' });
    const { detail } = only('inconclusive', found({ kpis, samples: requests(60, 100), input: { profile: 'load' } }));
    const [near = '', tail = ''] = detail.split(/ (?=http_req_duration)/);
    expect(near).to.match(/independent samples.*\d+ (s|min)/);
    expect(tail).to.match(/percentile.*\d+ (s|min)/);
  });

  it('counts exceptions, with their place and the share of iterations', () => {
    const exceptions = [
      { message: 'TypeError: a', where: 'scenarios/x.ts:4:10', stage: 'iteration', count: 3 },
      { message: 'Error: b', where: null, stage: 'iteration', count: 9 },
    ] as const;
    const finding = only('script_exceptions', found({ input: { exceptions } }));
    hasFacts(finding.title, '12 of 100 iterations', '12 %', 'Error: b');
    hasFacts(finding.detail, 'TypeError: a', 'scenarios/x.ts:4:10', '3 times');
    expect(finding.severity).to.equal('high');
    const every = only('script_exceptions', found({ input: { exceptions, iterations: 12 } }));
    expect(every.severity).to.equal('critical');
    hasFacts(every.title, 'every iteration', '12', 'Error: b');
  });

  it('separates setup() from iterations', () => {
    const exceptions = [{ message: 'Error: x', where: null, stage: 'setup', count: 1 }] as const;
    hasFacts(only('script_exceptions', found({ input: { exceptions } })).title, 'setup()', 'Error: x');
  });

  it('reports requests without a response, with reason, time and endpoint', () => {
    const samples = [...requests(900, 50), ...requests(100, 0, { ...refused, name: 'POST /cart' }, 2000)];
    const finding = only('transport_errors', found({ samples }));
    hasFacts(finding.title, '100 of 1,000 requests', '10 %', 'dial: connection refused (100)');
    hasFacts(finding.detail, '00:02', '00:02');
    hasFacts(finding.detail, '100 %', 'POST /cart', '10 %');
    expect(finding.severity).to.equal('high');
  });

  it('reports unexpected responses by status', () => {
    const samples = [
      ...requests(950, 50),
      ...requests(40, 5, { ...failed500, name: 'POST /cart' }, 2000),
      ...requests(10, 5, { ...failed500, status: '429' }, 5000),
    ];
    const finding = only('http_errors', found({ samples }));
    hasFacts(finding.detail, '00:02', '00:05');
    hasFacts(finding.title, '50 of 1,000 requests', '5 %', '500 (40)', '429 (10)', '80 %', 'POST /cart');
    hasFacts(finding.detail, '80 %', 'POST /cart', '4 %');
  });

  it('reports failed gRPC calls by status name', () => {
    const calls = (amount: number, status: string, name = '/shop.Cart/Add'): Sample[] =>
      Array.from({ length: amount }, (_, index) => ({
        metric: 'grpc_req_duration',
        value: 5,
        timeMs: START + index * 10,
        tags: { name, method: 'Add', status },
      }));
    const finding = only(
      'grpc_errors',
      found({
        samples: [...calls(90, '0'), ...calls(8, '14'), ...calls(2, '5'), ...calls(100, '0', '/shop.Cart/List')],
      }),
    );
    hasFacts(finding.title, '10 of 200 calls', '5 %', 'UNAVAILABLE (8)', 'NOT_FOUND (2)');
    hasFacts(finding.detail, '/shop.Cart/Add', '10 of 100');
    expect(finding.severity).to.equal('high');
  });

  const session = (amount: number, tags: Record<string, string>): Sample[] =>
    Array.from({ length: amount }, (_, index) => ({
      metric: 'ws_sessions',
      value: 1,
      timeMs: START + index * 10,
      tags: { url: 'ws://shop/live', ...tags },
    }));
  const CONNECTED = { status: '101', subproto: '' };
  for (const [what, samples, options, facts] of [
    ['none of them', session(8, {}), { systemTags: null }, ['8 of 8 WebSocket sessions', '100 %', '(8)']],
    [
      'some',
      [...session(15, CONNECTED), ...session(2, {}), ...session(3, { status: '403', subproto: '' })],
      {},
      ['5 of 20 WebSocket sessions', '25 %', '403 (3)', '(2)'],
    ],
    ['all of them', session(9, CONNECTED), { systemTags: null }, undefined],
    ['unknown without the tag', session(9, {}), { systemTags: ['url'] }, undefined],
    ['unknown without the script', session(9, {}), {}, undefined],
  ] as const) {
    it(`reports WebSocket sessions that did not connect: ${what}`, () => {
      const seen = found({ samples, input: { options } }).filter(({ kind }) => kind === 'websocket_errors');
      expect(seen).to.have.length(facts === undefined ? 0 : 1);
      if (facts !== undefined) hasFacts(seen[0]?.title, ...facts);
    });
  }

  it('reports failed browser requests by status', () => {
    const request = (amount: number, value: number, status: string): Sample[] =>
      Array.from({ length: amount }, (_, index) => ({
        metric: 'browser_http_req_failed',
        value,
        timeMs: START + index * 10,
        tags: { name: 'http://shop/', url: 'http://shop/', method: 'GET', status },
      }));
    const samples = [...request(17, 0, '200'), ...request(2, 1, '503'), ...request(1, 1, '0')];
    hasFacts(only('browser_errors', found({ samples })).title, '3 of 20 browser requests', '15 %', '503', '(2)', '(1)');
  });

  it('reports failed checks without a name', () => {
    const samples = [0, 1].map((value) => ({ metric: 'checks', value, timeMs: START, tags: { scenario: 'a' } }));
    const finding = only('failed_checks', found({ samples }));
    hasFacts(finding.title, '1 of 2 checks', '50 %', '(no name)');
  });

  it('reports failed checks, the worst first', () => {
    const check = (name: string, passes: number, fails: number): Sample[] =>
      Array.from({ length: passes + fails }, (_, i) => ({
        metric: 'checks',
        value: Number(i < passes),
        timeMs: START + i,
        tags: { check: name, group: '' },
      }));
    const samples = [...check('is 200', 90, 10), ...check('has items', 5, 5), ...check('fine', 10, 0)];
    const finding = only('failed_checks', found({ samples }));
    hasFacts(finding.title, '15 of 120 checks', '12.5 %', 'has items');
    hasFacts(finding.detail, 'has items', '5 of 10', '50 %', 'is 200', '10 of 100', '10 %');
    expect(finding.detail).not.to.include('fine');
    expect(finding.severity).to.equal('critical');
  });

  const failing = (fromMs: number): Sample[] =>
    Array.from({ length: 100 }, (_, i) => ({
      metric: 'checks',
      value: 0,
      timeMs: START + fromMs + i,
      tags: { check: 'is 200', group: '' },
    }));
  for (const [what, fromMs, kind, severity] of [
    ['no cause if its requests failed', 2000, 'checks_of_failed_requests', 'low'],
    ['a cause if requests failed at another time', 9000, 'failed_checks', 'critical'],
  ] as const) {
    it(`treats a failing check as ${what}`, () => {
      const samples = [...requests(900, 50), ...requests(100, 50, failed500, 2000), ...failing(fromMs)];
      expect(only(kind, found({ samples })).severity).to.equal(severity);
    });
  }

  it('names a slow endpoint, above low only if a latency target was missed', () => {
    const samples = [
      ...requests(50, 40, { name: 'a' }),
      ...requests(50, 50, { name: 'b' }),
      ...requests(50, 400, { name: 'slow' }),
    ];
    const finding = only('slow_endpoint', found({ samples, thresholds: { http_req_duration: 'p(95)<250' } }));
    hasFacts(finding.title, 'slow', '8.9×', '2 endpoints', '400 ms');
    expect(finding.severity).to.equal('medium');
    const met = found({ samples, thresholds: { http_req_duration: 'p(95)<500' } });
    expect(only('slow_endpoint', met).severity).to.equal('low');
    const closer = [...samples, ...requests(50, 150, { name: 'c' })];
    expect(found({ samples: closer }).map(({ kind }) => kind)).to.not.include('slow_endpoint');
  });

  it('reports connections that take longer than requests', () => {
    const samples = requests(100, 10).flatMap((sample) =>
      sample.metric === 'http_reqs' ? [sample, { ...sample, metric: 'http_req_blocked', value: 30 }] : [sample],
    );
    hasFacts(only('connection_setup', found({ samples })).title, '30.0 ms', '10.0 ms');
  });

  it('reports percentiles based on too few requests', () => {
    const finding = only('few_samples', found({ thresholds: { http_req_duration: 'p(99)<250' } }));
    hasFacts(finding.detail, 'http_req_duration p(99) < 250 ms', '100 samples', '1,000');
  });

  it('reports a load generator that was saturated, busy, or below the requested load', () => {
    const health = (schedP99Ms: number) =>
      Array.from({ length: 10 }, (_, i) => ({
        startMs: i * 1000,
        lengthMs: 1000,
        cpuCores: 0.2,
        coresAllowed: 1,
        schedP99Ms,
      }));
    const kinds = (schedP99Ms: number, droppedIterations: number) => {
      const generator = judgeGenerator(health(schedP99Ms), { droppedIterations, begunIterations: 1000 });
      return found({ thresholds: { http_req_duration: 'avg<300' }, input: { generator } }).map(({ kind }) => kind);
    };
    expect(kinds(0.5, 0)).to.deep.equal([]);
    expect(kinds(3, 0)).to.deep.equal(['generator_warn']);
    expect(kinds(20, 0)).to.deep.equal(['generator_saturated']);
    expect(kinds(0.5, 3)).to.deep.equal(['dropped_iterations']);
    expect(kinds(0.5, 100)).to.deep.equal(['load_not_reached', 'inconclusive']);
    expect(kinds(20, 100)).to.deep.equal(['generator_saturated', 'load_not_reached', 'inconclusive']);
  });

  it('gives the share of the load that was reached, unless the total was reached', () => {
    const titleFor = (iterations: number) => {
      const generator = judgeGenerator([], {
        droppedIterations: 100,
        begunIterations: iterations,
        requestedIterations: 1000,
      });
      return only('load_not_reached', found({ thresholds: {}, input: { generator } })).title;
    };
    hasFacts(titleFor(900), '100 iterations', '90 %');
    hasFacts(titleFor(1000), '100 iterations');
    expect(titleFor(1000)).not.to.include('%');
  });

  it('reports a stream with faults', () => {
    const faults = {
      badLines: 2,
      firstBadLine: { line: 17, text: 'hello\u0007' },
      badValues: 0,
      lostLines: 4,
      complete: true,
      overflow: [{ metric: 'http_reqs', tag: 'url', values: 100_000 }],
    };
    const list = found({ thresholds: { http_req_duration: 'avg<300' }, input: { faults } });
    expect(list.map(({ kind, severity }) => `${kind} ${severity}`)).to.deep.equal([
      'stream_incomplete high',
      'cardinality medium',
      'bad_lines low',
    ]);
    hasFacts(list[0]?.title, '4 lines');
    hasFacts(list[1]?.title, 'url', '100,000');
    hasFacts(list[2]?.title, '2 lines');
    expect(list[1]?.detail).to.include("tags: { name: 'GET /products/:id' }");
    expect(list[2]?.detail).to.include('line 17: "hello⟨U+0007⟩"');
    const cut = only('stream_incomplete', found({ input: { faults: { ...faults, complete: false } } }));
    hasFacts(cut.title, 'ends before');
  });

  it('reports a run that a threshold ended', () => {
    const finding = only(
      'aborted_by_threshold',
      found({ thresholds: { http_req_duration: 'avg<1' }, input: { abortedByKpi: 'http_req_duration avg<1' } }),
    );
    expect(finding).to.include({ severity: 'critical' });
    expect(finding.kpis).to.deep.equal(['http_req_duration avg<1']);
  });

  it('is listed by severity, the worst first', () => {
    const list = found({
      samples: [...requests(900, 300), ...requests(2, 0, refused)],
      thresholds: { http_req_duration: 'med<100', 'http_req_duration{name:y}': 'med<1' },
      input: { exceptions: [{ message: 'x', where: null, stage: 'iteration', count: 1 }] },
    });
    const rank = { critical: 0, high: 1, medium: 2, low: 3 };
    const ranks = list.map(({ severity }) => rank[severity]);
    expect(ranks).to.deep.equal(ranks.toSorted());
    expect(list[0]?.kind).to.equal('kpi_missed');
  });

  it('never contains NaN, Infinity or undefined', () => {
    const cases: Case[] = [
      { samples: [] },
      { samples: [], thresholds: { http_req_duration: 'p(95)<1', http_reqs: 'count>1', checks: 'rate>0.9' } },
      { samples: requests(1, 0), thresholds: { http_req_duration: 'p(95)<0', http_reqs: 'rate>1e9' } },
      { samples: requests(5, 0, refused), thresholds: { http_req_duration: 'p(95)<1' }, input: { iterations: 0 } },
      { input: { generator: judgeGenerator([], { droppedIterations: 5, begunIterations: 0 }) } },
    ];
    for (const each of cases) {
      for (const { title, detail } of found(each))
        expect(`${title} ${detail}`).to.not.match(/NaN|Infinity|undefined|null/);
    }
  });
});
