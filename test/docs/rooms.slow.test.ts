// The rules of .dependency-cruiser.mjs, broken on purpose in a small tree: each forbidden arrow is found.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { capture } from '../../runner/system/capture.ts';
import { packageRoot } from '../../runner/system/package-root.ts';

const CRUISED = z.object({
  summary: z.object({
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

/** The rooms that may not import report, lowest first. */
const BELOW_REPORT = [
  ...['system', 'text', 'model', 'metrics', 'k6', 'targets', 'scenario', 'monitor', 'config', 'analysis'],
  ...['verify', 'demo', 'project', 'import'],
];

const FILES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    BELOW_REPORT.map((room) => [`runner/${room}/page.ts`, "export { page } from '../report/page.ts';\n"]),
  ),
  'runner/model/plan.ts': 'export interface Plan { readonly name: string }\n',
  // Imports of types count too.
  'runner/model/up.ts': "import type { Judged } from '../analysis/verdict/judge.ts';\nexport type Up = Judged;\n",
  'runner/analysis/verdict/judge.ts':
    "import type { Plan } from '../../model/plan.ts';\nexport type { Finding } from '../findings/finding.ts';\nexport type Judged = Plan;\n",
  'runner/analysis/findings/finding.ts': 'export interface Finding { readonly title: string }\n',
  'runner/analysis/differences/change.ts': "export type { Judged } from '../verdict/judge.ts';\n",
  'runner/analysis/result/result.ts': "export type { Finding } from '../findings/finding.ts';\n",
  'runner/analysis/findings/far.ts': "export type { Finding } from '../loose.ts';\n",
  'runner/analysis/loose.ts': "export type { Finding } from './findings/finding.ts';\n",
  'runner/report/page.ts': "import { first } from './first.ts';\nexport const page = () => first;\n",
  'runner/report/first.ts': "import { second } from './second.ts';\nexport const first = () => second;\n",
  'runner/report/second.ts': "import { first } from './first.ts';\nexport const second = () => first;\n",
  'runner/loose.ts': "export { page } from './report/page.ts';\n",
  'runner/attic/lock.ts': "export { page } from '../report/page.ts';\n",
  'runner/system/tested.ts': "export { sample } from '../../test/sample.ts';\n",
  'runner/cli.ts': "export { page } from './report/page.ts';\n",
  'test/sample.ts': 'export const sample = 1;\n',
  'test/cli/novaperf.ts': 'export const novaperf = 1;\n',
  'test/run/through.ts': "export { novaperf } from '../cli/novaperf.ts';\n",
  'test/run/quick.test.ts': "export { novaperf } from './through.ts';\n",
  'test/run/patient.slow.test.ts': "export { novaperf } from './through.ts';\n",
};

describe('the rules of rooms', function () {
  this.timeout(120_000);
  let root: string;
  let found: string[];

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'novaperf-rooms-'));
    for (const [path, text] of Object.entries(FILES)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    const cruise = join(packageRoot, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const rules = join(packageRoot, '.dependency-cruiser.mjs');
    const args = [cruise, 'runner', 'test', '-c', rules, '--output-type', 'json', '--progress', 'none'];
    const { stdout, stderr } = await capture(process.execPath, args, { cwd: root, timeoutMs: 50_000 });
    expect(stdout, stderr).not.to.equal('');
    const { violations } = CRUISED.parse(JSON.parse(stdout)).summary;
    found = violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
  });
  after(() => rm(root, { recursive: true, force: true }));

  for (const [what, expected] of [
    ['a circle', ['no-circle: runner/report/first.ts → runner/report/second.ts']],
    ['an arrow up, of a type', ['arrows-of-model: runner/model/up.ts → runner/analysis/verdict/judge.ts']],
    [
      'an import from report in every room below it',
      BELOW_REPORT.map((room) => `arrows-of-${room}: runner/${room}/page.ts → runner/report/page.ts`),
    ],
    [
      'an arrow against the order of the folders of a room',
      [
        'arrows-of-analysis/verdict: runner/analysis/verdict/judge.ts → runner/analysis/findings/finding.ts',
        'arrows-of-analysis/differences: runner/analysis/differences/change.ts → runner/analysis/verdict/judge.ts',
      ],
    ],
    [
      'a loose file in a room that has folders',
      [
        'every-file-of-analysis-in-a-folder-from: runner/analysis/loose.ts → runner/analysis/findings/finding.ts',
        'every-file-of-analysis-in-a-folder-to: runner/analysis/findings/far.ts → runner/analysis/loose.ts',
      ],
    ],
    ['a loose file', ['every-file-in-a-room-from: runner/loose.ts → runner/report/page.ts']],
    ['an unknown room', ['every-file-in-a-room-from: runner/attic/lock.ts → runner/report/page.ts']],
    ['a program that needs tests', ['program-without-tests: runner/system/tested.ts → test/sample.ts']],
    ['a quick test that starts novaperf', ['quick-tests-stay-quick: test/run/quick.test.ts → test/cli/novaperf.ts']],
  ] as const) {
    it(`find ${what}`, () => expect(found).to.include.members([...expected]));
  }

  it('find nothing else', () => {
    expect(new Set(found.map((each) => each.replace(/: .*/, '')))).to.have.all.keys([
      'no-circle',
      ...BELOW_REPORT.map((room) => `arrows-of-${room}`),
      'every-file-in-a-room-from',
      'every-file-of-metrics-in-a-folder-from',
      'every-file-of-analysis-in-a-folder-from',
      'every-file-of-analysis-in-a-folder-to',
      'every-file-of-metrics-in-a-folder-from',
      'arrows-of-analysis/verdict',
      'arrows-of-analysis/findings',
      'arrows-of-analysis/differences',
      'program-without-tests',
      'quick-tests-stay-quick',
    ]);
    expect(found.join()).not.to.include('runner/cli.ts').and.not.to.include('patient');
  });
});
