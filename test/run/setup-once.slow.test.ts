// setup() and teardown() run once around several k6 processes, which get the same data as from one k6.

import { join } from 'node:path';
import { expect } from 'chai';
import type { K6 } from '../../runner/k6/find.ts';
import { inspectScript } from '../../runner/k6/inspect.ts';
import { launchK6 } from '../../runner/k6/launch.ts';
import type { LogEntry } from '../../runner/k6/log.ts';
import { MetricsStore } from '../../runner/metrics/store/store.ts';
import { SetupOnce } from '../../runner/run/load/setup-once.ts';
import type { Bundle } from '../../runner/scenario/bundle.ts';
import type { LoadFlags } from '../../runner/scenario/override.ts';
import { prepareScenario } from '../../runner/scenario/prepare.ts';
import type { PreparedScenario } from '../../runner/scenario/prepared-scenario.ts';
import { withSetupOnce } from '../../runner/scenario/setup-once.ts';
import { UserError } from '../../runner/system/errors.ts';
import type { Interrupt } from '../../runner/system/interrupt.ts';
import { K6_BUILD_TIMEOUT_MS, testK6 } from '../scenario/real-k6.ts';
import { startTarget, type Target } from '../scenario/target.ts';
import { removeTemporaryProjects, temporaryProject } from '../scenario/temporary-project.ts';

/** Values that JSON, logs or environments could change. */
const VALUE = `{
  nothing: undefined, empty: null, minus: -0, fraction: 0.1, large: 9007199254740993, exponent: 1e300, yes: true,
  date: new Date(Date.UTC(2026, 10, 30, 1, 2, 3, 4)), list: [1, undefined, -0, [{ deep: 'é' }]], none: {}, bytes: new Uint8Array([1, 2]),
  text: 'quote " backslash \\\\ <b>&\\u2028 \\u0000 \\n line, ü, 😀', map: new Map([['a', 1]]), word: __ENV.WORD,
}`;
/** Prints its data so that no two values look the same. */
const SAY = `const say = (where, value) => {
  const text = (v) => Object.is(v, -0) ? '-0' : Array.isArray(v) ? '[' + v.map(text).join(',') + ']'
    : typeof v === 'object' && v !== null ? '{' + Object.keys(v).sort().map((k) => k + ':' + text(v[k])).join(',') + '}'
    : typeof v + ' ' + JSON.stringify(v);
  const all = text(value);
  console.log(where + ' ' + all.length + ' ' + all.slice(-2000));
};`;
const esm = (value: string) => `import http from 'k6/http';
export const options = { vus: 2, iterations: 2 };
${SAY}
export function setup() { console.log('setup'); http.get(__ENV.BASE_URL + '/'); return ${value}; }
export default function (data) { say('iteration', data); }
export function teardown(data) { say('teardown', data); http.get(__ENV.BASE_URL + '/'); }
`;

const quiet: Interrupt = {
  isRequested: false,
  onRequest: () => () => undefined,
  request: () => undefined,
  release: () => undefined,
};

describe('setup() that runs once for several k6', function () {
  this.timeout(120_000);
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

  const prepared = async (name: string, text: string, flags: LoadFlags = {}): Promise<PreparedScenario> => {
    const scriptPath = join(temporaryProject({ [name]: text }), name);
    const script = await prepareScenario({
      scriptPath,
      flags,
      baseUrl: target.url,
      scriptEnv: { WORD: 'a word' },
      inspect: (bundle, env) => inspectScript(k6, bundle, env),
    });
    return {
      ...{ ...script, kpis: [], needsEnvironment: false, environment: undefined, k6Args: [], k6Env: process.env },
      ...{ warnings: [], unread: [] },
    };
  };
  const linesOf = async (script: Bundle, variables: Readonly<Record<string, string>>): Promise<string[]> => {
    const lines: string[] = [];
    const running = await launchK6({
      ...{ k6, script, variables, args: [], stream: 'samples', onStdout: () => undefined },
      onLog: ({ message }) => lines.push(message),
    });
    expect((await running.ended).exitCode, lines.join('\n')).to.equal(0);
    return lines;
  };
  /** Two k6 processes with one setup(). */
  const once = async (scenario: PreparedScenario) => {
    const { bundle, env, around } = await withSetupOnce(scenario);
    if (around === undefined) throw new Error('The script has no setup()');
    const store = new MetricsStore({ timeline: true });
    const logged: LogEntry[] = [];
    const setupOnce = new SetupOnce({
      ...{ scenario, around, k6, variables: env, sink: store.sink, interrupt: quiet },
      onLog: (entry) => logged.push(entry),
    });
    const data = await setupOnce.setup();
    const variables = { ...env, ...data };
    const lines = [...(await linesOf(bundle, variables)), ...(await linesOf(bundle, variables))];
    const problem = await setupOnce.teardown();
    return { around: logged.map(({ message }) => message), lines, store, data, problem, exitCode: setupOnce.exitCode };
  };

  const SCRIPTS: ReadonlyArray<[what: string, name: string, text: string, flags?: LoadFlags]> = [
    ['TypeScript', 'typed.ts', esm(VALUE).replace('(data)', '(data: unknown)')],
    [
      'defineScenario',
      'defined.ts',
      `import { defineScenario } from 'novaperf';\n${esm(VALUE)
        .replace('(data)', '(data: unknown)')
        .replace(/options = .*/, "options = defineScenario({ component: 'Shop', load: { vus: 1 } });")}`,
      { profile: 'smoke', duration: '1s' },
    ],
    ['JavaScript with the load of a flag', 'plain.js', esm(VALUE), { profile: 'smoke', duration: '1s', vus: 1 }],
    [
      'CommonJS',
      'common.cjs',
      `const http = require('k6/http');
${SAY}
exports.options = { vus: 2, iterations: 2 };
exports.setup = () => { console.log('setup'); http.get(__ENV.BASE_URL + '/'); return ${VALUE}; };
exports.default = (data) => { say('iteration', data); };
exports.teardown = (data) => { say('teardown', data); http.get(__ENV.BASE_URL + '/'); };
`,
    ],
    ['a script that returns nothing', 'nothing.js', esm('undefined')],
    ['a script that returns null', 'null.js', esm('null')],
    ['data of many kilobytes', 'large.js', esm(`'"\\\\ü'.repeat(60000)`)],
  ];
  for (const [what, name, text, flags] of SCRIPTS) {
    it(`passes on the same data as k6: ${what}`, async () => {
      const scenario = await prepared(name, text, flags);
      const unlike = (lines: readonly string[], start: string) => [
        ...new Set(lines.filter((line) => line.startsWith(start))),
      ];
      const alone = await linesOf(scenario.bundle, scenario.env);
      const { around, lines, store, problem, exitCode } = await once(scenario);
      expect(unlike(lines, 'iteration')).to.deep.equal(unlike(alone, 'iteration')).and.to.have.length(1);
      expect(around).to.deep.equal(['setup', ...alone.filter((line) => line.startsWith('teardown'))]);
      expect(lines.filter((line) => !line.startsWith('iteration'))).to.deep.equal([]);
      expect([problem, exitCode]).to.deep.equal([undefined, 0]);
      // Its requests count, but not the iteration that k6 needs.
      expect(store.total('http_reqs')?.sum).to.equal(2);
      expect(store.total('iterations')).to.equal(undefined);
      expect(store.total('vus')).to.equal(undefined);
    });
  }

  it('keeps every variable short enough for Linux', async () => {
    const { data } = await once(await prepared('parts.js', esm(`'x'.repeat(250000)`)));
    expect(Object.values(data).map(({ length }) => length)).to.deep.equal([100_000, 100_000, 50_002]);
  });

  const FAILURES: ReadonlyArray<[what: string, text: string, code: number, expected: RegExp]> = [
    [
      'throws',
      `export function setup() {\n  throw new Error('no login');\n}\nexport default function () {}`,
      107,
      /no login/,
    ],
    [
      'rejects',
      `export async function setup() { await Promise.reject(new Error('no token')); }\nexport default function () {}`,
      255,
      /no token/,
    ],
    [
      'takes too long',
      `import { sleep } from 'k6';\nexport const options = { setupTimeout: '1s' };\nexport function setup() { sleep(30); }\nexport default function () {}`,
      100,
      /setup/,
    ],
    [
      'ends the run',
      `import exec from 'k6/execution';\nexport function setup() { exec.test.abort('not today'); }\nexport default function () {}`,
      108,
      /not today/,
    ],
    [
      'returns a function',
      `export function setup() { return { f() {} }; }\nexport default function () {}`,
      255,
      /JSON/,
    ],
  ];
  for (const [what, text, code, expected] of FAILURES) {
    it(`gives the reason for no load if setup() ${what}`, async () => {
      const scenario = await prepared('fails.js', text);
      const failure = await once(scenario).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failure).to.be.instanceOf(UserError);
      if (!(failure instanceof UserError)) return;
      expect(failure.message).to.match(expected);
      expect([failure.exitCode, failure.where?.includes('fails.js')]).to.deep.equal([code, true]);
    });
  }

  it('ends with the exit code of a teardown() that throws', async () => {
    const text = `export function teardown() { throw new Error('still there'); }\nexport default function () {}`;
    const { problem, exitCode, around } = await once(await prepared('teardown.js', text));
    expect(exitCode).to.equal(107);
    expect(problem).to.contain('teardown()');
    expect(around.join()).to.contain('still there');
  });
});
