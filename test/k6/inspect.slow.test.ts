import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Inspected, inspectScript, type K6Script } from '../../runner/k6/inspect.ts';
import { UserError } from '../../runner/system/errors.ts';
import { bundled, fixture, needsK6, realK6, script, withFolder } from './real-k6.ts';

/** The error of inspecting; fails the test if there is none. */
async function errorOf(inspecting: Promise<Inspected>): Promise<UserError> {
  try {
    await inspecting;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('Expected an error, but the script was accepted');
}

async function inspect(code: string | K6Script, variables: Record<string, string> = {}): Promise<Inspected> {
  return inspectScript(await realK6(), typeof code === 'string' ? script(code) : code, variables);
}

describe('inspecting a script', () => {
  needsK6();

  it('gives scenarios, thresholds, ext, total duration and VUs', async () => {
    const inspected = await inspect(`
      export const options = {
        scenarios: { browse: { executor: 'constant-vus', vus: 3, duration: '1m30s', gracefulStop: '5s' } },
        thresholds: {
          http_reqs: ['count>1', { threshold: 'rate>1', abortOnFail: true, delayAbortEval: '1m' }],
          'http_req_duration{name:GET /a}': ['p(95)<250'],
        },
        ext: { novaperf: { component: 'Catalog' } },
      };
      console.log('at the top level');
      export default function () {}`);
    expect(inspected.totalDurationMs).to.equal(95_000);
    expect(inspected.maxVUs).to.equal(3);
    expect(inspected.scenarios.browse).to.include({ executor: 'constant-vus', vus: 3 });
    expect(inspected.ext).to.deep.equal({ novaperf: { component: 'Catalog' } });
    expect(inspected.thresholds).to.have.deep.members([
      { metric: 'http_reqs', expression: 'count>1', abortOnFail: false, delayAbortEvalMs: 0 },
      { metric: 'http_reqs', expression: 'rate>1', abortOnFail: true, delayAbortEvalMs: 60_000 },
      { metric: 'http_req_duration{name:GET /a}', expression: 'p(95)<250', abortOnFail: false, delayAbortEvalMs: 0 },
    ]);
    expect(inspected.options).to.include.keys('systemTags', 'noSetup').and.not.include.keys('maxVUs', 'totalDuration');
    expect(inspected.log.map(({ message }) => message)).to.deep.equal(['at the top level']);
  });

  it('derives the default scenario of a script without options', async () => {
    const inspected = await inspect('export default function () {}');
    expect(inspected.scenarios).to.have.nested.property('default.executor', 'per-vu-iterations');
    expect(inspected.thresholds).to.deep.equal([]);
    expect(inspected.maxVUs).to.equal(1);
  });

  const withoutVUs: ReadonlyArray<readonly [options: string, executor: string, totalDurationMs: number]> = [
    ['{ iterations: 10 }', 'shared-iterations', 630_000],
    ["{ duration: '1m' }", 'constant-vus', 90_000],
  ];
  for (const [options, executor, totalDurationMs] of withoutVUs) {
    it(`assumes one VU for a script with ${options}, as a run does`, async () => {
      const inspected = await inspect(`export const options = ${options}; export default function () {}`);
      expect(inspected).to.include({ totalDurationMs, maxVUs: 1 });
      expect(inspected.scenarios).to.have.nested.property('default.executor', executor);
    });
  }

  it("gives the script the system's variables and ours, as a run does", async () => {
    process.env.NOVAPERF_TEST_SEEN = 'from the system';
    try {
      const inspected = await inspect(
        'export const options = { ext: { seen: [__ENV.NOVAPERF_TEST_SEEN, __ENV.BASE_URL] } }; export default function () {}',
        { BASE_URL: 'http://127.0.0.1:1/?a=b c' },
      );
      expect(inspected.ext.seen).to.deep.equal(['from the system', 'http://127.0.0.1:1/?a=b c']);
    } finally {
      delete process.env.NOVAPERF_TEST_SEEN;
    }
  });

  it('resolves open() relative to the script', async () => {
    await withFolder(async (folder) => {
      await writeFile(join(folder, 'users.csv'), 'name\nada\n');
      const inspected = await inspect({
        ...script("export const options = { ext: { text: open('./users.csv') } }; export default function () {}"),
        cwd: folder,
      });
      expect(inspected.ext.text).to.equal('name\nada\n');
    });
  });

  it('names the line of the TypeScript at which a script throws while it loads', async () => {
    await withFolder(async (folder) => {
      await mkdir(join(folder, 'lib'));
      await writeFile(
        join(folder, 'lib', 'config.ts'),
        'interface Config { readonly url: string }\n\nexport function load(): Config {\n  throw new TypeError("no config for " + __ENV.STAGE);\n}\ndeclare const __ENV: Record<string, string>;\n',
      );
      const main = join(folder, 'main.ts');
      await writeFile(
        main,
        "import { load } from './lib/config';\nexport const config = load();\nexport default function (): void {}\n",
      );
      const userError = await errorOf(inspect(await bundled(main), { STAGE: 'qa' }));
      expect(userError.message).to.equal(
        'The script threw an exception while k6 loaded it: TypeError: no config for qa',
      );
      expect(userError.where).to.equal(`${join(folder, 'lib', 'config.ts')}:4:9`);
      expect(userError.exitCode).to.equal(107);
    });
  });

  const refused: ReadonlyArray<readonly [title: string, code: string, message: RegExp, exitCode: number]> = [
    ['a syntax error', 'let a =', /could not load|threw/i, 107],
    ['a missing file', "open('./nope.csv'); export default function () {}", /no such file/, 107],
    ['a missing module', "import './nope.js'; export default function () {}", /nope\.js.*couldn't be found/, 107],
    ['no exported function', 'export const a = 1', /no exported functions/, 2],
    [
      'an unknown executor',
      "export const options = { scenarios: { a: { executor: 'foo' } } }; export default () => {}",
      /unknown executor type 'foo'/,
      2,
    ],
    [
      'an unknown exec',
      "export const options = { scenarios: { a: { executor: 'per-vu-iterations', exec: 'nope' } } }; export default () => {}",
      /function 'nope' not found/,
      2,
    ],
    [
      'a negative number of VUs',
      'export const options = { vus: -1, iterations: 1 }; export default () => {}',
      /number of VUs/,
      2,
    ],
    [
      'a scenario without VUs',
      "export const options = { scenarios: { a: { executor: 'constant-vus', vus: 0, duration: '1s' } } }; export default () => {}",
      /number of VUs/,
      2,
    ],
    [
      'an unreadable threshold',
      "export const options = { thresholds: { http_reqs: ['xxx>1'] } }; export default () => {}",
      /xxx>1/,
      2,
    ],
  ];
  for (const [title, code, message, exitCode] of refused) {
    it(`gives an error for ${title}`, async () => {
      const userError = await errorOf(inspect(code));
      expect(userError.message).to.match(message);
      expect(userError.message).not.to.contain('file:///-');
      expect(userError.where).to.match(/script\.js/);
      expect(userError.exitCode).to.equal(exitCode);
    });
  }

  it('gives an error for a script that does not load in time, and leaves nothing running', async () => {
    const userError = await errorOf(inspectScript(fixture('hangs'), script(''), {}, { timeoutMs: 500 }));
    expect(userError.message).to.equal('Expected k6 to load the script within 0.5 s, found it still loading.');
  });

  const garbage: ReadonlyArray<readonly [name: string, message: RegExp]> = [
    ['writes-garbage', /Expected `k6 inspect` to print the options of the script, found "hello, this is no JSON {"/],
    ['stock-but-silent', /found nothing/],
    ['panics-in-go', /crashed in Go's runtime|concurrent map writes/],
    ['is-not-executable', /EACCES/],
    ['does-not-exist', /ENOENT/],
  ];
  for (const [name, message] of garbage) {
    it(`gives an error for a k6 that ${name.replaceAll('-', ' ')}`, async () => {
      expect((await errorOf(inspectScript(fixture(name), script(''), {}))).message).to.match(message);
    });
  }
});
