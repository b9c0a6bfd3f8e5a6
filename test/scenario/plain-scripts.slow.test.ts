// Scripts without novaperf's API: their own load without flags, the profile's shape with --profile.

import { join } from 'node:path';
import { expect } from 'chai';
import type { K6 } from '../../runner/k6/find.ts';
import { inspectScript } from '../../runner/k6/inspect.ts';
import type { LoadFlags } from '../../runner/scenario/override.ts';
import { type Inspect, prepareScenario } from '../../runner/scenario/prepare.ts';
import { durationMs } from '../../runner/system/duration.ts';
import { K6_BUILD_TIMEOUT_MS, runOnK6, testK6 } from './real-k6.ts';
import { startTarget, type Target } from './target.ts';
import { removeTemporaryProjects, temporaryProject } from './temporary-project.ts';

const scripts = join(import.meta.dirname, '../fixtures/scripts');

describe('a plain script', () => {
  let k6: K6;
  let target: Target;
  before(async function () {
    this.timeout(K6_BUILD_TIMEOUT_MS);
    k6 = await testK6();
    target = await startTarget();
  });
  after(async () => {
    removeTemporaryProjects();
    await target.close();
  });

  const inspect: Inspect = (bundle, env) => inspectScript(k6, bundle, env);
  const prepare = (scriptPath: string, flags: LoadFlags = {}, component?: string) =>
    prepareScenario({ scriptPath, flags, component, baseUrl: target.url, inspect });
  const withOptions = (options: string, exports = 'export default function () {}') =>
    join(temporaryProject({ 'my-shop.test.js': `export const options = ${options};\n${exports}` }), 'my-shop.test.js');

  it('runs with its own load, with its file name as component', async () => {
    const { plan } = await prepare(join(scripts, 'stages-and-groups.js'));
    expect(plan).to.deep.include({
      name: 'stages-and-groups',
      component: 'StagesAndGroups',
      typed: false,
      profile: 'own',
      maxVUs: 2,
      totalDurationMs: 31_200,
      phases: [
        { name: 'stage 1: 2 VUs', kind: 'ramp-up', startMs: 0, endMs: 500 },
        { name: 'stage 2: 2 VUs', kind: 'hold', startMs: 500, endMs: 1000 },
        { name: 'stage 3: 0 VUs', kind: 'ramp-down', startMs: 1000, endMs: 1200 },
      ],
    });
    expect((await prepare(join(scripts, 'throws.ts'), {}, 'Cart')).plan.component).to.equal('Cart');
  });

  const own: [
    options: string,
    phases: [name: string, startMs: number, endMs: number][],
    peakRate: number | undefined,
  ][] = [
    [`{ vus: 2, duration: '10s' }`, [['steady', 0, 10_000]], undefined],
    [`{ iterations: 3 }`, [], undefined],
    [`{}`, [], undefined],
    [
      `{ scenarios: { a: { executor: 'constant-arrival-rate', rate: 90, timeUnit: '1m', duration: '20s', preAllocatedVUs: 3, startTime: '5s' } } }`,
      [['steady', 5000, 25_000]],
      1.5,
    ],
    [
      `{ scenarios: { a: { executor: 'ramping-arrival-rate', startRate: 5, preAllocatedVUs: 3, stages: [{ duration: '1m', target: 5 }, { duration: '1m', target: 50 }] } } }`,
      [
        ['stage 1: 5/1s', 0, 60_000],
        ['stage 2: 50/1s', 60_000, 120_000],
      ],
      50,
    ],
    [
      `{ scenarios: { a: { executor: 'constant-vus', duration: '1s' }, b: { executor: 'constant-arrival-rate', rate: 7, duration: '2s', preAllocatedVUs: 1 } } }`,
      [],
      7,
    ],
  ];
  for (const [options, phases, peakRate] of own) {
    it(`has the phases and the requested rate of ${options}`, async () => {
      const { plan } = await prepare(withOptions(options));
      expect(plan.phases.map(({ name, startMs, endMs }) => [name, startMs, endMs])).to.deep.equal(phases);
      expect(plan.peakRate).to.equal(peakRate);
      expect(plan.component).to.equal('MyShopTest');
    });
  }

  const TWO = `{ scenarios: {
    browse: { executor: 'constant-vus', vus: 30, duration: '5m', exec: 'browse', tags: { flow: 'b' } },
    buy: { executor: 'ramping-vus', startVUs: 0, stages: [{ duration: '1m', target: 10 }], exec: 'buy', env: { PAY: 'card' }, startTime: '1m' },
    again: { executor: 'per-vu-iterations', vus: 5, exec: 'browse', startTime: '9m' } },
    thresholds: { 'iterations{scenario:buy}': ['count>1'] }, tags: { suite: 's' } }`;
  const TWO_EXPORTS = 'export function browse() {}\nexport function buy() {}';
  const vus = (executor: string, most: number) => ({ executor, most });
  const overridden: [
    what: string,
    options: string,
    exports: string | undefined,
    flags: LoadFlags,
    scenarios: object,
    phases: number,
  ][] = [
    ['ten users if it sets none', '{}', undefined, { profile: 'load' }, { default: vus('ramping-vus', 10) }, 3],
    [
      'its own users',
      '{ vus: 4, iterations: 100 }',
      undefined,
      { profile: 'load' },
      { default: vus('ramping-vus', 4) },
      3,
    ],
    [
      'the highest of its stages',
      `{ stages: [{ duration: '1s', target: 25 }, { duration: '1s', target: 3 }] }`,
      undefined,
      { profile: 'stress' },
      { default: vus('ramping-vus', 75) },
      11,
    ],
    [
      'smoke, cut',
      '{ vus: 40, duration: "1m" }',
      undefined,
      { profile: 'smoke' },
      { default: vus('constant-vus', 2) },
      1,
    ],
    [
      '--vus alone, in the shape of load',
      '{ vus: 40, duration: "1m" }',
      undefined,
      { vus: 5 },
      { default: vus('ramping-vus', 5) },
      3,
    ],
    ['--rate', '{ vus: 40, duration: "1m" }', undefined, { rate: 8 }, { default: vus('ramping-arrival-rate', 8) }, 3],
    [
      'its own rate',
      `{ scenarios: { a: { executor: 'constant-arrival-rate', rate: 120, timeUnit: '1m', duration: '9m', preAllocatedVUs: 7 } } }`,
      undefined,
      { profile: 'spike' },
      { a: vus('ramping-arrival-rate', 10) },
      7,
    ],
    [
      'each of its scenarios, with its own users',
      TWO,
      TWO_EXPORTS,
      { profile: 'load' },
      { browse: vus('ramping-vus', 30), buy: vus('ramping-vus', 10), again: vus('ramping-vus', 5) },
      3,
    ],
    [
      '--vus shared out by its own proportion',
      TWO,
      TWO_EXPORTS,
      { profile: 'soak', vus: 8, duration: '90s' },
      { browse: vus('ramping-vus', 6), buy: vus('ramping-vus', 2), again: vus('ramping-vus', 1) },
      3,
    ],
  ];
  for (const [what, options, exports, flags, scenarios, phases] of overridden) {
    it(`gets the shape of a profile: ${what}`, async () => {
      const { plan } = await prepare(withOptions(options, exports), flags);
      const summary = Object.entries(plan.k6Scenarios).map(([name, { executor, ...rest }]) => {
        const targets = Array.isArray(rest.stages) ? rest.stages.map(({ target: most }) => most) : [];
        return [name, { executor, most: Math.max(...targets, Number(rest.vus ?? 0)) }];
      });
      expect(Object.fromEntries(summary)).to.deep.equal(scenarios);
      expect(plan).to.include({ typed: false, profile: flags.profile ?? 'load' });
      expect(plan.phases).to.have.length(phases);
      const endsMs = Object.values(plan.k6Scenarios).map(({ startTime, stages, duration }) => {
        const lengths = Array.isArray(stages)
          ? stages.map((stage) => durationMs(stage.duration) ?? 0)
          : [durationMs(String(duration)) ?? 0];
        return lengths.reduce((sum, ms) => sum + ms, durationMs(String(startTime ?? '0s')) ?? 0);
      });
      if (flags.duration !== undefined) expect(Math.max(...endsMs)).to.be.closeTo(90_000, 2);
    });
  }

  it('keeps everything except its load with a profile', async () => {
    const { plan } = await prepare(withOptions(TWO, TWO_EXPORTS), { profile: 'load' });
    expect(plan.thresholds.map(({ metric, expression }) => [metric, expression])).to.deep.equal([
      ['iterations{scenario:buy}', 'count>1'],
    ]);
    expect(plan.options.tags).to.deep.equal({ suite: 's' });
    expect(plan.k6Scenarios.browse).to.deep.include({ exec: 'browse', tags: { flow: 'b' } });
    expect(plan.k6Scenarios.buy).to.deep.include({ exec: 'buy', env: { PAY: 'card' } });
  });

  for (const script of [
    'scenarios-and-exec.js',
    'commonjs.js',
    'typed-async.ts',
    'local-modules.js',
    'export-list.js',
  ]) {
    it(`runs in the shape of a profile: ${script}`, async () => {
      const { bundle, plan, env } = await prepare(join(scripts, script), { profile: 'smoke', duration: '1s' });
      const { exitCode, samples, log } = await runOnK6(k6, bundle, { ...env, GRPC_ADDR: target.grpcAddress });
      expect(exitCode, log.join('\n')).to.equal(0);
      const iterated = [...samples].filter(([key]) => key.startsWith('iterations{'));
      expect(iterated.map(([key]) => /scenario=(\w+)/.exec(key)?.[1]).sort()).to.deep.equal(
        Object.keys(plan.k6Scenarios).sort(),
      );
      for (const [, count] of iterated) expect(count).to.be.greaterThan(3);
    });
  }

  it('may be CommonJS: an exports object with options, files of other folders', async () => {
    const root = temporaryProject({
      'a.js': `const { add } = require('./lib/sum.js');
        module.exports = { default() { console.log(add(1, 2)); } };
        module.exports.options = { vus: 1, iterations: 1 };
        module.exports.handleSummary = () => ({});`,
      'lib/sum.js': `const offset = Number(open('./offset.txt'));
        exports.add = (a, b) => a + b + offset;`,
      'lib/offset.txt': '10',
    });
    const unbundled = await runOnK6(k6, { path: join(root, 'a.js') });
    const { bundle, plan } = await prepare(join(root, 'a.js'));
    const bundled = await runOnK6(k6, bundle);
    expect(bundled.log).to.deep.equal(['13']);
    expect(bundled).to.deep.equal(unbundled);
    expect(plan).to.include({ hasHandleSummary: true, profile: 'own' });
    const shaped = await prepare(join(root, 'a.js'), { profile: 'soak', vus: 1, duration: '1s' });
    expect((await runOnK6(k6, shaped.bundle)).log).to.include('13');
  });
});
