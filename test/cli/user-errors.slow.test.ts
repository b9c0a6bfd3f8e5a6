// Users' mistakes are errors without a stack trace, with the documented exit code, and without half-written files.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { completionSchema } from '../../runner/model/completion.ts';
import { novaperf } from './in-process.ts';
import { project } from './novaperf.ts';

interface Row {
  readonly title: string;
  readonly args: readonly string[];
  readonly code: number;
  readonly says: ReadonlyArray<string | RegExp>;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Its project checks types. */
  readonly typed?: boolean;
}

const OK = `import http from 'k6/http';\nexport const options = { iterations: 1 };\nexport default function () {}\n`;

const ROWS: readonly Row[] = [
  {
    title: 'an unknown scenario, with the nearest name',
    args: ['run', 'browse-catlog'],
    code: 2,
    says: ['browse-catlog', 'browse-catalog'],
  },
  { title: 'a script that is not there', args: ['run', 'nowhere/x.js'], code: 2, says: ['nowhere/x.js'] },
  {
    title: 'an unknown profile',
    args: ['run', 'search', '--profile', 'sock'],
    code: 2,
    says: ['--profile', 'smoke, load, stress, spike, soak, breakpoint', '"sock"'],
  },
  { title: 'an unknown command', args: ['runn'], code: 2, says: ['runn', 'run'] },
  { title: 'an unknown environment', args: ['run', 'search', '--env', 'demos'], code: 2, says: ['demos', 'demo'] },
  {
    title: 'a syntax error, with file, line and column',
    args: ['run', 'bad.ts'],
    code: 2,
    says: [/bad\.ts:2:\d+/],
    files: { 'bad.ts': 'export const options = {};\nexport default function () { let = ; }\n' },
  },
  {
    title: 'a type error in a scenario of the project, with file, line and column',
    args: ['run', 'typo'],
    code: 2,
    typed: true,
    says: [/scenarios\/typo\.ts:5:\d+/, 'gett'],
    files: {
      'scenarios/typo.ts': `import http from 'k6/http';\nimport { baseUrl, defineScenario } from 'novaperf';\nexport const options = defineScenario({ component: 'X', load: { vus: 1 } });\nexport default function () {\n  http.gett(baseUrl);\n}\n`,
    },
  },
  {
    title: 'an exception in init code, with its line',
    args: ['run', 'init.ts'],
    code: 107,
    says: [/init\.ts:2:\d+/, 'not today'],
    files: {
      'init.ts': `const reason: string = 'not today';\nthrow new Error(reason);\nexport default function () {}\n`,
    },
  },
  {
    title: 'broken YAML, with file and line',
    args: ['run', 'ok.js', '--component', 'Broken'],
    code: 2,
    says: [/Broken_Targets_v1\.yaml:4:1/],
    files: {
      'ok.js': OK,
      'conport/custom_data/PerformanceTargets/Broken_Targets_v1.yaml': 'key: Broken_Targets_v1\nvalue:\n  targets: [\n',
    },
  },
  {
    title: 'a target that does not answer, with exit code 3',
    args: ['run', 'search', '--base-url', 'http://127.0.0.1:9'],
    code: 3,
    says: ['http://127.0.0.1:9', 'ECONNREFUSED'],
  },
  { title: 'a k6 that does not exist', args: ['run', 'search', '--k6', './no-k6'], code: 2, says: ['no-k6', 'ENOENT'] },
  {
    title: 'a k6 that is too old',
    args: ['run', 'search', '--k6', './old-k6'],
    code: 2,
    says: ['0.30.0'],
    files: { 'old-k6': '#!/bin/sh\necho "k6 v0.30.0 (2021-01-20T13:14:50+0000/2193de0, go1.15.7, linux/amd64)"\n' },
  },
  {
    title: 'an --out that is a file',
    args: ['run', 'ok.js', '--out', 'ok.js'],
    code: 2,
    says: ['--out', 'ok.js', 'EEXIST'],
    files: { 'ok.js': OK },
  },
  { title: 'a stream that is not there', args: ['analyze', 'missing.json'], code: 2, says: ['missing.json'] },
  {
    title: 'a file without a sample',
    args: ['analyze', 'notes.txt'],
    code: 2,
    says: ['hello'],
    files: { 'notes.txt': 'hello\n' },
  },
  { title: 'an empty file', args: ['analyze', 'empty.json'], code: 2, says: ['empty'], files: { 'empty.json': '' } },
  {
    title: 'a run that does not exist',
    args: ['report', 'Nothing_20260101T000000Z'],
    code: 2,
    says: ['Nothing_20260101T000000Z'],
  },
];

describe('an error for', function () {
  this.timeout(120_000);

  for (const { title, args, code, says, files = {}, env = {}, typed = false } of ROWS) {
    it(title, async () => {
      const { dir, remove } = await project({ shipped: true, typed });
      for (const [name, text] of Object.entries(files)) {
        await mkdir(join(dir, name, '..'), { recursive: true });
        await writeFile(join(dir, name), text, { mode: 0o755 });
      }
      const ended = await novaperf(args, { cwd: dir, env });
      const said = `${ended.stdout}${ended.stderr}`;
      expect(ended.code, said).to.equal(code);
      for (const part of says) {
        if (typeof part === 'string') expect(said).to.include(part);
        else expect(said).to.match(part);
      }
      // Stack frames are indented by four.
      expect(said).not.to.match(/^ {4}at /m);
      const runs = await readdir(join(dir, '.nova/reports/qa/performance')).catch(() => []);
      // A cycle that could not start leaves only its completion document.
      const whole = args[0] === 'run' && !args.includes('--out') ? ['completion.json', 'completion.md'] : [];
      expect(runs.sort(), 'nothing is half-written').to.deep.equal(whole);
      await remove();
    });
  }

  const documented: ReadonlyArray<[args: string, names: readonly string[], scenario: string]> = [
    ['run search --profle smoke --json', ['--profle'], 'search'],
    ['run --json search --vus', ['--vus'], ''],
    ['run search --duration ten --json', ['--duration', '90s', '"ten"'], 'search'],
    ['cycle close 99 --json', ['open cycle'], 'cycle 99'],
    ['cycle close --json', ["'id'"], 'cycle'],
    ['cycle begin --parent-progress 99 --json', ['no item 99'], 'cycle'],
  ];
  for (const [args, names, component] of documented) {
    it(`novaperf ${args} prints a completion document and writes it to the folder of reports`, async () => {
      const { dir, remove } = await project();
      await mkdir(join(dir, 'conport'));
      const { code, stdout } = await novaperf(args.split(' '), { cwd: dir });
      expect(code).to.equal(2);
      const completion = completionSchema.parse(JSON.parse(stdout));
      expect(completion).to.include({ outcome: 'error', decision: 'no-go', exit_code: 2 });
      for (const part of names) expect(completion.error?.message).to.include(part);
      if (component !== '') expect(completion.component).to.equal(component);
      // A call that should have run something is recorded.
      expect(completion.records?.progress.local).to.equal(args.startsWith('run') ? 1 : undefined);
      const kept = await readFile(join(dir, '.nova/reports/qa/performance/completion.json'), 'utf8');
      expect(JSON.parse(kept)).to.deep.equal(completion);
      await remove();
    });
  }

  it('a target that accepts connections and never answers, with exit code 3', async () => {
    const { dir, remove } = await project({ shipped: true });
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const args = ['run', 'search', '--base-url', `http://127.0.0.1:${port}`];
    const { code, stderr } = await novaperf(args, { cwd: dir });
    expect(code, stderr).to.equal(3);
    expect(stderr).to.include('does not answer');
    silent.close();
    await remove();
  });
});
