import { createServer } from 'node:http';
import { expect } from 'chai';
import { statusOf } from '../../../runner/analysis/verdict/status.ts';
import { ThresholdWatch } from '../../../runner/analysis/verdict/watch.ts';
import type { JudgedKpi } from '../../../runner/model/kpi.ts';
import { UserError } from '../../../runner/system/errors.ts';
import { kpisFromThresholds } from '../../../runner/targets/targets.ts';
import { judged, type K6Run, k6Verdicts, runK6, type Thresholds } from './judged-by-k6.ts';

const OPERATORS = ['<', '<=', '>', '>=', '==', '===', '!='];
const SELECTORS = [
  '',
  '{name:GET /x:1}',
  '{name:"GET /x:2",status:200}',
  "{ status : '201' }",
  '{odd tag:a "quoted" {value}}',
];

/** Every statistic, operator and selector with targets on both sides of the values; no percentile within 0.1 % of one. */
function everyThreshold(): Thresholds {
  const statistics: Record<string, [string[], number[]]> = {
    a_trend: [
      [
        'avg',
        'min',
        'max',
        'med',
        'p(0)',
        'p(50)',
        'p(90)',
        'p(95)',
        'p(99)',
        'p(99.9)',
        'p(99.99)',
        'p(100)',
        'p(33.3)',
      ],
      [-1001, -333, 0.0001, 0.777, 71, 403.5, 950, 1e6],
    ],
    a_time: [
      ['avg', 'min', 'max', 'med', 'p(95)'],
      [49, 51, 99.1, 101.3, 149, 151],
    ],
    a_counter: [
      ['count', 'rate'],
      [299, 300, 900, 1350, 2700, 1e6],
    ],
    a_gauge: [['value'], [41, 42, 43]],
    a_rate: [['rate'], [0.8, 0.855, 0.86, 1]],
  };
  const thresholds: Thresholds = {};
  for (const [metric, [names, targets]] of Object.entries(statistics)) {
    for (const selector of SELECTORS) {
      thresholds[`${metric}${selector}`] = names.flatMap((name) =>
        OPERATORS.flatMap((operator) => targets.map((target) => `${name}${operator}${target}`)),
      );
    }
  }
  return thresholds;
}

describe('verdicts compared with those of real k6', function () {
  this.timeout(120_000);

  describe('on metrics of every type', () => {
    const thresholds = everyThreshold();
    let run: K6Run;
    let ours: Map<string, JudgedKpi>;

    before(async () => {
      run = await runK6('every-statistic.js', thresholds);
      ours = judged(run, thresholds);
    });

    it('are the same for every statistic, operator and selector', () => {
      const theirs = k6Verdicts(run);
      const expected = Object.values(thresholds).reduce((sum, { length }) => sum + length, 0);
      expect(ours.size, 'thresholds judged').to.equal(expected).and.to.be.greaterThan(4000);
      expect(theirs.size).to.equal(expected);
      const differing = [...ours.values()].filter(({ id, verdict }) => theirs.get(normal(id)) !== (verdict === 'pass'));
      expect(differing.map(({ id, actual, note }) => `${id}: ${actual} ${note}`)).to.deep.equal([]);
    });

    it('include both passes and misses', () => {
      const verdicts = [...ours.values()].map(({ verdict }) => verdict);
      expect(verdicts.filter((verdict) => verdict === 'pass').length).to.be.greaterThan(1000);
      expect(verdicts.filter((verdict) => verdict === 'fail').length).to.be.greaterThan(1000);
    });

    it("are based on values within 0.1 % of those in k6's summary", () => {
      let compared = 0;
      for (const { id, metric, statistic, actual } of ours.values()) {
        const selector = normal(id).slice(0, normal(id).lastIndexOf(' '));
        const value = run.summary.metrics[selector]?.values[statistic];
        if (value === undefined) continue;
        compared++;
        const reading = `${selector} ${statistic}`;
        expect(actual, reading).to.be.closeTo(value, Math.abs(value) * 0.001);
        if (metric === 'a_counter' && statistic === 'count') expect(actual, reading).to.equal(value);
      }
      expect(compared).to.be.greaterThan(2000);
    });

    it("give k6's exit code", () => {
      const status = statusOf({
        kpis: [...ours.values()],
        iterations: run.metrics.total('iterations')?.sum ?? 0,
        exceptions: [],
        k6ExitCode: 0,
        stoppedBy: null,
        abortedByKpi: null,
        faults: run.metrics.faults,
        inconclusive: '98',
        profile: 'own',
      });
      expect(run.exitCode).to.equal(99);
      expect(status.exitCode).to.equal(99);
    });
  });

  it('pass and exit with 0 if k6 does', async () => {
    const thresholds = {
      'a_trend{status:200}': ['max<1001', 'p(95)<1000'],
      a_counter: ['count==2700'],
      iterations: ['count===900'],
    };
    const run = await runK6('every-statistic.js', thresholds);
    expect(run.exitCode).to.equal(0);
    expect([...judged(run, thresholds).values()].map(({ verdict }) => verdict)).to.deep.equal([
      'pass',
      'pass',
      'pass',
      'pass',
    ]);
  });

  it('are the same for percentiles of whole numbers that are the target itself', async () => {
    const about = (metric: string, statistic: string, target: number) =>
      [metric, OPERATORS.map((operator) => `${statistic}${operator}${target}`)] as const;
    const thresholds = Object.fromEntries([
      about('steps', 'p(90)', 10),
      about('waited', 'p(95)', 37),
      about('below', 'med', -3),
    ]);
    const run = await runK6('whole-numbers.js', thresholds);
    const ours = [...judged(run, thresholds).values()].map(({ id, verdict }) => [id, verdict === 'pass']);
    expect(Object.fromEntries(ours)).to.deep.equal(Object.fromEntries(k6Verdicts(run)));
  });

  it('differ if k6 passes a threshold without samples, and name the values that occurred', async () => {
    const thresholds = {
      'a_trend{name:GET /y:1}': ['p(95)<500'],
      never_used: ['p(95)<500'],
      checks: ['rate>=0.9'],
      dropped_iterations: ['count<1'],
    };
    const run = await runK6('every-statistic.js', thresholds);
    expect(run.exitCode).to.equal(0);
    // A run this short may end before k6 samples its VUs.
    const notes = [...judged(run, thresholds).values()].map(({ verdict, note }) => [
      verdict,
      note?.replace(/\d more$/, 'n more'),
    ]);
    expect(notes).to.deep.equal([
      ['no_data', 'no sample of a_trend has name:GET /y:1; nearest values of name: GET /x:1, GET /x:0, GET /x:2'],
      [
        'no_data',
        'no sample of never_used; metrics that occurred: a_trend, a_time, a_counter, a_rate, a_gauge and n more',
      ],
      ['no_data', 'no sample of checks; metrics that occurred: a_trend, a_time, a_counter, a_rate, a_gauge and n more'],
      ['pass', 'nothing was counted'],
    ]);
  });

  it('differ if k6 exits with 0 although every iteration threw', async () => {
    for (const [some, exitCode] of [
      ['', 107],
      ['1', 0],
    ] as const) {
      const run = await runK6('throws.js', {}, { SOME: some });
      const status = statusOf({
        kpis: [],
        iterations: run.metrics.total('iterations')?.sum ?? 0,
        exceptions: [{ stage: 'iteration', count: run.thrown }],
        k6ExitCode: run.exitCode,
        stoppedBy: null,
        abortedByKpi: null,
        faults: run.metrics.faults,
        inconclusive: '98',
        profile: 'own',
      });
      expect([run.exitCode, status.exitCode]).to.deep.equal([0, exitCode]);
    }
  });

  it('differ if k6 counts refused connections as 0 ms', async () => {
    const server = createServer((_request, response) => {
      setTimeout(() => response.end('ok'), 30);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      const thresholds = {
        'http_req_duration{name:refused}': ['p(95)<500'],
        'http_req_duration{name:half}': ['med<20', 'p(95)<20000', 'max<1'],
        http_req_duration: ['max>1'],
        http_req_failed: ['rate<0.9'],
      };
      const run = await runK6('refused.js', thresholds, {
        GOOD: `http://127.0.0.1:${port}/`,
        REFUSED: 'http://127.0.0.1:1/',
      });
      const theirs = k6Verdicts(run);
      const ours = judged(run, thresholds);
      const rows = [...ours.values()].map(({ id, verdict }) => [id, theirs.get(id), verdict]);
      expect(rows).to.deep.equal([
        ['http_req_duration{name:refused} p(95)<500', true, 'no_data'],
        ['http_req_duration{name:half} med<20', true, 'fail'],
        ['http_req_duration{name:half} p(95)<20000', true, 'pass'],
        ['http_req_duration{name:half} max<1', false, 'fail'],
        ['http_req_duration max>1', true, 'pass'],
        ['http_req_failed rate<0.9', true, 'pass'],
      ]);
      const [refused, half] = [...ours.values()];
      expect(refused?.note).to.equal(
        '20 of 20 requests got no response: dial: connection refused (20); k6 counts them as 0 ms',
      );
      expect(half?.note).to.match(
        /^20 of 39 requests got no response: dial: connection refused \(20\); med is [\d.]+ ms over requests with a response and 0 ms over all, as k6 counts$/,
      );
      expect(half?.actual).to.be.greaterThan(25);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('accept and reject the same expressions and selectors', async () => {
    const accepted: Thresholds = {
      a_trend: [
        'p(95)<250',
        'p(99.90)<=1e3',
        '  avg  >  .5 ',
        'p(1e2)>1',
        'p<5',
        'med\t<\t3',
        'max>=5.',
        'min!=+5',
        'avg===-1',
      ],
      'a_trend{ name : "GET /x:1" , status:\'200\' }': ['p(95)<1'],
      'a_trend{url:http://h:80/${}}': ['avg<1'],
      'a_trend{group:""}': ['avg<1'],
      'a_trend{group: }': ['avg<1'],
      'a_trend{group:::login}': ['avg<1'],
      'a_trend{a:1,a:2}': ['avg<1'],
    };
    const refused: Array<[selector: string, expression: string]> = [
      ['a_trend', ''],
      ['a_trend', 'p(95)'],
      ['a_trend', 'p(95)<'],
      ['a_trend', 'p95<200'],
      ['a_trend', 'p(101)<1'],
      ['a_trend', 'p(-1)<1'],
      ['a_trend', 'p( 95)<1'],
      ['a_trend', 'avg=>5'],
      ['a_trend', 'avg<10ms'],
      ['a_trend', 'avg<10<20'],
      ['a_trend', 'avg< '],
      ['a_trend', 'avg<1e999'],
      ['http_reqs', 'p(95)<1'],
      ['a_trend{', 'avg<1'],
      ['a_trend}', 'avg<1'],
      ['a_trend{a:1}x', 'avg<1'],
      ['a_trend{}', 'avg<1'],
      ['a_trend{a}', 'avg<1'],
      ['a_trend{a:}', 'avg<1'],
      ['a_trend{a:1,}', 'avg<1'],
      ['a_trend{a:"x,y"}', 'avg<1'],
    ];
    const run = await runK6('every-statistic.js', accepted);
    expect([...judged(run, accepted).values()]).to.have.length(Object.values(accepted).flat().length);
    for (const [selector, expression] of refused) {
      const thresholds = { [selector]: [expression] };
      expect(() => judged(run, thresholds), `${selector} ${expression}`).to.throw(UserError);
      const k6 = await runK6('every-statistic.js', thresholds).then(
        ({ exitCode }) => `ended with ${exitCode}`,
        () => 'refused it',
      );
      expect(k6, `${selector} ${expression}`).to.equal('refused it');
    }
  });

  it('end the run at the same evaluation as k6', async () => {
    // Crossed from the first sample on; with a delay of 3 s k6 lets the evaluation at 2 s pass and ends the run at 4 s.
    const threshold = { threshold: 'max<1', abortOnFail: true, delayAbortEval: '3s' };
    const run = await runK6('waits.js', { a_trend: [threshold] });
    expect(run.exitCode).to.equal(99);
    // k6 starts its clock of evaluations a little before that of the run: 3998.9 ms has been seen.
    expect(run.summary.state.testRunDurationMs).to.be.within(3500, 25_000);
    const kpis = kpisFromThresholds([
      { metric: 'a_trend', expression: 'max<1', abortOnFail: true, delayAbortEvalMs: 3000 },
    ]);
    const watch = new ThresholdWatch(kpis, run.metrics);
    expect([1000, 2000, 3000, 4000].map((ms) => watch.check(ms).abort?.id)).to.deep.equal([
      undefined,
      undefined,
      undefined,
      'a_trend max<1',
    ]);
  });
});

/** k6 trims the text between the braces in the names of its summary. */
function normal(id: string): string {
  return id.replace(/\{\s*(.*?)\s*\} /, '{$1} ');
}
