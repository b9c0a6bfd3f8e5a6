// Scenarios and the real compiler: which lines it accepts, and the errors for others.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { renderNewScenario } from '../../runner/project/new-scenario.ts';
import { bundleScript } from '../../runner/scenario/bundle.ts';
import { parseProblems, typecheckScenarios, typeError } from '../../runner/scenario/typecheck.ts';
import { packageRoot } from '../../runner/system/package-root.ts';
import { errorOf } from './error-of.ts';
import { removeTemporaryProjects, temporaryProject } from './temporary-project.ts';

const TSCONFIG = readFileSync(join(packageRoot, 'scenarios/tsconfig.json'), 'utf8');

describe('the types of scenarios', () => {
  after(removeTemporaryProjects);

  const project = (files: Record<string, string>) =>
    temporaryProject({ 'scenarios/tsconfig.json': TSCONFIG, ...files });
  const scenario = (definition: string) =>
    `import { defineScenario } from 'novaperf';\nexport const options = defineScenario({ component: 'C', load: { vus: 1 },\n${definition} });\nexport default function () {}\n`;

  it('accept the shipped scenarios', async () => {
    expect(await typecheckScenarios(packageRoot)).to.deep.equal([]);
  });

  const journeys = `journeys: { browse: { exec: 'browse', weight: 7 }, buy: { exec: 'buy' } }`;
  const definitions: [line: string, isRight: boolean][] = [
    [`thresholds: { http_req_duration: ['p(95)<250', 'avg <= 100', 'max< 3e3', 'p(99.9)<1.5'] }`, true],
    [
      `thresholds: { 'http_req_duration{name:GET /products/:id}': [{ threshold: 'med<9', abortOnFail: true, delayAbortEval: '10s' }] }`,
      true,
    ],
    [
      `thresholds: { http_req_failed: ['rate<0.01'], checks: ['rate>=0.9'], http_reqs: ['count>5', 'rate>5'], vus: ['value<9'] }`,
      true,
    ],
    [`thresholds: { my_own_metric: ['p(95)<1', 'count>2', 'value!=3'] }`, true],
    [`thresholds: { http_req_duration: ['p95<250'] }`, false],
    [`thresholds: { http_req_duration: ['rate<0.1'] }`, false],
    [`thresholds: { 'http_req_failed{name:x}': ['p(95)<3'] }`, false],
    [`thresholds: { checks: ['rate>high'] }`, false],
    [`thresholds: { my_own_metric: ['p(95)~1'] }`, false],
    [
      `profiles: { soak: { duration: '2h' }, smoke: { enabled: false }, spike: { stages: [{ duration: '1m', target: 3 }] } }`,
      true,
    ],
    [`profiles: { soke: {} }`, false],
    [`profiles: { soak: { durations: '2h' } }`, false],
    [`tags: { team: 'shop' }, hosts: { 'a.test': '127.0.0.1' }, noConnectionReuse: true`, true],
    [`vus: 3`, false],
    [`scenarios: {}`, false],
    [`componment: 'C'`, false],
    [`${journeys}, thresholds: { 'http_req_duration{journey:browse}': ['p(95)<250'], checks: ['rate>0.9'] }`, true],
    [`${journeys}, thresholds: { 'http_req_duration{name:GET /a, journey:buy}': ['p(95)<250'] }`, true],
    [`${journeys}, thresholds: { 'iterations{scenario:buy}': ['count>5'], my_own: ['value>1'] }`, true],
    [`${journeys}, profiles: { soak: { thresholds: { 'checks{journey:buy}': ['rate>0.9'] } } }`, true],
    [`${journeys}, thresholds: { 'http_req_duration{journey:brows}': ['p(95)<250'] }`, false],
    [`${journeys}, thresholds: { 'checks{check:ok,journey:bye}': ['rate>0.9'], http_reqs: ['count>1'] }`, false],
    [`${journeys}, thresholds: { 'iterations{scenario:default}': ['count>5'] }`, false],
    [`${journeys}, thresholds: { 'checks{journey:buy}': ['p(95)<3'] }`, false],
    [`${journeys}, profiles: { soak: { thresholds: { 'checks{journey:by}': ['rate>0.9'] } } }`, false],
    [`thresholds: { 'http_req_duration{journey:of my own}': ['p(95)<250'] }`, true],
  ];
  it('accept and reject definitions and thresholds, line by line', async () => {
    const files = Object.fromEntries(definitions.map(([line], index) => [`scenarios/s${index}.ts`, scenario(line)]));
    const root = project(files);
    const problems = await typecheckScenarios(root);
    const refused = (index: number) =>
      problems.some(({ file, line }) => file === join(root, `scenarios/s${index}.ts`) && line === 3);
    expect(definitions.map(([line], index) => [line, !refused(index)])).to.deep.equal(definitions);
    expect(problems).to.have.length(definitions.filter(([, isRight]) => !isRight).length);
  });

  it('accept a rate or users, not both', async () => {
    const load = (text: string) => scenario('').replace('load: { vus: 1 }', `load: ${text}`);
    const root = project({
      'scenarios/rate.ts': load('{ rate: 3, maxVUs: 9 }'),
      'scenarios/both.ts': load('{ rate: 3, vus: 9 }'),
      'scenarios/text.ts': load(`{ vus: '9' }`),
    });
    const files = (await typecheckScenarios(root)).map(({ file }) => file?.slice(root.length + 1));
    expect(new Set(files)).to.deep.equal(new Set(['scenarios/both.ts', 'scenarios/text.ts']));
  });

  it('give errors for the files of one scenario, its modules and the schema of its CSV', async () => {
    const root = project({
      'scenarios/a.ts': `import { n } from './lib/n';\nexport default function (): number { return n; }\n`,
      'scenarios/lib/n.ts': `export const n: number = 'one';\n`,
      'scenarios/b.ts': `export default function (): void {}\n`,
      'scenarios/c.ts': `import load from './data/c.csv';\nexport default function (): void { load()[0]?.nam.length; }\n`,
      'scenarios/data/c.csv': 'name\nx\n',
      'scenarios/data/c.schema.ts': `import { z } from 'zod';\nexport default z.object({ name: z.string() });\n`,
      'scenarios/data/c.d.csv.ts': `import type { z } from 'zod';\nimport type schema from './c.schema';\nexport default function load(): z.infer<typeof schema>[];\n`,
    });
    const problems = await typecheckScenarios(root);
    const userError = async (name: string) =>
      typeError(problems, await bundleScript(join(root, 'scenarios', `${name}.ts`)));
    expect(await userError('a')).to.include({
      message: `Type 'string' is not assignable to type 'number'. (TS2322)\n    export const n: number = 'one';\n                 ^`,
      where: `${join(root, 'scenarios/lib/n.ts')}:1:14`,
      exitCode: 2,
    });
    expect(await userError('b')).to.equal(undefined);
    expect((await userError('c'))?.message).to.match(/^Property 'nam' does not exist on type '\{ name: string; \}'/);
  });

  it('are not checked without tsconfig.json', async () => {
    expect(await typecheckScenarios(temporaryProject({ 'scenarios/a.ts': 'const a: number = "";' }))).to.deep.equal([]);
  });

  it("give errors read from tsc's output, with messages of several lines and without a file", () => {
    const output = [
      `scenarios/a b (1).ts(9,7): error TS2322: Type 'A' is not assignable to type 'B'.`,
      `  Types of property 'x' are incompatible.`,
      `    Type 'string' is not assignable to type 'number'.`,
      `error TS5058: The specified path does not exist: 'x'.`,
      '',
    ].join('\r\n');
    expect(parseProblems(output, '/p')).to.deep.equal([
      {
        file: '/p/scenarios/a b (1).ts',
        line: 9,
        column: 7,
        message: `Type 'A' is not assignable to type 'B'. (TS2322)\n    Types of property 'x' are incompatible.\n      Type 'string' is not assignable to type 'number'.`,
      },
      { file: undefined, line: 0, column: 0, message: `The specified path does not exist: 'x'. (TS5058)` },
    ]);
  });

  it('accept a new scenario with hostile texts', async () => {
    const hostile = {
      name: 'delete',
      component: `Sho'p "\\`,
      description: `*/ \${x} \`\n</script>\u2028 it's`,
      path: `/a'b?c="d"`,
    };
    const root = project({
      'scenarios/plain.ts': await renderNewScenario({ name: 'plain' }),
      'scenarios/delete.ts': await renderNewScenario(hostile),
    });
    expect(await typecheckScenarios(root)).to.deep.equal([]);
    await bundleScript(join(root, 'scenarios/delete.ts'));
    for (const name of ['', '../x', 'a b', '1st', 'a.ts']) {
      expect((await errorOf(renderNewScenario({ name }))).message).to.match(/^Expected a name of letters/);
    }
  });
});
