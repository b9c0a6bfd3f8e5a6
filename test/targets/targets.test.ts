import { expect } from 'chai';
import { UserError } from '../../runner/system/errors.ts';
import { kpisFromTargets, kpisFromThresholds, mergeKpis } from '../../runner/targets/targets.ts';

const threshold = (metric: string, expression: string, abortOnFail = false, delayAbortEvalMs = 0) => ({
  metric,
  expression,
  abortOnFail,
  delayAbortEvalMs,
});
const context = { profile: 'load', where: 'Catalog_Targets_v2.yaml' };

/** `metric{tags} statistic comparison target unit`. */
function lines(value: unknown, profile = 'load'): string[] {
  return kpisFromTargets(value, { ...context, profile }).map(
    ({ metric, filter, statistic, comparison, target, unit }) => {
      const tags = Object.entries(filter).map(([key, text]) => `${key}:${text}`);
      return `${metric}{${tags}} ${statistic} ${comparison} ${target} ${unit}`.trim();
    },
  );
}

function letterOf(value: unknown): string {
  try {
    kpisFromTargets(value, context);
  } catch (error) {
    if (error instanceof UserError) return error.toText();
    throw error;
  }
  return '';
}

describe('kpisFromThresholds', () => {
  it('keeps the text of the threshold as the id, and its order', () => {
    const kpis = kpisFromThresholds([
      threshold('http_req_duration{name:x}', 'p(95)<250'),
      threshold('http_reqs', 'rate>10', true, 5000),
    ]);
    expect(kpis).to.deep.equal([
      {
        id: 'http_req_duration{name:x} p(95)<250',
        metric: 'http_req_duration',
        filter: { name: 'x' },
        statistic: 'p(95)',
        comparison: '<',
        target: 250,
        unit: 'ms',
        severity: 'medium',
        source: 'threshold',
      },
      {
        id: 'http_reqs rate>10',
        metric: 'http_reqs',
        filter: {},
        statistic: 'rate',
        comparison: '>',
        target: 10,
        unit: '/s',
        severity: 'critical',
        source: 'threshold',
        abort: { delayMs: 5000 },
      },
    ]);
  });

  it('makes one KPI of two thresholds of the same text, with the earlier end of the run', () => {
    const rows: ReadonlyArray<[boolean, number, boolean, number, number | undefined]> = [
      [false, 0, true, 5000, 5000],
      [true, 5000, false, 0, 5000],
      [true, 5000, true, 1000, 1000],
      [false, 0, false, 0, undefined],
    ];
    for (const [a, aMs, b, bMs, expected] of rows) {
      const [kpi, ...more] = kpisFromThresholds([threshold('x', 'avg<1', a, aMs), threshold('x', 'avg<1', b, bMs)]);
      expect(more).to.have.length(0);
      expect(kpi?.abort?.delayMs).to.equal(expected);
    }
  });

  it('refuses a statistic that k6 refuses for a built-in metric', () => {
    expect(() => kpisFromThresholds([threshold('http_reqs', 'p(95)<1')])).to.throw(
      UserError,
      'count, rate for http_reqs',
    );
  });
});

describe('kpisFromTargets with a list', () => {
  const base = { metric: 'http_req_duration', statistic: 'p(95)', comparison: '<', target: 250 };

  it('reads every field', () => {
    const [kpi] = kpisFromTargets(
      {
        schema_version: '1.0',
        targets: [
          {
            ...base,
            id: 'list',
            filter: { name: 'GET /products', status: 200 },
            target: 0.25,
            unit: 's',
            severity: 'critical',
            during: 'steady',
            over: '30s',
          },
        ],
      },
      context,
    );
    expect(kpi).to.deep.equal({
      id: 'list',
      metric: 'http_req_duration',
      filter: { name: 'GET /products', status: '200' },
      statistic: 'p(95)',
      comparison: '<',
      target: 250,
      unit: 'ms',
      severity: 'critical',
      source: 'target',
      during: 'steady',
      overMs: 30_000,
    });
  });

  it('judges latency over expected responses unless the filter says otherwise', () => {
    const targets = [
      base,
      { ...base, filter: { expected_response: 'any' } },
      { ...base, filter: { status: '500' } },
      { ...base, metric: 'http_req_waiting{name:x}' },
      { ...base, metric: 'http_req_connecting' },
      { ...base, metric: 'checkout_ms' },
    ];
    expect(lines({ targets })).to.deep.equal([
      'http_req_duration{expected_response:true} p(95) < 250 ms',
      'http_req_duration{} p(95) < 250 ms',
      'http_req_duration{status:500} p(95) < 250 ms',
      'http_req_waiting{name:x,expected_response:true} p(95) < 250 ms',
      'http_req_connecting{} p(95) < 250 ms',
      'checkout_ms{} p(95) < 250',
    ]);
  });

  it('leaves out targets for other profiles', () => {
    const targets = [
      { ...base, id: 'a', profiles: ['soak'] },
      { ...base, id: 'b', profiles: ['soak', 'load'] },
    ];
    expect(kpisFromTargets({ targets }, context).map(({ id }) => id)).to.deep.equal(['b']);
  });

  it('takes performance_targets of AcceptanceCriteria, and none is none', () => {
    expect(kpisFromTargets({ performance_targets: [base], criteria: ['x'] }, context)[0]?.source).to.equal(
      'acceptance',
    );
    expect(kpisFromTargets({ criteria: ['x'] }, { ...context, source: 'acceptance' })).to.deep.equal([]);
  });

  const faults: ReadonlyArray<[string, unknown, string]> = [
    ['a statistic', { targets: [{ ...base, statistic: 'p95' }] }, 'targets[0].statistic'],
    ['a comparison', { targets: [base, { ...base, id: 'x', comparison: '=<' }] }, 'targets[1].comparison'],
    ['a target that is text', { targets: [{ ...base, target: '250' }] }, 'targets[0].target'],
    ['a duration', { targets: [{ ...base, over: 'soon' }] }, 'targets[0].over'],
    ['a severity', { targets: [{ ...base, severity: 'dire' }] }, 'targets[0].severity'],
    ['no metric', { targets: [{ ...base, metric: undefined }] }, 'targets[0].metric'],
    ['an entry that is no map', { targets: ['p(95)<250'] }, 'targets[0]'],
    ['targets that are text', { targets: 'p(95)<250' }, 'targets'],
    ['the same id twice', { targets: [base, base] }, 'twice'],
    ['a share above 1', { targets: [{ ...base, metric: 'checks', statistic: 'rate', target: 99 }] }, 'Write 0.99'],
    ['a statistic of another type', { targets: [{ ...base, metric: 'http_reqs' }] }, 'count, rate for http_reqs'],
    ['nothing', null, 'found nothing'],
    ['no targets', { component: 'Catalog' }, 'Expected targets'],
  ];
  for (const [what, value, expected] of faults) {
    it(`names the field for ${what}`, () => {
      expect(letterOf(value)).to.include(expected).and.to.include('Catalog_Targets_v2.yaml');
    });
  }
});

describe('kpisFromTargets with plain maps', () => {
  const rows: ReadonlyArray<[string, unknown, string[]]> = [
    ['p95_ms', { p95_ms: 300 }, ['http_req_duration{expected_response:true} p(95) <= 300 ms']],
    ['p99_9_ms', { p99_9_ms: 300 }, ['http_req_duration{expected_response:true} p(99.9) <= 300 ms']],
    ['camel case', { p95ResponseTimeMs: 300 }, ['http_req_duration{expected_response:true} p(95) <= 300 ms']],
    ['seconds', { max_response_time_s: 2 }, ['http_req_duration{expected_response:true} max <= 2000 ms']],
    [
      'avg with a unit in the value',
      { avg_latency: '< 0.2 s' },
      ['http_req_duration{expected_response:true} avg < 200 ms'],
    ],
    ['error_rate_percent', { error_rate_percent: 1 }, ['http_req_failed{} rate <= 0.01']],
    ['error_rate as a share', { error_rate: 0.001 }, ['http_req_failed{} rate <= 0.001']],
    ['max_error_rate', { max_error_rate: '0.5%' }, ['http_req_failed{} rate <= 0.005']],
    ['success_rate_percent', { success_rate_percent: 99.9 }, ['http_req_failed{} rate <= 0.001']],
    ['checks_percent', { checks_percent: 99 }, ['checks{} rate >= 0.99']],
    ['throughput_rps', { throughput_rps: 50 }, ['http_reqs{} rate >= 50 /s']],
    ['requests_per_second', { requests_per_second: 50 }, ['http_reqs{} rate >= 50 /s']],
    [
      'k6 thresholds',
      { http_req_duration: ['p(95)<300', 'avg<100'] },
      [
        'http_req_duration{expected_response:true} p(95) < 300 ms',
        'http_req_duration{expected_response:true} avg < 100 ms',
      ],
    ],
    [
      'a metric with statistics',
      { checkout_duration: { p95: 300, 'p(99)': '<400' } },
      ['checkout_duration{} p(95) <= 300', 'checkout_duration{} p(99) < 400'],
    ],
    [
      'endpoints',
      { endpoints: { 'GET /x': { p95_ms: 9 } } },
      ['http_req_duration{name:GET /x,expected_response:true} p(95) <= 9 ms'],
    ],
    [
      'profiles',
      { load: { p95_ms: 9 }, soak: { p95_ms: 7 } },
      ['http_req_duration{expected_response:true} p(95) <= 9 ms'],
    ],
    [
      'words beside',
      { schema_version: '1.0', version: 3, hint: 'measured at noon', targets: { p95_ms: 9 } },
      ['http_req_duration{expected_response:true} p(95) <= 9 ms'],
    ],
  ];
  for (const [what, value, expected] of rows) {
    it(`reads ${what}`, () => {
      expect(lines(value)).to.deep.equal(expected);
    });
  }

  const unclear: ReadonlyArray<[string, unknown, string]> = [
    ['a name of every object', { p95_ms: 1, constructor: 5 }, 'constructor'],
    ['a name it does not know', { p95_ms: 1, concurrent_users: 50 }, 'concurrent_users'],
    ['a latency without a statistic', { response_time_ms: 300 }, 'response_time_ms'],
    ['an error rate of 5 without a unit', { error_rate: 5 }, 'Write "5 %"'],
    ['a nested structure', { p95_ms: { good: 1 } }, 'p95_ms'],
  ];
  for (const [what, value, expected] of unclear) {
    it(`asks rather than guesses for ${what}`, () => {
      expect(letterOf(value)).to.include(expected);
    });
  }
});

describe('mergeKpis', () => {
  it('gives every KPI of several sources an id of its own', () => {
    const own = kpisFromThresholds([threshold('checks', 'rate>0.9')]);
    const target = { metric: 'checks', statistic: 'rate', comparison: '>', target: 0.9, id: 'checks rate>0.9' };
    const others = kpisFromTargets({ targets: [target] }, context);
    expect(mergeKpis(own, others, others).map(({ id }) => id)).to.deep.equal([
      'checks rate>0.9',
      'checks rate>0.9 (target)',
      'checks rate>0.9 (target 2)',
    ]);
  });
});
