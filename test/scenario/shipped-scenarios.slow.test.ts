// The scenarios that people copy, against the demo shop: every check passes and every threshold has data.

import { join } from 'node:path';
import { expect } from 'chai';
import { type Demo, startDemo } from '../../runner/demo/start.ts';
import type { K6 } from '../../runner/k6/find.ts';
import { inspectScript } from '../../runner/k6/inspect.ts';
import { PROFILES, type Profile } from '../../runner/model/plan.ts';
import { listScenarios } from '../../runner/scenario/list.ts';
import { prepareScenario } from '../../runner/scenario/prepare.ts';
import { packageRoot } from '../../runner/system/package-root.ts';
import { K6_BUILD_TIMEOUT_MS, runOnK6, testK6 } from './real-k6.ts';
import { removeTemporaryProjects, temporaryProject } from './temporary-project.ts';

describe('the shipped scenarios', () => {
  let k6: K6;
  let demo: Demo;
  before(async function () {
    this.timeout(K6_BUILD_TIMEOUT_MS);
    k6 = await testK6();
    demo = await startDemo();
  });
  after(async () => {
    removeTemporaryProjects();
    await demo.stop();
  });

  const prepare = (name: string, profile: Profile, duration: string) =>
    prepareScenario({
      scriptPath: join(packageRoot, 'scenarios', `${name}.ts`),
      flags: { profile, duration },
      baseUrl: demo.url,
      inspect: (bundle, env) => inspectScript(k6, bundle, env),
    });

  const shipped: [name: string, requests: string[], checks: number, own: string[]][] = [
    ['browse-catalog', ['GET /products', 'GET /products/:id', 'GET /products/:id/related'], 8, []],
    ['checkout', ['POST /cart/items', 'POST /login', 'POST /orders'], 7, ['checkout_duration', 'order_accepted']],
    ['search', ['GET /search'], 3, []],
  ];
  for (const [name, requests, checks, own] of shipped) {
    it(`${name} passes its checks and judges every request by its name`, async () => {
      const { bundle, plan, env } = await prepare(name, 'smoke', '3s');
      const { exitCode, samples, log, failedChecks } = await runOnK6(k6, bundle, env);
      expect({ exitCode, log, failedChecks }).to.deep.equal({ exitCode: 0, log: [], failedChecks: 0 });
      const tagged = (metric: string, tag: string) =>
        new Set(
          [...samples.keys()]
            .filter((key) => key.startsWith(`${metric}{`))
            .map((key) => new RegExp(`${tag}=([^,}]*)`).exec(key)?.[1]),
        );
      expect([...tagged('http_reqs', 'name')].sort()).to.deep.equal(requests);
      expect(tagged('checks', 'check').size).to.equal(checks);
      const seen = new Set([...samples.keys()].map((key) => key.slice(0, key.indexOf('{'))));
      for (const metric of own) expect(seen).to.include(metric);
      for (const { metric } of plan.thresholds) {
        const [, base = '', request] = /^(\w+)(?:\{name:(.*)\})?$/.exec(metric) ?? [];
        if (request === undefined) expect(seen).to.include(base);
        else expect(requests).to.include(request);
      }
    });
  }

  for (const profile of PROFILES) {
    it(`have the profile ${profile}`, async () => {
      for (const [name] of shipped) {
        const { plan } = await prepare(name, profile, '90s');
        expect(plan).to.include({ profile, typed: true, totalDurationMs: 100_000 });
      }
    });
  }

  it('add little of novaperf to k6', async () => {
    const { bundle } = await prepare('browse-catalog', 'load', '1m');
    expect(bundle.code.indexOf('//# sourceMappingURL')).to.be.lessThan(49_000);
  });

  it('are listed with component, profiles and thresholds', async () => {
    const listed = await listScenarios(k6, packageRoot);
    expect(listed.map(({ name, component, typed, problem }) => ({ name, component, typed, problem }))).to.deep.equal([
      { name: 'browse-catalog', component: 'Catalog', typed: true, problem: undefined },
      { name: 'checkout', component: 'Checkout', typed: true, problem: undefined },
      { name: 'search', component: 'Search', typed: true, problem: undefined },
    ]);
    expect(listed[2]?.thresholds).to.include('http_req_duration{name:GET /search} med<150');
    for (const { profiles } of listed) expect(profiles).to.deep.equal([...PROFILES]);
  });

  it('stay in the list if one is broken, plain or not in a profile', async () => {
    const root = temporaryProject({
      'scenarios/broken.ts': 'export default (;',
      'scenarios/plain.js': 'export default () => {}',
      'scenarios/throws.js': 'throw new Error("no luck")',
      'scenarios/picky.js': `import { defineScenario } from 'novaperf';
        export const options = defineScenario({ component: 'P', load: { vus: 1 }, profiles: { load: { enabled: false } } });
        export default () => {};`,
    });
    const listed = await listScenarios(k6, root);
    expect(listed.map(({ name, component, profiles }) => [name, component, profiles.length])).to.deep.equal([
      ['broken', '', 0],
      ['picky', 'P', 5],
      ['plain', 'Plain', 6],
      ['throws', '', 0],
    ]);
    expect(listed[0]?.problem).to.match(/^Unexpected ";"/);
    expect(listed[3]?.problem).to.include('no luck');
  });
});
