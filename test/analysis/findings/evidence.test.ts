// Which findings are possible causes of a missed target: those that moved with it, in runs in which they did or did not.

import { expect } from 'chai';
import { findings } from '../../../runner/analysis/findings/findings.ts';
import type { FindingsInput } from '../../../runner/analysis/findings/findings-input.ts';
import { type GeneratorFigures, judgeGenerator } from '../../../runner/analysis/generator/generator.ts';
import { movesTogether } from '../../../runner/analysis/shape/moves-together.ts';
import { judge } from '../../../runner/analysis/verdict/judge.ts';
import type { GeneratorHealth, Metric } from '../../../runner/model/metrics.ts';
import type { Observation } from '../../../runner/model/observation.ts';
import { DEFAULT_JUDGING } from '../../../runner/model/run.ts';
import { serverResult } from '../../../runner/monitor/server-figures.ts';
import { kpisFromThresholds } from '../../../runner/targets/targets.ts';
import { type Watched, watchedRun } from '../../monitor/watched-run.ts';
import { LOAD_START_MS, METRICS, Samples } from '../../report/sample-run.ts';
import { seeded } from '../../seeded.ts';

const SECONDS = 60;

interface Run {
  /** Milliseconds at a second of the load. */
  readonly latency?: (second: number, name: string) => number;
  /** Status of each of the 10 requests of a second, by its number. */
  readonly status?: (second: number, number: number) => string;
  readonly names?: readonly string[];
  /** Orders per second that the script counts as failed. */
  readonly failedOrders?: (second: number) => number;
  readonly watched?: readonly Watched[];
  readonly health?: (second: number) => Partial<GeneratorHealth>;
  readonly thresholds: Readonly<Record<string, string>>;
  readonly input?: Partial<FindingsInput>;
}

/** The findings of a run, each with the targets that it moved with. */
function movedWith({ latency = () => 100, status = () => '200', names = ['GET /x'], watched, ...run }: Run) {
  const { health, thresholds, input, failedOrders } = run;
  const samples = new Samples();
  const noise = seeded(7);
  for (let second = 0; second < SECONDS; second++) {
    for (let number = 0; number < 10; number++) {
      const atMs = second * 1000 + number * 95;
      const name = names[number % names.length] ?? '';
      const answer = status(second, number);
      const tags = { name, status: answer, expected_response: String(answer === '200') };
      samples.add(METRICS.http_req_duration, tags, atMs, latency(second, name) * (0.95 + 0.1 * noise()));
      samples.add(METRICS.http_reqs, tags, atMs, 1);
      samples.add(METRICS.http_req_failed, tags, atMs, Number(answer !== '200'));
      samples.add(METRICS.checks, { check: 'is 200' }, atMs, Number(answer === '200'));
    }
  }
  for (let second = 0; failedOrders !== undefined && second < SECONDS; second++)
    for (let number = 0; number < failedOrders(second); number++)
      samples.add(FAILED_ORDERS, {}, second * 1000 + number * 95, 1);
  const metrics = samples.done();
  if (watched !== undefined) metrics.server = watchedRun(watched, { loadSeconds: SECONDS });
  if (health !== undefined) {
    for (let second = 0; second < SECONDS; second++)
      metrics.sink.health?.({ startMs: LOAD_START_MS + second * 1000, lengthMs: 1000, ...health(second) });
  }
  const list = Object.entries(thresholds).map(([metric, expression]) => ({
    ...{ metric, expression, abortOnFail: false, delayAbortEvalMs: 0 },
  }));
  const kpis = judge(kpisFromThresholds(list), metrics, {
    ...{ phases: [], loadStartMs: LOAD_START_MS, elapsedMs: SECONDS * 1000, generator: undefined },
    ...{ profile: 'load', judging: DEFAULT_JUDGING },
  });
  const found = findings({
    ...{ kpis, metrics, exceptions: [], iterations: 600, faults: metrics.faults, loadStartMs: LOAD_START_MS },
    ...{ generator: health === undefined ? undefined : judgeGenerator(metrics.health, FIGURES) },
    ...(metrics.server === undefined
      ? {}
      : { watched: { server: serverResult(metrics.server), loadStartMs: LOAD_START_MS } }),
    ...input,
  });
  return Object.fromEntries(found.map(({ kind, movedWith: ids = [] }) => [kind, ids.length]));
}

const FAILED_ORDERS: Metric = { name: 'failed_orders', type: 'counter', contains: 'default' };
const FIGURES: GeneratorFigures = { droppedIterations: 0, begunIterations: 600 };
const late = (second: number) => (second >= 20 && second < 40 ? 600 : 100);
const SLOW = { http_req_duration: 'p(95)<200' };
const pool = (inUse: (second: number) => number): Watched[] => [
  { metric: 'server.db_connections_in_use', at: inUse },
  { metric: 'server.db_connections_max', at: () => 20 },
];
const observed = (
  subject: { kind: 'endpoint' | 'server'; name: string; panel?: string },
  shape: 'rising' | 'stepped',
  [from, to]: [number, number],
): Observation => ({
  ...{ carried_by: null, figure: subject.kind === 'server' ? 'value' : 'p50', unit: 'ms', shape, from, to },
  subject: { panel: '', source: subject.kind === 'server' ? 'demo' : '', ...subject },
  ...{
    start_ms: 0,
    end_ms: SECONDS * 1000,
    at_ms: shape === 'stepped' ? 30_000 : null,
    until_ms: null,
    period_ms: null,
  },
  ...{ clarity: 20, overlap: 0, evenness: 1, per_hour: null },
});
const memory = (at: (second: number) => number): Watched[] => [
  { metric: 'server.process_resident_memory_bytes', unit: 'bytes', at },
];
const growth = { observed: [observed({ kind: 'server', name: 'resident', panel: 'memory' }, 'rising', [1e8, 3e8])] };
const stepped = { observed: [observed({ kind: 'endpoint', name: 'GET /x' }, 'stepped', [100, 600])] };
const cpu = (share: (second: number) => number): Watched[] => [
  { metric: 'server.machine_cpu_percent', unit: '%', at: (second) => 100 * share(second) },
];
const failing = (when: (second: number) => boolean, status = '503') => ({
  status: (second: number, number: number) => (when(second) && number === 3 ? status : '200'),
});

describe('a finding is a possible cause of a missed target', () => {
  const inEpisode = (second: number) => second >= 20 && second < 40;
  /** GET /a fails without a response, GET /b with 503. */
  const failsInBoth = { status: (_: number, number: number) => (number === 2 ? '0' : number === 3 ? '503' : '200') };
  const rows: ReadonlyArray<readonly [what: string, kind: string, run: Run, isCause: boolean]> = [
    [
      'a pool that was full while requests were slow',
      'server_exhausted',
      { latency: late, watched: pool((s) => (inEpisode(s) ? 20 : 5)), thresholds: SLOW },
      true,
    ],
    [
      'a pool that was full all along',
      'server_exhausted',
      { latency: late, watched: pool(() => 20), thresholds: SLOW },
      false,
    ],
    [
      'a pool that was full while nothing was slower',
      'server_exhausted',
      { latency: () => 600, watched: pool((s) => (inEpisode(s) ? 20 : 5)), thresholds: SLOW },
      false,
    ],
    [
      'a CPU that was saturated while requests were slow',
      'server_busy',
      { latency: late, watched: cpu((s) => (inEpisode(s) ? 1 : 0.4)), thresholds: SLOW },
      true,
    ],
    [
      'a CPU that was saturated all along',
      'server_busy',
      { latency: late, watched: cpu(() => 0.99), thresholds: SLOW },
      false,
    ],
    [
      'a CPU that was saturated at another time',
      'server_busy',
      { latency: late, watched: cpu((s) => (s >= 42 ? 1 : 0.4)), thresholds: SLOW },
      false,
    ],
    [
      'failed requests, of a missed share of failures',
      'http_errors',
      { ...failing(() => true), thresholds: { http_req_failed: 'rate<0.01' } },
      true,
    ],
    [
      'failed requests, of checks that they fail',
      'http_errors',
      { ...failing(() => true), thresholds: { checks: 'rate>0.99' } },
      true,
    ],
    [
      'failed requests while the others were slow',
      'http_errors',
      { ...failing(inEpisode), latency: late, thresholds: SLOW },
      true,
    ],
    [
      'as many failed requests all along',
      'http_errors',
      { ...failing(() => true), latency: late, thresholds: SLOW },
      false,
    ],
    [
      'failed requests before the others were slow',
      'http_errors',
      { ...failing((s) => s < 15), latency: late, thresholds: SLOW },
      false,
    ],
    [
      'requests without a response while the others were slow',
      'transport_errors',
      { ...failing(inEpisode, '0'), latency: late, thresholds: SLOW },
      true,
    ],
    [
      'as many requests without a response all along',
      'transport_errors',
      { ...failing(() => true, '0'), latency: late, thresholds: SLOW },
      false,
    ],
    [
      'requests without a response, of a missed share',
      'transport_errors',
      { ...failing(() => true, '0'), thresholds: { http_req_failed: 'rate<0.01' } },
      true,
    ],
    [
      'a pool that was full in the only seconds in which orders failed',
      'server_exhausted',
      {
        latency: late,
        watched: pool((s) => (inEpisode(s) ? 20 : 5)),
        failedOrders: (s) => (inEpisode(s) ? 3 : 0),
        thresholds: { failed_orders: 'count<10' },
      },
      true,
    ],
    [
      'error responses of another endpoint, where its own requests had none',
      'http_errors',
      { ...failsInBoth, names: ['GET /a', 'GET /b'], thresholds: { 'http_req_failed{name:GET /a}': 'rate<0.01' } },
      false,
    ],
    [
      'requests without a response among those of an endpoint',
      'transport_errors',
      { ...failsInBoth, names: ['GET /a', 'GET /b'], thresholds: { 'http_req_failed{name:GET /a}': 'rate<0.01' } },
      true,
    ],
    [
      'error responses, where all that failed had none',
      'http_errors',
      { ...failing(() => true), thresholds: { 'http_req_failed{status:0}': 'rate<0.01' } },
      false,
    ],
    [
      'an endpoint without which the rest is fast enough',
      'slow_endpoint',
      { names: ['a', 'b', 'c', 'd', 'e'], latency: (_, name) => (name === 'e' ? 900 : 100), thresholds: SLOW },
      true,
    ],
    [
      'an endpoint without which the rest is as late',
      'slow_endpoint',
      { names: ['a', 'b', 'c', 'd', 'e'], latency: (_, name) => (name === 'e' ? 3000 : 300), thresholds: SLOW },
      false,
    ],
    [
      'a machine that was saturated while requests were slow',
      'generator_machine',
      { latency: late, health: (s) => ({ machineCpu: inEpisode(s) ? 1 : 0.3 }), thresholds: SLOW },
      true,
    ],
    [
      'a machine that was saturated all along',
      'generator_machine',
      { latency: late, health: () => ({ machineCpu: 1 }), thresholds: SLOW },
      false,
    ],
    [
      'a busy machine, of failed requests',
      'generator_machine',
      {
        ...failing(inEpisode),
        latency: late,
        health: (s) => ({ machineCpu: inEpisode(s) ? 1 : 0.3 }),
        thresholds: { http_req_failed: 'rate<0.01' },
      },
      false,
    ],
    [
      'response times that stepped',
      'response_time_rose',
      { latency: (s) => (s < 30 ? 100 : 600), input: stepped, thresholds: SLOW },
      true,
    ],
    [
      'a step of one endpoint, of another one',
      'response_time_rose',
      {
        names: ['GET /x', 'GET /y'],
        latency: (s, name) => (name === 'GET /y' ? 400 : s < 30 ? 100 : 600),
        input: stepped,
        thresholds: { 'http_req_duration{name:GET /y}': 'p(95)<200' },
      },
      false,
    ],
    [
      'memory that grew with the response time',
      'server_growth',
      {
        latency: (s) => 100 + 10 * s,
        watched: memory((s) => 1e8 + 3e6 * Math.max(0, s)),
        input: growth,
        thresholds: SLOW,
      },
      true,
    ],
    [
      'memory that grew while the response time stayed',
      'server_growth',
      { latency: () => 600, watched: memory((s) => 1e8 + 3e6 * Math.max(0, s)), input: growth, thresholds: SLOW },
      false,
    ],
  ];
  for (const [what, kind, run, isCause] of rows) {
    it(`${isCause ? 'if it is' : 'but not if it is'} ${what}`, () => {
      const found = movedWith(run);
      expect(found, kind).to.have.property(kind);
      expect(found[kind], kind).to.equal(isCause ? 1 : 0);
    });
  }
});

describe('two series move together', () => {
  const course = (values: readonly number[]) => new Map(values.map((value, index) => [index * 1000, value]));
  const noise = seeded(3);
  const flat = Array.from({ length: 40 }, () => 100 + noise());
  const upper = (from: number, to: number) => Array.from({ length: 40 }, (_, i) => Number(i >= from && i < to));
  const rows: ReadonlyArray<readonly [when: string, x: readonly number[], y: readonly number[], answer: boolean]> = [
    ['while one holds the other is higher', upper(10, 20), flat.map((v, i) => (i >= 10 && i < 20 ? 2 * v : v)), true],
    ['both rise all along', flat.map((_, i) => i), flat.map((v, i) => v + 5 * i), true],
    ['one rises and the other falls', flat.map((_, i) => i), flat.map((v, i) => v - 2 * i), false],
    ['one never changes', flat.map(() => 1), flat.map((v, i) => v + 5 * i), false],
    ['the other is noise', upper(10, 20), flat, false],
    ['the other is higher by a hundredth', upper(10, 20), flat.map((v, i) => (i >= 10 && i < 20 ? v + 2 : v)), false],
    ['one held in two intervals', upper(10, 12), flat.map((v, i) => (i >= 10 && i < 12 ? 2 * v : v)), false],
    ['there are no intervals', [], [], false],
  ];
  for (const [when, x, y, answer] of rows) {
    it(`${answer ? 'if' : 'but not if'} ${when}`, () => {
      expect(movesTogether(course(x), course(y))).to.equal(answer);
    });
  }

  it('by chance in at most 2 of 100 pairs of noise', () => {
    const random = seeded(11);
    let found = 0;
    for (let pair = 0; pair < 500; pair++) {
      const [x, y] = [0, 1].map(() => Array.from({ length: 60 }, () => random() * 10 + 1));
      if (movesTogether(course(x ?? []), course(y ?? []))) found++;
    }
    expect(found).to.be.at.most(10);
  });
});
