// Journeys on real k6: the plan, the proportion of iterations, and errors for invalid ones.

import { join } from 'node:path';
import { expect } from 'chai';
import type { K6 } from '../../runner/k6/find.ts';
import { inspectScript } from '../../runner/k6/inspect.ts';
import type { LoadFlags } from '../../runner/scenario/override.ts';
import { type Inspect, prepareScenario } from '../../runner/scenario/prepare.ts';
import { errorOf } from './error-of.ts';
import { K6_BUILD_TIMEOUT_MS, runOnK6, testK6 } from './real-k6.ts';
import { removeTemporaryProjects, temporaryProject } from './temporary-project.ts';

describe('a scenario with journeys on real k6', () => {
  let k6: K6;
  before(async function () {
    this.timeout(K6_BUILD_TIMEOUT_MS);
    k6 = await testK6();
  });
  after(removeTemporaryProjects);

  const inspect: Inspect = (bundle, env) => inspectScript(k6, bundle, env);
  const prepare = (definition: string, flags: LoadFlags = {}) => {
    const source = `import { defineScenario } from 'novaperf';
import { sleep } from 'k6';
import exec from 'k6/execution';
export const options = defineScenario(${definition});
function visit(journey) {
  console.log(journey + ' ' + exec.vu.idInTest);
  sleep(0.1);
}
export function browse() { visit('browse'); }
export function buy() { visit('buy'); }
`;
    const root = temporaryProject({ 'scenarios/shop.js': source });
    return prepareScenario({ scriptPath: join(root, 'scenarios/shop.js'), flags, inspect });
  };
  const MIX = `{ component: 'Shop', load: { rate: 20 }, journeys: {
    browse: { exec: browse, weight: 7 },
    buy: { exec: 'buy', weight: 3, thresholds: { iteration_duration: ['p(95)<9000'], 'checks{name:x}': ['rate>0.9'] } },
  } }`;

  it('becomes one k6 scenario per journey, with its function, tag, share and thresholds', async () => {
    const { plan } = await prepare(MIX, { profile: 'smoke', rate: 10 });
    expect(plan.k6Scenarios.browse).to.include({ executor: 'constant-arrival-rate', rate: 7, exec: 'browse' });
    expect(plan.k6Scenarios.buy).to.deep.include({ rate: 3, exec: 'buy', tags: { journey: 'buy' } });
    expect(plan.phases.map(({ name }) => name)).to.deep.equal(['steady']);
    expect(plan.thresholds.map(({ metric }) => metric)).to.have.members([
      'iteration_duration{journey:buy}',
      'checks{name:x,journey:buy}',
    ]);
    expect(plan.peakRate).to.equal(10);
  });

  it('runs iterations in the proportion of the weights', async () => {
    const { bundle, env } = await prepare(MIX, { profile: 'smoke', rate: 20, duration: '3s' });
    const { samples, exitCode } = await runOnK6(k6, bundle, env);
    const iterations = (journey: string) =>
      [...samples].reduce(
        (sum, [key, n]) => sum + (key.startsWith('iterations{') && key.includes(`scenario=${journey}`) ? n : 0),
        0,
      );
    expect(exitCode).to.equal(0);
    expect(iterations('browse')).to.be.within(41, 43);
    expect(iterations('buy')).to.be.within(17, 19);
  });

  const shares: [profile: 'load' | 'stress' | 'spike' | 'soak', load: LoadFlags, weights: [number, number]][] = [
    ['load', { vus: 10 }, [7, 3]],
    ['load', { vus: 9 }, [7, 3]],
    ['soak', { vus: 7 }, [2, 1]],
    ['stress', { vus: 11 }, [7, 3]],
    ['spike', { vus: 5 }, [5, 1]],
    ['load', { rate: 37 }, [7, 3]],
    ['stress', { rate: 11 }, [2, 1]],
  ];
  for (const [profile, load, [browse, buy]] of shares) {
    it(`runs ${profile} with ${JSON.stringify(load)} at ${browse}:${buy}`, async () => {
      const definition = `{ component: 'Shop', load: ${JSON.stringify(load)}, journeys: {
        browse: { exec: browse, weight: ${browse} }, buy: { exec: buy, weight: ${buy} } } }`;
      const { plan, bundle, env } = await prepare(definition, { profile, duration: '4s' });
      const { log, samples } = await runOnK6(k6, bundle, env);
      const share = browse / (browse + buy);
      if (load.rate === undefined) {
        const usersOf = (journey: string) => new Set(log.filter((line) => line.startsWith(`${journey} `))).size;
        const found = { browse: usersOf('browse'), buy: usersOf('buy') };
        const expected = Math.round(plan.maxVUs * share);
        expect(found).to.deep.equal({ browse: expected, buy: plan.maxVUs - expected });
        return;
      }
      const iterationsOf = (journey: string) =>
        [...samples].reduce(
          (sum, [key, n]) => sum + (key.startsWith('iterations{') && key.includes(`scenario=${journey}`) ? n : 0),
          0,
        );
      const all = iterationsOf('browse') + iterationsOf('buy');
      expect(all).to.be.above(20);
      expect(iterationsOf('browse')).to.be.closeTo(all * share, 2);
    });
  }

  it('runs each journey once in a trial', async () => {
    const { plan } = await prepare(
      `{ component: 'Shop', load: { vus: 9 }, journeys: { a: { exec: browse }, b: { exec: buy } } }`,
    );
    expect(plan.maxVUs).to.equal(9);
  });

  const wrong: [what: string, journeys: string, message: RegExp][] = [
    ['a weight of 0', `{ a: { exec: browse, weight: 0 } }`, /journeys\.a\.weight: expected a positive number/],
    ['no function', `{ a: { weight: 1 } }`, /journeys\.a\.exec: expected an exported function/],
    ['an unknown field', `{ a: { exec: buy, wieght: 1 } }`, /did you mean weight\?/],
    ['a name that k6 rejects', `{ 'a b': { exec: buy } }`, /expected a name of letters, digits/],
    ['no journeys', `{}`, /one journey or more/],
  ];
  for (const [what, journeys, message] of wrong) {
    it(`rejects ${what}`, async () => {
      const userError = await errorOf(prepare(`{ component: 'Shop', load: { vus: 1 }, journeys: ${journeys} }`));
      expect(userError.message).to.match(message);
    });
  }
});
