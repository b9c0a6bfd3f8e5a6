import { expect } from 'chai';
import { UserError } from '../../runner/system/errors.ts';
import { expressionOf } from '../../runner/targets/expression.ts';
import { kpisFromThresholds, mergeKpis, targetsOf } from '../../runner/targets/targets.ts';

const threshold = (metric: string, expression: string, abortOnFail = false, delayAbortEvalMs = 0) => ({
  metric,
  expression,
  abortOnFail,
  delayAbortEvalMs,
});
const context = { profile: 'load', where: 'Catalog_Targets_v2.yaml', source: 'target' } as const;
const criteria = { ...context, source: 'acceptance' } as const;
const kpisFromTargets = (value: unknown, of: Parameters<typeof targetsOf>[1]) => targetsOf(value, of).kpis;

/** `metric{tags} statistic comparison target unit`. */
function lines(value: unknown, profile = 'load'): string[] {
  return kpisFromTargets(value, { ...context, profile }).map(
    ({ metric, filter, statistic, comparison, target, unit }) => {
      const tags = Object.entries(filter).map(([key, text]) => `${key}:${text}`);
      return `${metric}{${tags}} ${statistic} ${comparison} ${target} ${unit}`.trim();
    },
  );
}

function errorOf(value: unknown): string {
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

  it('makes one KPI of two thresholds with the same text, with the earlier abort', () => {
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

  it('rejects a statistic that k6 rejects for a built-in metric', () => {
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
      severityIsDeclared: true,
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

  it('reads performance_targets of AcceptanceCriteria, which may be missing', () => {
    expect(kpisFromTargets({ performance_targets: [base], criteria: ['x'] }, criteria)[0]?.source).to.equal(
      'acceptance',
    );
    expect(kpisFromTargets({ criteria: ['x'] }, criteria)).to.deep.equal([]);
  });

  const faults: ReadonlyArray<[string, unknown, string]> = [
    ['a statistic', { targets: [{ ...base, statistic: 'p95' }] }, 'targets[0].statistic'],
    ['a comparison', { targets: [base, { ...base, id: 'x', comparison: '=<' }] }, 'targets[1].comparison'],
    ['a target that is text', { targets: [{ ...base, target: '250' }] }, 'targets[0].target'],
    ['a duration', { targets: [{ ...base, over: 'soon' }] }, 'targets[0].over'],
    ['a severity', { targets: [{ ...base, severity: 'dire' }] }, 'targets[0].severity'],
    ['no metric', { targets: [{ ...base, metric: undefined }] }, 'targets[0].metric'],
    ['a unit of another kind', { targets: [{ ...base, unit: '%' }] }, 'found "%"'],
    ['an unknown unit', { targets: [{ ...base, unit: 'sekunden' }] }, 'found "sekunden"'],
    ['a load without a number', { targets: [{ ...base, load: {} }] }, 'requests_per_second or vus'],
    ['the same id twice', { targets: [base, base] }, 'twice'],
    ['a share above 1', { targets: [{ ...base, metric: 'checks', statistic: 'rate', target: 99 }] }, 'write 0.99'],
    ['a statistic of another type', { targets: [{ ...base, metric: 'http_reqs' }] }, 'count, rate for http_reqs'],
    ['nothing', null, 'found nothing'],
    ['no targets', { component: 'Catalog' }, 'Expected targets'],
  ];
  for (const [what, value, expected] of faults) {
    it(`names the field for ${what}`, () => {
      expect(errorOf(value)).to.include(expected).and.to.include('Catalog_Targets_v2.yaml');
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
      'words next to numbers',
      { schema_version: '1.0', version: 3, hint: 'measured at noon', targets: { p95_ms: 9 } },
      ['http_req_duration{expected_response:true} p(95) <= 9 ms'],
    ],
  ];
  for (const [what, value, expected] of rows) {
    it(`reads ${what}`, () => {
      expect(lines(value)).to.deep.equal(expected);
    });
  }

  const conditions: ReadonlyArray<[row: unknown, expression: string]> = [
    [{ p95_response_time: '< 2 s under 100 RPS' }, 'p(95) < 2000 ms at 100 requests/s'],
    [{ p95_response_time: '< 2 s with 50 concurrent users' }, 'p(95) < 2000 ms at 50 VUs'],
    [{ p95_response_time: '≤ 2 sec. at 600 requests per minute' }, 'p(95) <= 2000 ms at 10 requests/s'],
    [{ response_time: 'below 300 ms for 95 % of requests' }, 'p(95) < 300 ms'],
    [{ p95_latency: '300 ms during steady state' }, 'p(95) <= 300 ms during steady'],
    [{ p95_latency: '300 ms in a load test' }, 'p(95) <= 300 ms'],
    [{ p95_ms: '1,500' }, 'p(95) <= 1500 ms'],
    [{ p95: '1,500 ms' }, 'p(95) <= 1500 ms'],
    [{ p95: '0.250 s' }, 'p(95) <= 250 ms'],
    [{ p95: '1,5 s' }, 'p(95) <= 1500 ms'],
    [{ p95: '2 000 ms' }, 'p(95) <= 2000 ms'],
    [{ p95: '1.234.567,5 us' }, 'p(95) <= 1234.5675 ms'],
    [{ '95th percentile (ms)': 300 }, 'p(95) <= 300 ms'],
    [{ performance: ['p95 response time < 300 ms under 20 rps'] }, 'p(95) < 300 ms at 20 requests/s'],
    [{ non_functional: { performance: { p99: 'at most 1 min' } } }, 'p(99) <= 60000 ms'],
  ];
  for (const [row, expression] of conditions) {
    it(`reads ${JSON.stringify(row)} as ${expression}`, () => {
      const { kpis, unread } = targetsOf(row, context);
      expect(unread).to.deep.equal([]);
      expect(kpis.map(expressionOf)).to.deep.equal([`http_req_duration{expected_response:true} ${expression}`]);
    });
  }

  const rates: ReadonlyArray<[row: unknown, expression: string]> = [
    [{ throughput: '600 requests per minute' }, 'http_reqs rate >= 10 /s'],
    [{ throughput: '36,000 per hour' }, 'http_reqs rate >= 10 /s'],
    [{ requests: 'at least 100 per second' }, 'http_reqs rate >= 100 /s'],
    [{ requests_per_minute: 600 }, 'http_reqs rate >= 10 /s'],
    [{ error_rate: 'no more than 0,5 percent' }, 'http_req_failed rate <= 0.005'],
    [{ error_rate: 'under 1 per cent at 20 tps' }, 'http_req_failed rate < 0.01 at 20 requests/s'],
    [{ success_rate: '> 99.9 %' }, 'http_req_failed rate < 0.001'],
    [{ error_rate: 0.05 }, 'http_req_failed rate <= 0.05'],
    [{ error_rate: '2 ‰' }, 'http_req_failed rate <= 0.002'],
    [{ error_ratio: 0.2 }, 'http_req_failed rate <= 0.2'],
    [{ success_rate: 0.95 }, 'http_req_failed rate <= 0.05'],
    [{ success_rate: 1 }, 'http_req_failed rate <= 0'],
    [{ http_req_failed: 'rate<0.5' }, 'http_req_failed rate < 0.5'],
    [{ kpis: ['errors < 1 %'] }, 'http_req_failed rate < 0.01'],
    [{ rpm: 600 }, 'http_reqs rate >= 10 /s'],
    [[{ name: 'error rate', limit: 2, unit: '%' }], 'http_req_failed rate <= 0.02'],
  ];
  for (const [row, expression] of rates) {
    it(`reads ${JSON.stringify(row)} as ${expression}`, () => {
      expect(targetsOf(row, context).kpis.map(expressionOf)).to.deep.equal([expression]);
    });
  }

  const unclear: ReadonlyArray<[row: unknown, reason: string]> = [
    [{ constructor: 5 }, 'is not the name of a target'],
    [{ concurrent_users: 50 }, 'is not the name of a target'],
    [{ response_time_ms: 300 }, 'it has no statistic'],
    [{ error_rate: 5 }, 'write "5 %"'],
    [{ error_rate: '300 ms' }, 'ms is a time, not a share'],
    [{ p95_ms: '2 s' }, 'the unit is ms in its name and s in its value'],
    [{ p95: '1.500 ms' }, '1.500 could be 1.5 or 1500'],
    [{ p95: '200-300 ms' }, 'is a range'],
    [{ p95: '200 to 300 ms' }, 'is a range'],
    [{ p95: '200 ± 50 ms' }, 'is a range'],
    [{ p95_response_time: '< 2 s during peak' }, '"during peak" cannot be checked'],
    [{ p95_response_time: '< 2 s under 100 RPS on a good day' }, '"on a good day" cannot be checked'],
    [{ p95_response_time: 'fast' }, 'does not begin with a number'],
    [{ p95_response_time: '2 Sekunden' }, 'is not a known unit'],
    [{ p95_response_time: '~300 ms' }, 'does not begin with a number'],
    [{ p95_response_time: 2 }, 'could be ms or s'],
    [{ p95_latency: '300 ms for 99 % of requests' }, 'names both p(95) and p(99)'],
    [{ throughput: '600 orders per minute' }, 'is not a known unit'],
    [{ performance: 'The page must be fast' }, 'it is a sentence'],
    [['Search answers within 2 seconds'], 'it is a sentence'],
    // A share without a unit is a fraction only if it cannot be a percentage.
    [{ error_rate: 0.5 }, '0.5 could be 50 % or 0.5 %'],
    [{ error_rate: '< 0.5' }, '0.5 could be 50 % or 0.5 %'],
    [{ max_error_rate: 0.1 }, '0.1 could be 10 % or 0.1 %'],
    [{ error_rate: 1 }, '1 could be 100 % or 1 %'],
    [{ success_rate: 0.5 }, '0.5 could be 50 % or 0.5 %'],
    [{ success_rate: 99 }, 'write "99 %"'],
    [{ p95: '>= 2 s' }, 'it requires more, but less is better'],
    [{ throughput: '< 100 rps' }, 'it requires less, but more is better'],
    [{ error_rate: '> 1 %' }, 'it requires more, but less is better'],
    [{ p95: '-5 ms' }, '-5 is negative'],
    [{ p95: '1,500 s' }, 'long for a response'],
    [{ p95: { max: 300, unit: 'ms' } }, 'it is not a limit'],
    [{ p95: true }, 'it is not a limit'],
    [{ p95: '300 ms (soft)' }, '"soft" cannot be checked'],
    [{ checkout_p95_ms: 800 }, 'is not the name of a target'],
    [[{ metric: 'checkout p95', target: '< 300 ms' }], 'it is a sentence'],
    [{ kpis: ['errors < 1'] }, '1 could be 100 % or 1 %'],
  ];
  for (const [row, reason] of unclear) {
    it(`does not judge ${JSON.stringify(row)}: ${reason}`, () => {
      const { kpis, unread } = targetsOf(row, context);
      expect(kpis).to.deep.equal([]);
      expect(unread.map((each) => each.reason).join('; ')).to.include(reason);
    });
  }

  it('keeps the valid rows next to an unclear one, and suggests YAML for that one', () => {
    const { kpis, unread } = targetsOf({ p95_ms: 300, throughput: '100 rps during peak hours' }, context);
    expect(kpis.map(({ id }) => id)).to.deep.equal(['p95_ms']);
    expect(unread).to.have.length(1);
    expect(unread[0]?.proposals[0]?.target).to.include({
      metric: 'http_reqs',
      comparison: '>=',
      target: 100,
      unit: '/s',
    });
    expect(unread[0]?.proposals[0]?.questions.join()).to.include('during peak hours');
  });

  it('reads a number with its unit in a separate row', () => {
    const rows = [{ p95: 2, unit: 's' }, [{ name: 'p95 response time', target: 2, unit: 's' }]];
    for (const row of rows) expect(lines(row)[0]).to.match(/p\(95\) <= 2000 ms$/);
  });

  it('reads a list of sentences under any name as sentences, not as thresholds of a metric', () => {
    for (const criterion of ['errors < 1%', 'avg < 200ms', 'max<3']) {
      const { kpis, unread } = targetsOf({ criteria: [criterion] }, criteria);
      expect(kpis, criterion).to.deep.equal([]);
      if (criterion !== 'max<3') expect(unread, criterion).to.have.length(1);
    }
    expect(errorOf({ http_req_duration: ['p(95) < 300ms'] })).to.include('300ms');
  });

  it('finds the sentences about performance among other criteria, and ignores the others', () => {
    const value = {
      description: 'A visitor finds a product',
      criteria: [
        'Search returns products by name',
        'p95 of search stays below 300 ms',
        'The session expires after 30 minutes',
      ],
      non_functional: { performance: { p95_response_time: '< 2 s under 100 RPS' }, security: 'TLS 1.3 only' },
    };
    const { kpis, unread } = targetsOf(value, criteria);
    expect(kpis.map(({ id }) => id)).to.deep.equal(['non_functional.performance.p95_response_time']);
    expect(unread.map(({ path, text }) => [path.join('.'), text])).to.deep.equal([
      ['criteria.1', 'p95 of search stays below 300 ms'],
    ]);
  });
});

describe('mergeKpis', () => {
  it('gives every KPI of several sources a unique id', () => {
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
