// How variables, outputs and secret sources reach k6: possible secrets by the environment, never as arguments.

import { expect } from 'chai';
import { hidesEnvironment, k6Environment, scriptVariables } from '../../runner/k6/environment.ts';
import { outputs } from '../../runner/k6/outputs.ts';

const SECRET = { API_TOKEN: 'kX93bQ7rT2' };

describe('what reaches k6 by its environment', () => {
  const hidden: Array<[env: NodeJS.ProcessEnv, args: string[], isHidden: boolean]> = [
    [{}, [], false],
    [{ K6_INCLUDE_SYSTEM_ENV_VARS: 'false' }, [], true],
    [{ K6_INCLUDE_SYSTEM_ENV_VARS: 'F' }, [], true],
    [{ K6_INCLUDE_SYSTEM_ENV_VARS: 'false' }, ['--include-system-env-vars'], false],
    [{ K6_INCLUDE_SYSTEM_ENV_VARS: 'true' }, ['--include-system-env-vars=0'], true],
    [{}, ['--include-system-env-vars=false', '--include-system-env-vars=true'], false],
    [{}, ['--include-system-env-vars=true', '--include-system-env-vars=false'], true],
    [{}, ['--include-system-env-vars=false', '--include-system-env-vars'], false],
  ];
  for (const [env, args, isHidden] of hidden)
    it(`${JSON.stringify(env)} ${args.join(' ')}: scripts see ${isHidden ? 'no' : 'the'} environment`, () => {
      expect(hidesEnvironment(env, args)).to.equal(isHidden);
    });

  it('passes variables by the environment, except those that k6 itself reads there', () => {
    const given = scriptVariables({ ...SECRET, K6_VUS: '3' }, { HOME: '/h' }, ['--tag', 'a=b']);
    expect(given.env).to.deep.equal({ HOME: '/h', ...SECRET });
    expect(given.args).to.deep.equal(['-e', 'K6_VUS=3', '--tag', 'a=b']);
    expect(given.prelude).to.equal('');
  });

  it('puts variables into the script if it must not see the environment', () => {
    const args = ['--include-system-env-vars=false'];
    const given = scriptVariables({ ...SECRET, K6_VUS: '3' }, { HOME: '/h' }, args);
    expect(given).to.deep.include({ env: { HOME: '/h' }, args, exposed: [] });
    expect(given.prelude).to.include('[["API_TOKEN","kX93bQ7rT2"],["K6_VUS","3"]]').and.not.include('\n');
    expect(scriptVariables({}, {}, args).prelude).to.equal('');
  });

  it('names the secrets that could enter an archive only as arguments', () => {
    const given = scriptVariables({ ...SECRET, PLAIN: 'x' }, {}, ['--include-system-env-vars=false'], false);
    expect(given.exposed).to.deep.equal(['API_TOKEN']);
    expect(given.args.slice(0, 4)).to.deep.equal(['-e', 'API_TOKEN=kX93bQ7rT2', '-e', 'PLAIN=x']);
    expect(scriptVariables(SECRET, {}, [], false).exposed).to.deep.equal([]);
  });

  for (const [K6_OUT, args, notes] of [
    ['csv=y', [], 0],
    ['json,csv=y', [], 1],
    ['csv=-', [], 1],
    ['csv=y', ['--out', 'csv=x'], 1],
    ['', [], 0],
  ] as const)
    it(`reports which outputs of K6_OUT=${K6_OUT} have no effect with ${args.join(' ') || 'no flags'}`, () => {
      const given = k6Environment({ K6_OUT }, args);
      expect(given.notes).to.have.length(notes);
      expect(given.env.K6_OUT).to.equal(undefined);
    });

  const placed: Array<[what: string, env: NodeJS.ProcessEnv, args: string[], then: ReturnType<typeof outputs>]> = [
    ['ours alone', {}, ['--tag', 'a=b'], { args: ['--out', 'json=-', '--tag', 'a=b'], env: {} }],
    [
      'outputs of flags',
      {},
      ['--out', 'influxdb=http://ann:pw@db/k6', '--tag', 'a=b', '-o', 'csv=x.csv'],
      { args: ['--tag', 'a=b'], env: { K6_OUT: 'json=-,influxdb=http://ann:pw@db/k6,csv=x.csv' } },
    ],
    ['K6_OUT', { K6_OUT: 'csv=y' }, [], { args: [], env: { K6_OUT: 'json=-,csv=y' } }],
    ['K6_OUT without what takes stdout', { K6_OUT: 'json,csv=y' }, [], { args: [], env: { K6_OUT: 'json=-,csv=y' } }],
    [
      'K6_OUT without the csv that K6_CSV_FILENAME gives stdout',
      { K6_OUT: 'csv,csv=timeFormat=unix,csv=y,csv=fileName=z', K6_CSV_FILENAME: '-' },
      [],
      { args: [], env: { K6_OUT: 'json=-,csv=y,csv=fileName=z' } },
    ],
    ['K6_OUT that takes stdout alone', { K6_OUT: 'json' }, [], { args: ['--out', 'json=-'], env: {} }],
    ['flags before K6_OUT', { K6_OUT: 'csv=y' }, ['-o', 'csv=x'], { args: [], env: { K6_OUT: 'json=-,csv=x' } }],
    ['an output with a comma', {}, ['-o', 'x=a,b'], { args: ['--out', 'json=-', '-o', 'x=a,b'], env: {} }],
    [
      'a source of secrets',
      {},
      ['--secret-source', 'mock=a="b,c"'],
      { args: ['--out', 'json=-'], env: { K6_SECRET_SOURCE: 'mock=a="b,c"' } },
    ],
    [
      'two sources of secrets',
      {},
      ['--secret-source', 'mock=a=b', '--secret-source', 'mock=c=d'],
      { args: ['--out', 'json=-', '--secret-source', 'mock=a=b', '--secret-source', 'mock=c=d'], env: {} },
    ],
  ];
  for (const [what, env, args, then] of placed)
    it(`passes ${what}`, () => {
      expect(outputs('json=-', env, args)).to.deep.equal(then);
    });
});
