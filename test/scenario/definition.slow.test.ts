// defineScenario() in real k6: the plan of a definition with flags, and the errors of invalid ones.

import { join } from 'node:path';
import { expect } from 'chai';
import type { K6 } from '../../runner/k6/find.ts';
import { inspectScript } from '../../runner/k6/inspect.ts';
import type { ScenarioPlan } from '../../runner/model/plan.ts';
import { bundleScript } from '../../runner/scenario/bundle.ts';
import type { LoadFlags } from '../../runner/scenario/override.ts';
import { type Inspect, prepareIfInProfile, prepareScenario } from '../../runner/scenario/prepare.ts';
import { errorOf } from './error-of.ts';
import { K6_BUILD_TIMEOUT_MS, runOnK6, testK6 } from './real-k6.ts';
import { removeTemporaryProjects, temporaryProject } from './temporary-project.ts';

describe('a defined scenario on real k6', () => {
  let k6: K6;
  before(async function () {
    this.timeout(K6_BUILD_TIMEOUT_MS);
    k6 = await testK6();
  });
  after(removeTemporaryProjects);

  const inspect: Inspect = (bundle, env) => inspectScript(k6, bundle, env);
  const scriptOf = (definition: string): string => {
    const source = [
      `import { baseUrl, defineScenario } from 'novaperf';`,
      `export const options = defineScenario(${definition});`,
      `import { sleep } from 'k6';`,
      `export default function () { console.log(baseUrl); sleep(1.2); }`,
    ];
    return join(temporaryProject({ 'scenarios/shop.js': source.join('\n') }), 'scenarios/shop.js');
  };
  const planOf = async (definition: string, flags: LoadFlags = {}): Promise<ScenarioPlan> =>
    (await prepareScenario({ scriptPath: scriptOf(definition), flags, inspect })).plan;

  it("becomes a plan with component, phases, and k6's duration and users", async () => {
    const plan = await planOf(
      `{ component: 'Catalog', description: 'Browses', load: { vus: 20 }, tags: { team: 'shop' },
         thresholds: { http_req_duration: ['p(95)<250', { threshold: 'max<9000', abortOnFail: true, delayAbortEval: '10s' }] } }`,
      { profile: 'soak', duration: '90s' },
    );
    expect(plan).to.deep.include({
      name: 'shop',
      component: 'Catalog',
      description: 'Browses',
      typed: true,
      profile: 'soak',
      totalDurationMs: 100_000,
      maxVUs: 20,
      peakRate: undefined,
      hasHandleSummary: false,
      phases: [
        { name: 'ramp-up', kind: 'ramp-up', startMs: 0, endMs: 4500 },
        { name: 'steady', kind: 'hold', startMs: 4500, endMs: 87_000 },
        { name: 'ramp-down', kind: 'ramp-down', startMs: 87_000, endMs: 90_000 },
      ],
      thresholds: [
        { metric: 'http_req_duration', expression: 'p(95)<250', abortOnFail: false, delayAbortEvalMs: 0 },
        { metric: 'http_req_duration', expression: 'max<9000', abortOnFail: true, delayAbortEvalMs: 10_000 },
      ],
    });
    expect(plan.options.tags).to.deep.equal({ team: 'shop' });
  });

  const loads: [what: string, definition: string, flags: LoadFlags, expected: Partial<ScenarioPlan>][] = [
    [
      'smoke is two users of twenty',
      `{ component: 'C', load: { vus: 20 } }`,
      { profile: 'smoke' },
      { maxVUs: 2, totalDurationMs: 20_000 },
    ],
    [
      '--vus is taken as it is, in smoke too',
      `{ component: 'C', load: { vus: 20 } }`,
      { profile: 'smoke', vus: 7 },
      { maxVUs: 7 },
    ],
    [
      'an override of smoke is taken as it is',
      `{ component: 'C', load: { vus: 20 }, profiles: { smoke: { vus: 3, duration: '5s' } } }`,
      { profile: 'smoke' },
      { maxVUs: 3, totalDurationMs: 15_000 },
    ],
    [
      'no profile is load',
      `{ component: 'C', load: { vus: 20 } }`,
      {},
      { profile: 'load', maxVUs: 20, totalDurationMs: 250_000 },
    ],
    [
      'stress triples the base',
      `{ component: 'C', load: { vus: 20 } }`,
      { profile: 'stress', duration: '60s' },
      { maxVUs: 60, totalDurationMs: 70_000 },
    ],
    ['a rate is an open model', `{ component: 'C', load: { rate: 50, maxVUs: 80 } }`, {}, { peakRate: 50, maxVUs: 80 }],
    [
      'breakpoint raises the rate tenfold',
      `{ component: 'C', load: { rate: 1.5, maxVUs: 8 } }`,
      { profile: 'breakpoint' },
      { peakRate: 15, maxVUs: 80 },
    ],
    [
      '--rate makes a closed scenario open',
      `{ component: 'C', load: { vus: 20 } }`,
      { rate: 30, vus: 60 },
      { peakRate: 30, maxVUs: 60 },
    ],
    [
      '--vus makes an open scenario closed',
      `{ component: 'C', load: { rate: 20 } }`,
      { vus: 4 },
      { peakRate: undefined, maxVUs: 4 },
    ],
    [
      'stages of the scenario replace the shape',
      `{ component: 'C', load: { vus: 10 }, profiles: { load: { stages: [{ duration: '2s', target: 30 }, { duration: '2s', target: 0 }] } } }`,
      {},
      { maxVUs: 30, totalDurationMs: 14_000 },
    ],
    [
      '--vus scales stages by its ratio to the base',
      `{ component: 'C', load: { vus: 10 }, profiles: { load: { stages: [{ duration: '2s', target: 30 }] } } }`,
      { vus: 20 },
      { maxVUs: 60 },
    ],
    [
      'gracefulStop is the scenario’s',
      `{ component: 'C', load: { vus: 1 }, gracefulStop: '3s' }`,
      { duration: '10s' },
      { totalDurationMs: 13_000 },
    ],
  ];
  for (const [what, definition, flags, expected] of loads) {
    it(`derives its load: ${what}`, async () => {
      expect(await planOf(definition, flags)).to.include(expected);
    });
  }

  it('adds the thresholds of the profile to its own', async () => {
    const definition = `{ component: 'C', load: { vus: 1 }, thresholds: { iterations: ['count>1'], http_reqs: ['count>2'] },
      profiles: { stress: { thresholds: { http_reqs: ['count>3'], data_sent: ['count>4'] } } } }`;
    const texts = (plan: ScenarioPlan) =>
      plan.thresholds.map(({ metric, expression }) => `${metric} ${expression}`).sort();
    expect(texts(await planOf(definition, { profile: 'stress' }))).to.deep.equal([
      'data_sent count>4',
      'http_reqs count>3',
      'iterations count>1',
    ]);
    expect(texts(await planOf(definition))).to.deep.equal(['http_reqs count>2', 'iterations count>1']);
  });

  it('is not part of a profile that it disables', async () => {
    const scriptPath = scriptOf(`{ component: 'C', load: { vus: 1 }, profiles: { soak: { enabled: false } } }`);
    const soak = { scriptPath, flags: { profile: 'soak' }, inspect } as const;
    expect(await prepareIfInProfile(soak)).to.deep.equal({ component: 'C' });
    expect(await prepareIfInProfile({ ...soak, flags: { profile: 'load' } })).to.have.nested.property(
      'plan.profile',
      'load',
    );
    expect((await errorOf(prepareScenario(soak))).message).to.equal(
      'Expected a scenario with the profile soak, found it disabled in shop.',
    );
  });

  const wrong: [definition: string, complaints: string[]][] = [
    [
      `{}`,
      [
        'component: expected the name of a component, found nothing',
        'load: expected { vus } or { rate, maxVUs }, found nothing',
      ],
    ],
    [`undefined`, ['expected an object, found null']],
    [`{ component: 'C', load: { vus: '20' } }`, ['load.vus: expected a positive whole number, found "20"']],
    [`{ component: 'C', load: { vus: Number('x') } }`, ['load.vus: expected a positive whole number, found "NaN"']],
    [`{ component: 'C', load: { vus: 2.5 } }`, ['load.vus: expected a positive whole number, found 2.5']],
    [
      `{ component: 'C', load: { vus: 2, rate: 3 } }`,
      ['load: expected either { vus } or { rate, maxVUs }, found {"vus":2,"rate":3}'],
    ],
    [
      `{ component: 'C', load: { rate: -1 } }`,
      ['load.rate: expected iterations per second, a positive number, found -1'],
    ],
    [
      `{ component: '../C', load: { vus: 1 } }`,
      ['component: expected a name of letters, digits, space, . _ -, found "../C"'],
    ],
    [
      `{ component: 'C', load: { vus: 1 }, profiles: { soke: {} } }`,
      ['profiles: expected smoke, load, stress, spike, soak, breakpoint, found "soke"; did you mean smoke?'],
    ],
    [
      `{ component: 'C', load: { vus: 1 }, profiles: { soak: { duration: '1x' } } }`,
      ['profiles.soak.duration: expected a duration such as "90s", found "1x"'],
    ],
    [
      `{ component: 'C', load: { vus: 1 }, profiles: { load: { duration: '5ms' } } }`,
      ['profiles.load.duration: expected a duration of a second or more, such as "90s", found "5ms"'],
    ],
    [
      `{ component: 'C', load: { vus: 1 }, profiles: { load: { stages: [{ duration: '0s', target: 3 }] } } }`,
      ['profiles.load.stages: expected stages that last longer than 0 s in all, found [{"duration":"0s","target":3}]'],
    ],
    [
      `{ component: 'C', load: { vus: 1 }, tresholds: {} }`,
      ['tresholds: expected a field of defineScenario or an option of k6; did you mean thresholds?'],
    ],
    [
      `{ component: 'C', load: { vus: 1 }, thresholds: { checks: 'rate>0.9' } }`,
      ['thresholds.checks: expected a list of assertions such as ["p(95)<250"], found "rate>0.9"'],
    ],
    [
      `{ component: 'C', load: { vus: 1 }, duration: '1m' }`,
      ['duration: expected no such field: set the load in load, or use a plain k6 script without defineScenario'],
    ],
  ];
  for (const [definition, complaints] of wrong) {
    it(`gives an error for ${definition}`, async () => {
      const scriptPath = scriptOf(definition);
      const text = complaints.map((complaint) => `${scriptPath}: ${complaint}`).join('\n');
      expect((await errorOf(prepareScenario({ scriptPath, flags: {}, inspect }))).message).to.equal(text);
    });
  }

  it('is a plain k6 script once bundled, with the profile from the environment and the target from BASE_URL', async () => {
    const bundle = await bundleScript(
      scriptOf(`{ component: 'C', load: { vus: 3 }, profiles: { load: { duration: '1s' } } }`),
    );
    const plain = await runOnK6(k6, bundle);
    expect(plain.exitCode).to.equal(0);
    expect(plain.log).to.include('http://127.0.0.1:3333');
    const withFlags = await runOnK6(k6, bundle, {
      NOVAPERF_PROFILE: 'smoke',
      NOVAPERF_DURATION: '1s',
      BASE_URL: 'http://shop.test/',
    });
    expect(withFlags.samples.get('iterations{group=,scenario=default}')).to.equal(2);
    expect(new Set(withFlags.log)).to.deep.equal(new Set(['http://shop.test']));
  });

  it('gives its error in plain k6 too', async () => {
    const { exitCode, log } = await runOnK6(
      k6,
      await bundleScript(scriptOf(`{ component: 'C', load: { vus: '20' } }`)),
    );
    expect(exitCode).to.equal(107);
    expect(log.join('\n')).to.include('defineScenario: load.vus: expected a positive number, found "20"');
  });
});
