// The packed package in fresh projects of every package manager: `npm run test:projects`. The managers themselves come from npm.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { z } from 'zod';
import { completionSchema } from '../../runner/model/completion.ts';
import { type Ended, type Packed, pack } from './packed.ts';
import { shell } from './shell.ts';

const TIMEOUT_MS = 600_000;

// npx in CI jobs must not ask before it installs.
process.env.npm_config_yes = 'true';
process.env.COREPACK_NPM_REGISTRY = 'https://registry.npmjs.org';
process.env.COREPACK_ENABLE_DOWNLOAD_PROMPT = '0';

/** Each manager under its own name. */
const MANAGERS = {
  pnpm9: 'npm:pnpm@9',
  pnpm10: 'npm:pnpm@10',
  yarn1: 'npm:yarn@1',
  yarn4: 'npm:@yarnpkg/cli-dist@4',
} as const;
type Manager = keyof typeof MANAGERS | 'npm';
const PROGRAMS: Readonly<Record<keyof typeof MANAGERS, string>> = {
  pnpm9: 'pnpm9/bin/pnpm.cjs',
  pnpm10: 'pnpm10/bin/pnpm.cjs',
  yarn1: 'yarn1/bin/yarn.js',
  yarn4: 'yarn4/bin/yarn.js',
};

interface Project {
  readonly title: string;
  readonly manager: Manager;
  readonly type: 'module' | 'commonjs';
  /** Further files of the root; in a workspace the project is packages/load. */
  readonly files?: Readonly<Record<string, string>>;
  readonly isWorkspace?: boolean;
  readonly runsWorkflow?: boolean;
  /** Packages that this manager hides unless the project lists them. */
  readonly further?: readonly string[];
}

const yarnrc = (linker: string) =>
  `nodeLinker: ${linker}\nenableGlobalCache: true\nenableTelemetry: false\nenableImmutableInstalls: false\n`;
const workspaces = JSON.stringify({ name: 'root', private: true, workspaces: ['packages/*'] });

const PROJECTS: readonly Project[] = [
  { title: 'npm', manager: 'npm', type: 'module', runsWorkflow: true },
  { title: 'npm, CommonJS', manager: 'npm', type: 'commonjs' },
  { title: 'npm workspace', manager: 'npm', type: 'module', isWorkspace: true, files: { 'package.json': workspaces } },
  { title: 'pnpm 9', manager: 'pnpm9', type: 'commonjs', further: ['@types/k6', 'zod'] },
  { title: 'pnpm 10', manager: 'pnpm10', type: 'module', runsWorkflow: true, further: ['@types/k6', 'zod'] },
  {
    title: 'pnpm workspace',
    manager: 'pnpm10',
    type: 'module',
    isWorkspace: true,
    files: {
      'package.json': '{ "name": "root", "private": true }',
      'pnpm-workspace.yaml': "packages:\n  - 'packages/*'\n",
    },
    further: ['@types/k6', 'zod'],
  },
  // Without its CI job: yarn classic never accepts a lock file with a tarball as frozen.
  { title: 'yarn classic', manager: 'yarn1', type: 'commonjs' },
  {
    title: 'yarn classic workspace',
    manager: 'yarn1',
    type: 'commonjs',
    isWorkspace: true,
    files: { 'package.json': workspaces },
  },
  {
    title: 'yarn berry with node_modules',
    manager: 'yarn4',
    type: 'module',
    files: { '.yarnrc.yml': yarnrc('node-modules'), 'yarn.lock': '' },
  },
  {
    title: 'yarn berry workspace',
    runsWorkflow: true,
    manager: 'yarn4',
    type: 'commonjs',
    isWorkspace: true,
    files: { 'package.json': workspaces, '.yarnrc.yml': yarnrc('node-modules'), 'yarn.lock': '' },
  },
  {
    title: "yarn berry with Plug'n'Play",
    runsWorkflow: true,
    manager: 'yarn4',
    type: 'module',
    files: { '.yarnrc.yml': yarnrc('pnp'), 'yarn.lock': '' },
    further: ['@types/k6', 'zod'],
  },
];

const SCENARIO = `import { sleep } from 'k6';
import { baseUrl, check, dataset, defineScenario, http } from 'novaperf';
import loadUsers from './users.csv';

export const options = defineScenario({ component: 'Shop', environment: 'demo', load: { vus: 1 }, thresholds: { checks: ['rate==1'] } });
const users = dataset('users', loadUsers);
export default function () {
  const user = users.row();
  const age: number = user.age;
  const response = http.get(\`\${baseUrl}/products?user=\${age}\`);
  check(response, { ok: ({ status }) => status === 200 && user.email.includes('@') });
  sleep(0.2);
}
`;
const SCHEMA = `import { z } from 'zod';
export default z.object({ email: z.email(), age: z.coerce.number() });
`;
const ROWS = `import type { z } from 'zod';
import type userSchema from './users.schema';
export default function loadUsers(): z.infer<typeof userSchema>[];
`;
const READER = `import { type Result, resultSchema } from 'novaperf/result';
const parsed = resultSchema.safeParse({});
const result: Result | undefined = parsed.data;
if (parsed.success || result !== undefined) throw new Error('an empty object is no result');
`;
const READS = {
  module: "import { resultSchema } from 'novaperf/result'; if (resultSchema.safeParse({}).success) process.exit(1)",
  commonjs: "if (require('novaperf/result').resultSchema.safeParse({}).success) process.exit(1)",
};

describe('the package in a fresh project of', function () {
  this.timeout(TIMEOUT_MS);
  let packed: Packed;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'novaperf-projects-'));
    packed = await pack();
    await writeFile(join(folder, 'package.json'), '{ "private": true }');
    const managers = Object.entries(MANAGERS).map(([name, source]) => `${name}@${source}`);
    await succeeds(`npm install --no-audit --no-fund --prefer-offline ${managers.join(' ')}`, folder);
  });
  after(async () => {
    await packed.remove();
    await rm(folder, { recursive: true, force: true });
  });

  for (const project of PROJECTS) {
    it(project.title, async () => {
      const root = join(folder, 'projects', project.title.replace(/\W+/g, '-'));
      const home = project.isWorkspace === true ? join(root, 'packages/load') : root;
      await write(root, project.files ?? {});
      // Yarn classic ignores a workspace without a version.
      const manifest = { name: 'load', version: '1.0.0', private: true, type: project.type };
      await write(home, { 'package.json': JSON.stringify(manifest) });
      if (project.manager === 'yarn4') await nameYarn(root, folder);
      const { add, exec, node = 'node' } = commandsOf(project.manager, folder);
      // For PnP yarn patches TypeScript, and its patch is for TypeScript 5.
      const wanted = [`novaperf@file:${packed.tarball}`, 'typescript@5', ...(project.further ?? [])];
      await succeeds(`${add} ${wanted.join(' ')}`, home);

      await succeeds(`${exec} novaperf init --yes`, home);
      const again = await succeeds(`${exec} novaperf init --yes`, home);
      expect(again.stdout + again.stderr).not.to.match(/^(write|add to) /m);
      await write(home, {
        'scenarios/shop.ts': SCENARIO,
        'scenarios/users.csv': 'email,age\nada@example.com,36\n',
        'scenarios/users.schema.ts': SCHEMA,
        'scenarios/users.d.csv.ts': ROWS,
        'reader.ts': READER,
      });
      await succeeds(`${exec} novaperf list`, home);
      await succeeds(`${exec} tsc -p scenarios`, home);
      const strict = 'tsc --noEmit --strict --target es2022 --types k6 --skipLibCheck false';
      await succeeds(`${exec} ${strict} --module nodenext reader.ts scenarios/example.ts`, home);
      await succeeds(`${exec} ${strict} --module esnext --moduleResolution bundler reader.ts`, home);
      await succeeds(`${node} --input-type=${project.type} -e "${READS[project.type]}"`, home);

      const flags = '--profile smoke --duration 2s --baseline-time 0s --recovery-time 0s --json';
      for (const scenario of ['example', 'shop']) {
        const { stdout } = await succeeds(`${exec} novaperf run ${scenario} ${flags}`, home);
        const { outcome } = completionSchema.parse(JSON.parse(stdout.slice(stdout.indexOf('{'))));
        expect(outcome).to.equal('pass');
      }
      const wrong = await shell(`${exec} novaperf run wrong ${flags}`, home, TIMEOUT_MS);
      expect(wrong.code).to.equal(2);
      if (project.runsWorkflow === true) await runWorkflow(exec, home, root);
    });
  }
});

/** Projects of yarn berry name its version, which corepack uses. */
async function nameYarn(root: string, folder: string): Promise<void> {
  const { version } = JSON.parse(await readFile(join(folder, 'node_modules/yarn4/package.json'), 'utf8'));
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  await writeFile(join(root, 'package.json'), JSON.stringify({ ...manifest, packageManager: `yarn@${version}` }));
}

const workflowSchema = z.object({
  jobs: z.object({
    performance: z.object({
      defaults: z.object({ run: z.object({ 'working-directory': z.string() }) }).optional(),
      steps: z.array(z.looseObject({ run: z.string().optional() })),
    }),
  }),
});

/** Runs the commands of the workflow that `init --ci github` writes, in a fresh project, without third-party actions. */
async function runWorkflow(exec: string, home: string, root: string): Promise<void> {
  await succeeds('git init -q', root);
  await succeeds(`${exec} novaperf init --yes --ci github`, home);
  const text = await readFile(join(root, '.github/workflows/performance.yml'), 'utf8');
  const { steps, defaults } = workflowSchema.parse(parse(text)).jobs.performance;
  const commands = steps.flatMap(({ run }) => run ?? []);
  expect(commands).to.have.length(2);
  for (const name of [join(root, 'node_modules'), join(home, 'node_modules'), join(root, '.pnp.cjs')])
    await rm(name, { recursive: true, force: true });
  for (const command of commands) {
    const filled = command.replace(/\$\{\{.*?\}\}/g, 'smoke');
    await succeeds(filled, join(root, defaults?.run['working-directory'] ?? ''));
  }
}

function commandsOf(
  manager: Manager,
  folder: string,
): { readonly add: string; readonly exec: string; readonly node?: string } {
  if (manager === 'npm')
    return { add: 'npm install --save-dev --no-audit --no-fund --prefer-offline', exec: 'npx --no-install' };
  const program = `${process.execPath} ${join(folder, 'node_modules', PROGRAMS[manager])}`;
  switch (manager) {
    case 'pnpm9':
    case 'pnpm10':
      return { add: `${program} add --save-dev --prefer-offline`, exec: `${program} exec` };
    case 'yarn1':
      return { add: `${program} add --dev --prefer-offline --ignore-engines`, exec: `${program} --silent run` };
    case 'yarn4':
      return { add: `${program} add --dev`, exec: `${program} run`, node: `${program} node` };
  }
}

async function succeeds(command: string, cwd: string): Promise<Ended> {
  const ended = await shell(command, cwd, TIMEOUT_MS);
  expect(ended.code, `${command}\n${ended.stdout}\n${ended.stderr}`).to.equal(0);
  return ended;
}

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}
