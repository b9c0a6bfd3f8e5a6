import { expect } from 'chai';
import { type ProjectConfig, readProjectConfig } from '../../runner/config/project-config.ts';
import { named, onlySystem, systemsOf } from '../../runner/run/plan/systems.ts';
import type { PreparedScenario } from '../../runner/scenario/prepared-scenario.ts';
import { UserError } from '../../runner/system/errors.ts';
import { aPlan } from '../records/samples.ts';

const builtIn = await readProjectConfig('/nowhere/conport', '/nowhere');
const config = (defaultEnvironment?: string): ProjectConfig => ({
  ...builtIn,
  defaultEnvironment,
  environments: new Map([
    ...builtIn.environments,
    ['shop', { kind: 'url', url: 'http://127.0.0.1:1', healthPath: undefined }],
    ['pay', { kind: 'url', url: 'http://127.0.0.1:2', healthPath: undefined }],
  ]),
});

/** `name` of a scenario and its environment; a plain script with its own URL has `as scripted`. */
function scenario(name: string, environment?: string): PreparedScenario {
  const isPlain = environment === 'as scripted';
  return {
    plan: aPlan({ name }),
    bundle: {
      ...{
        name,
        code: '',
        map: '',
        cwd: '/',
        scriptPath: '/s.ts',
        format: 'esm',
        exports: [],
        inputs: [],
        warnings: [],
      },
      hasHandleSummary: false,
    },
    env: {},
    kpis: [],
    needsEnvironment: !isPlain,
    environment: isPlain ? undefined : environment,
    k6Args: [],
    k6Env: {},
    warnings: [],
    unread: [],
  };
}

const NO_FLAGS = { env: undefined, baseUrl: undefined, build: undefined };

describe('the systems of a cycle', () => {
  const rows: readonly (readonly [
    title: string,
    scenarios: PreparedScenario[],
    standard: string | undefined,
    expected: string,
  ])[] = [
    ['of one environment', [scenario('a', 'shop'), scenario('b', 'shop')], undefined, 'shop: a b'],
    [
      'of several',
      [scenario('a', 'shop'), scenario('b', 'pay'), scenario('c', 'shop')],
      undefined,
      'shop: a c; pay: b',
    ],
    ['of the demo and a default', [scenario('a', 'demo'), scenario('mine')], 'pay', 'demo: a; pay: mine'],
    [
      'with a script that has its own URL',
      [scenario('a', 'shop'), scenario('b', 'pay'), scenario('s', 'as scripted')],
      undefined,
      'shop: a; pay: b; as scripted: s',
    ],
    ['with a script next to one system', [scenario('a', 'shop'), scenario('s', 'as scripted')], undefined, 'shop: a s'],
    ['of a script alone', [scenario('s', 'as scripted')], 'shop', 'as scripted: s'],
  ];
  for (const [title, scenarios, standard, expected] of rows) {
    it(title, () => {
      const systems = systemsOf(scenarios, NO_FLAGS, config(standard));
      const text = systems.map(
        ({ target, scenarios: own }) => `${target.name}: ${own.map(({ plan }) => plan.name).join(' ')}`,
      );
      expect(text.join('; ')).to.equal(expected);
    });
  }

  it('are the one of the flag if it is given', () => {
    const scenarios = [scenario('a', 'shop'), scenario('b', 'pay')];
    for (const flags of [
      { ...NO_FLAGS, env: 'pay' },
      { ...NO_FLAGS, baseUrl: 'http://127.0.0.1:2' },
    ]) {
      const systems = systemsOf(scenarios, flags, config());
      expect(systems.map(({ target, scenarios: own }) => [target.url, own.length])).to.deep.equal([
        ['http://127.0.0.1:2', 2],
      ]);
    }
  });

  it('do not include the demo unless a scenario names it; the error names the scenario', () => {
    const thrown = () => systemsOf([scenario('a', 'demo'), scenario('mine')], NO_FLAGS, config());
    expect(thrown).to.throw(UserError, /^mine: Expected a system under test, found none; shop, pay are configured\./);
  });

  it('are listed in one line, and cannot be compared if there are several', () => {
    const systems = systemsOf([scenario('a', 'shop'), scenario('b', 'pay')], NO_FLAGS, config());
    expect(named(systems)).to.deep.equal({ name: 'shop, pay', url: '' });
    expect(() => onlySystem(systems)).to.throw(UserError, 'found 2: a (shop), b (pay)');
  });
});
