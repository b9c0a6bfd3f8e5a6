// The packed package in a fresh project: its content, its types, and a run with it: `npm run test:package`, which installs
// from the npm registry.

import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { completionSchema } from '../../runner/model/completion.ts';
import { resultSchema } from '../../runner/model/result.ts';
import { bundleScript } from '../../runner/scenario/bundle.ts';
import { packageRoot } from '../../runner/system/package-root.ts';
import { startTarget } from '../scenario/target.ts';
import { execute, freshProject, type Packed, pack } from './packed.ts';

const MB = 1024 * 1024;

const SCENARIO = `import { SharedArray } from 'k6/data';
import { baseUrl, check, defineScenario, http } from 'novaperf';
import loadUsers from './users.csv';

export const options = defineScenario({ component: 'Shop', load: { vus: 1 } });
const users = new SharedArray('users', loadUsers);
export default function () {
  const email: string | undefined = users[0]?.email;
  const response = http.get(\`\${baseUrl}/users/7?email=\${String(email)}\`);
  check(response, { ok: ({ status }) => status === 200 });
}
`;
const READER = `import { type Result, resultSchema } from 'novaperf/result';
const result: Result = resultSchema.parse({});
export const code: number = result.exit_code;
`;
const WRONG = `import { defineScenario } from 'novaperf';
export const options = defineScenario({ component: 'Shop', load: { vus: '1' } });
`;

describe('the npm package', function () {
  this.timeout(240_000);
  let packed: Packed;
  let project: string;

  before(async () => {
    packed = await pack();
    project = await freshProject(packed.tarball, {
      'package.json': '{ "name": "user", "private": true }',
      'scenarios/shop.ts': SCENARIO,
      'scenarios/wrong.ts': WRONG,
      'scenarios/users.csv': 'email,age\nada@example.com,36\n',
      'reader.ts': READER,
    });
  });
  after(async () => {
    await packed.remove();
    await rm(project, { recursive: true, force: true });
  });

  it('is below 2 MB, and below 70 MB when installed with its dependencies', async () => {
    expect(packed.packedBytes).to.be.below(2 * MB);
    expect(await bytesBelow(join(project, 'node_modules'))).to.be.below(70 * MB);
  });

  it('contains the program but no tests, source maps or scenarios of this repository', () => {
    expect(packed.files).to.include.members([
      'dist/novaperf.js',
      'dist/demo.js',
      'dist/THIRD-PARTY-NOTICES.txt',
      'dist/esm/scenario/api.d.ts',
      'dist/cjs/package.json',
      'schemas/completion.json',
      'schemas/result.json',
      'runner/k6/output/go.mod',
      'templates/report.hbs',
      'LICENSE',
    ]);
    const unwanted =
      /\.map$|_test\.go$|\.test\.ts$|^(test|bench|scenarios|conport\/custom_data)\/|^runner\/(?!k6\/output)/;
    expect(packed.files.filter((path) => unwanted.test(path))).to.deep.equal([]);
  });

  it('runs no install script', async () => {
    const { scripts } = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8'));
    expect(scripts).not.to.have.any.keys('preinstall', 'install', 'postinstall');
  });

  it('includes the licence of every package that it contains code of', async () => {
    const notices = await readFile(join(packageRoot, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of ['uplot', 'yaml', 'handlebars', 'zod'])
      expect(notices).to.match(new RegExp(`^${name} \\d`, 'm'));
    expect(notices).to.match(/AGPL-3\.0/);
  });

  it('passes publint and arethetypeswrong', async () => {
    const program = (name: string) => join(packageRoot, 'node_modules/.bin', name);
    const publint = await execute(program('publint'), ['run', '--strict', packed.tarball], packageRoot);
    expect(publint).to.include({ code: 0 });
    const types = await execute(program('attw'), [packed.tarball], packageRoot);
    expect(types.code, types.stdout).to.equal(0);
  });

  for (const type of ['module', 'commonjs']) {
    for (const resolution of ['--module esnext --moduleResolution bundler', '--module nodenext']) {
      it(`type-checks in a project of type ${type} with ${resolution}`, async () => {
        await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'user', private: true, type }));
        const flags = `--noEmit --strict --target es2022 --types k6 --pretty false ${resolution}`.split(' ');
        const { stdout } = await tsc([...flags, 'scenarios/shop.ts', 'reader.ts', 'scenarios/wrong.ts'], project);
        const errors = stdout.split('\n').filter((line) => /^\S/.test(line));
        expect(errors, stdout).to.have.length(1);
        expect(errors[0]).to.match(/^scenarios\/wrong\.ts\(2,.*TS2322/);
      });
    }
  }

  it('runs a scenario of the project against the given server', async () => {
    const target = await startTarget();
    try {
      const args = ['novaperf', 'run', 'shop', '--profile', 'smoke', '--duration', '2s', '--base-url', target.url];
      const times = ['--baseline-time', '0s', '--recovery-time', '0s', '--json'];
      const { stdout, stderr } = await execute('npx', [...args, ...times], project);
      expect(stdout, stderr).not.to.equal('');
      const completion = completionSchema.parse(JSON.parse(stdout));
      const folder = join(project, completion.scenarios[0]?.folder ?? '');
      const result = resultSchema.parse(JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')));
      expect(result.endpoints.map(({ name }) => name)).to.deep.equal(['GET /users/:id']);
      expect(result.checks).to.have.length(1);
    } finally {
      await target.close();
    }
  });

  it('adds to a bundle only what the script uses', async () => {
    const codeOf = async (name: string) => (await bundleScript(join(project, 'scenarios', name))).code;
    expect(await codeOf('shop.ts')).to.include('novaperf-sample');
    expect(await codeOf('wrong.ts')).not.to.include('novaperf-sample');
  });
});

function tsc(args: readonly string[], cwd: string) {
  return execute(process.execPath, [join(packageRoot, 'node_modules/typescript/bin/tsc'), ...args], cwd);
}

/** Bytes of the files below a folder; links, such as TypeScript here, are not followed. */
async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
