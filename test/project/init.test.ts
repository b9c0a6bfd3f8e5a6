// `novaperf init`: what it writes into several kinds of project, and that a second call writes nothing.

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { readProjectConfig } from '../../runner/config/project-config.ts';
import { type InitRequest, planInit, writeInit } from '../../runner/project/init.ts';
import { bundleScript } from '../../runner/scenario/bundle.ts';
import { errorOf } from '../scenario/error-of.ts';

const MANIFEST = '{\n    "name": "shop",\n    "scripts": {\n        "perf:load": "mine"\n    }\n}';

async function inProject(files: Readonly<Record<string, string>>, work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'novaperf-init-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), text);
    }
    await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function init(projectDir: string, options: Omit<InitRequest, 'projectDir'> = {}) {
  const plan = await planInit({ projectDir, ...options });
  await writeInit(projectDir, plan);
  return { plan, paths: plan.files.map(({ path }) => path) };
}

describe('novaperf init', () => {
  it('writes a scenario that bundles, npm scripts, a configuration and types, and nothing on the second call', () =>
    inProject({ 'package.json': MANIFEST }, async (dir) => {
      const { paths, plan } = await init(dir);
      expect(paths).to.have.members([
        'novaperf.config.ts',
        'scenarios/example.ts',
        'scenarios/tsconfig.json',
        'package.json',
        '.gitignore',
      ]);
      expect(plan.next[0]).to.equal('npm install --save-dev novaperf typescript');
      const manifest = await readFile(join(dir, 'package.json'), 'utf8');
      expect(manifest).to.match(/^\{\n {4}"name"/);
      expect(JSON.parse(manifest).scripts).to.include({
        'perf:load': 'mine',
        'perf:soak': 'novaperf run --profile soak',
      });
      expect((await bundleScript(join(dir, 'scenarios/example.ts'))).exports).to.include('options');
      expect(await readProjectConfig(join(dir, 'conport'), dir)).to.include({
        // The demo is only for its own scenario: one that is added later must not be sent there.
        defaultEnvironment: undefined,
        records: false,
      });
      expect((await init(dir)).paths).to.deep.equal([]);
      expect(await readdir(dir)).not.to.include('conport');
    }));

  it('writes the given system under test into the configuration', () =>
    inProject({ 'package.json': '{}' }, async (dir) => {
      await init(dir, { baseUrl: 'http://127.0.0.1:8080' });
      const { defaultEnvironment, environments } = await readProjectConfig(join(dir, 'conport'), dir);
      expect(defaultEnvironment).to.equal('local');
      expect(environments.get('local')).to.include({ url: 'http://127.0.0.1:8080' });
    }));

  it('does not move adopted scripts', () =>
    inProject({ 'package.json': '{}', 'tests/k6/a.js': 'export default () => {};' }, async (dir) => {
      const { paths } = await init(dir, { adopt: 'tests/k6' });
      expect(paths).to.have.members(['novaperf.config.ts', 'package.json', '.gitignore']);
      expect((await readProjectConfig(join(dir, 'conport'), dir)).scenariosFolder).to.equal('tests/k6');
      expect(await readdir(join(dir, 'tests/k6'))).to.deep.equal(['a.js']);
      expect((await init(dir)).paths).to.deep.equal([]);
    }));

  const systems: [ci: 'github' | 'gitlab', files: Record<string, string>, path: string, install: string][] = [
    ['github', {}, '.github/workflows/performance.yml', 'npm ci'],
    ['github', { 'pnpm-lock.yaml': '' }, '.github/workflows/performance.yml', 'npx pnpm install --frozen-lockfile'],
    ['github', { 'yarn.lock': '' }, '.github/workflows/performance.yml', 'npx yarn run novaperf run'],
    [
      'github',
      { 'yarn.lock': '__metadata:\n' },
      '.github/workflows/performance.yml',
      'corepack yarn install --immutable',
    ],
    ['gitlab', {}, '.gitlab-ci.yml', 'npm ci'],
    ['gitlab', { '.gitlab-ci.yml': 'a: 1\n' }, 'performance.gitlab-ci.yml', 'npm ci'],
  ];
  for (const [ci, files, path, install] of systems) {
    it(`writes ${path} for ${ci} with ${install}`, () =>
      inProject({ 'package.json': '{}', ...files }, async (dir) => {
        const { paths } = await init(dir, { ci });
        expect(paths).to.include(path);
        const text = await readFile(join(dir, path), 'utf8');
        expect(parse(text)).to.be.an('object');
        expect(text)
          .to.include(install)
          .and.to.match(/novaperf run --profile/);
        const { paths: none, plan } = await init(dir, { ci });
        expect(none).to.deep.equal([]);
        expect(plan.next.some((step) => step.includes('include:'))).to.equal(path === 'performance.gitlab-ci.yml');
      }));
  }

  for (const [ci, path, place] of [
    ['github', '../../.github/workflows/performance.yml', /working-directory: packages\/load/],
    ['gitlab', '../../.gitlab-ci.yml', /cd packages\/load/],
  ] as const) {
    it(`writes the ${ci} job of a package in a monorepo to the repository's root`, () =>
      inProject({ '.git/HEAD': '', 'pnpm-lock.yaml': '', 'packages/load/package.json': '{}' }, async (root) => {
        const dir = join(root, 'packages/load');
        const { paths, plan } = await init(dir, { ci });
        expect(paths).to.include(path);
        const text = await readFile(join(dir, path), 'utf8');
        expect(parse(text)).to.be.an('object');
        expect(text)
          .to.match(place)
          .and.to.match(/packages\/load\/\.nova\/reports/);
        expect(plan.next.join()).to.match(/pnpm add .*@types\/k6/);
        expect((await init(dir, { ci })).paths).to.deep.equal([]);
      }));
  }

  it('requires the types of k6 if yarn hides them', () =>
    inProject({ 'package.json': '{}', 'yarn.lock': '__metadata:\n', '.pnp.cjs': '' }, async (dir) => {
      expect((await init(dir)).plan.next[0]).to.equal('yarn add --dev novaperf typescript @types/k6');
    }));

  const refused: [
    what: string,
    files: Record<string, string>,
    options: Omit<InitRequest, 'projectDir'>,
    message: RegExp,
  ][] = [
    ['a folder without package.json', {}, {}, /no package\.json/],
    ['a broken package.json', { 'package.json': '{' }, {}, /Expected an npm project/],
    ['a missing folder to adopt', { 'package.json': '{}' }, { adopt: 'k6' }, /found no k6/],
  ];
  for (const [what, files, options, message] of refused) {
    it(`rejects ${what} and writes nothing`, () =>
      inProject(files, async (dir) => {
        expect((await errorOf(init(dir, options))).message).to.match(message);
        expect(await readdir(dir)).to.deep.equal(Object.keys(files));
      }));
  }
});
