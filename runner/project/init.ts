// `novaperf init`: plans the files that an npm project needs to run scenarios, and writes them after confirmation.

import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import Handlebars from 'handlebars';
import { z } from 'zod';
import { CONFIG_FILES } from '../config/config-file.ts';
import { readProjectConfig } from '../config/project-config.ts';
import { PROFILES } from '../model/plan.ts';
import { projectScenarios, SCENARIOS_FOLDER, scenariosFolderOf } from '../scenario/resolve.ts';
import { DEFAULT_CONPORT } from '../system/default-folders.ts';
import { errorCode, messageOf, UserError } from '../system/errors.ts';
import { makeFolder } from '../system/folder.ts';
import { packageRoot } from '../system/package-root.ts';
import { reasonOf } from '../system/refusals.ts';
import { typescriptString } from '../text/typescript-source.ts';
import { renderNewScenario } from './new-scenario.ts';
import { type PackageManager, packageManagerOf } from './package-manager.ts';

/** CI systems with a job. */
export const CI_SYSTEMS = ['github', 'gitlab'] as const;
/** A CI system with a job. */
export type CiSystem = (typeof CI_SYSTEMS)[number];

/** Arguments of `novaperf init`. */
export interface InitRequest {
  readonly projectDir: string;
  /** A folder of existing k6 scripts, relative to the project; they are not moved. */
  readonly adopt?: string | undefined;
  readonly ci?: CiSystem | undefined;
  /** URL of the system under test; default: the demo shop. */
  readonly baseUrl?: string | undefined;
}

/** A file that init would write. */
export interface PlannedFile {
  /** Relative to the project. */
  readonly path: string;
  readonly text: string;
  readonly isNew: boolean;
  /** Its purpose, a clause. */
  readonly purpose: string;
}

/** What init would do. */
export interface InitPlan {
  readonly files: readonly PlannedFile[];
  /** Next steps of the user, a sentence or command each. */
  readonly next: readonly string[];
}

const NOVA_FOLDER = '.nova/';

/** What init would write; existing files are left out. Throws a UserError for a project without package.json. */
export async function planInit(request: InitRequest): Promise<InitPlan> {
  const { projectDir, adopt } = request;
  const manager = packageManagerOf(projectDir);
  const manifest = await readManifest(projectDir);
  if (adopt !== undefined && !existsSync(join(projectDir, adopt))) {
    throw new UserError(`Expected a folder of k6 scripts, found no ${adopt}.`, { where: join(projectDir, adopt) });
  }
  const config = await readProjectConfig(join(projectDir, DEFAULT_CONPORT), projectDir);
  const folder = adopt ?? scenariosFolderOf(config, projectDir);
  const isEmpty = (await projectScenarios(projectDir, folder)).length === 0;
  // Files of an adopted folder are not changed.
  const isOurs = adopt === undefined && (isEmpty || folder === SCENARIOS_FOLDER);
  const files = [
    await configFile(request),
    isEmpty && isOurs ? await exampleScenario(request, folder) : undefined,
    isOurs ? await tsconfig(projectDir, folder) : undefined,
    packageScripts(manifest),
    await gitignore(projectDir),
    await ciFile(request, manager),
  ];
  const wanted = files.filter((file) => file !== undefined);
  return { files: wanted, next: await nextSteps(request, manifest, manager) };
}

/** Writes the planned files. Fails for a new file that exists meanwhile. */
export async function writeInit(projectDir: string, { files }: InitPlan): Promise<void> {
  for (const { path, text, isNew } of files) {
    const whole = join(projectDir, path);
    await makeFolder(dirname(whole));
    try {
      await writeFile(whole, text, { flag: isNew ? 'wx' : 'w' });
    } catch (error) {
      throw new UserError(`Expected to write ${path}, found: ${reasonOf(error)}`, { where: whole, cause: error });
    }
  }
}

const manifestSchema = z.looseObject({
  scripts: z.record(z.string(), z.string()).optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  devDependencies: z.record(z.string(), z.string()).optional(),
});

interface Manifest {
  readonly text: string;
  /** The parsed file with its keys in order. */
  readonly whole: object;
  readonly value: z.infer<typeof manifestSchema>;
}

async function readManifest(projectDir: string): Promise<Manifest> {
  const path = join(projectDir, 'package.json');
  try {
    const text = await readFile(path, 'utf8');
    const whole = JSON.parse(text);
    return { text, whole, value: manifestSchema.parse(whole) };
  } catch (error) {
    const isMissing = errorCode(error) === 'ENOENT';
    throw new UserError(`Expected an npm project, found ${isMissing ? 'no package.json' : messageOf(error)}.`, {
      where: path,
      ...(isMissing ? { next: 'npm init -y creates one' } : {}),
      cause: error,
    });
  }
}

/** Adds the missing scripts, with the file's indentation. */
function packageScripts({ text, whole, value }: Manifest): PlannedFile | undefined {
  const scripts = Object.fromEntries(
    PROFILES.map((profile) => [`perf:${profile}`, `novaperf run --profile ${profile}`]),
  );
  const missing = Object.keys(scripts).filter((name) => value.scripts?.[name] === undefined);
  if (missing.length === 0) return undefined;
  const indent = /^([ \t]+)"/m.exec(text)?.[1] ?? '  ';
  const changed = {
    ...whole,
    scripts: { ...value.scripts, ...Object.fromEntries(missing.map((name) => [name, scripts[name]])) },
  };
  return {
    path: 'package.json',
    text: `${JSON.stringify(changed, null, indent)}${text.endsWith('\n') ? '\n' : ''}`,
    isNew: false,
    purpose: `scripts ${missing.join(', ')}`,
  };
}

async function configFile({ projectDir, adopt, baseUrl }: InitRequest): Promise<PlannedFile | undefined> {
  if (CONFIG_FILES.some((name) => existsSync(join(projectDir, name)))) return undefined;
  const scenarios = adopt;
  const hasRecords = existsSync(join(projectDir, DEFAULT_CONPORT));
  const text = await rendered('novaperf.config.ts.hbs', { scenarios, baseUrl, hasRecords });
  return { path: 'novaperf.config.ts', text, isNew: true, purpose: 'environments and other settings' };
}

async function exampleScenario({ baseUrl }: InitRequest, folder: string): Promise<PlannedFile> {
  const text = await renderNewScenario({
    name: 'example',
    component: 'Example',
    description: 'A visitor opens one page',
    path: baseUrl === undefined ? '/products' : '/',
    environment: baseUrl === undefined ? 'demo' : undefined,
  });
  return { path: join(folder, 'example.ts'), text, isNew: true, purpose: 'a scenario that runs' };
}

async function tsconfig(projectDir: string, folder: string): Promise<PlannedFile | undefined> {
  const path = join(folder, 'tsconfig.json');
  if (existsSync(join(projectDir, path))) return undefined;
  const text = await template('tsconfig.json');
  return { path, text, isNew: true, purpose: 'type checking of scenarios' };
}

async function gitignore(projectDir: string): Promise<PlannedFile | undefined> {
  const path = join(projectDir, '.gitignore');
  const text = existsSync(path) ? await readFile(path, 'utf8') : '';
  if (text.split(/\r?\n/).some((line) => /^\/?\.nova\/?$/.test(line.trim()))) return undefined;
  const begin = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return {
    path: '.gitignore',
    text: `${begin}${NOVA_FOLDER}\n`,
    isNew: text === '',
    purpose: 'reports stay out of git',
  };
}

async function ciFile({ projectDir, ci }: InitRequest, manager: PackageManager): Promise<PlannedFile | undefined> {
  if (ci === undefined) return undefined;
  const isGithub = ci === 'github';
  const root = repositoryOf(projectDir);
  const file = isGithub ? '.github/workflows/performance.yml' : await gitlabFile(root);
  if (file === undefined || existsSync(join(root, file))) return undefined;
  const path = relative(projectDir, join(root, file));
  // In a monorepo the job goes to the folder of the package.
  const folder = relative(root, projectDir).split(sep).join('/');
  const text = (await template(`${ci}.yml`))
    .replaceAll('{{install}}', manager.install)
    .replaceAll('{{exec}}', manager.exec)
    .replaceAll('{{folder}}', folder === '' ? '' : `${folder}/`)
    .replaceAll(
      '{{working-directory}}',
      folder === '' ? '' : `    defaults: { run: { working-directory: ${folder} } }\n`,
    )
    .replaceAll('{{cd}}', folder === '' ? '' : `    - cd ${folder}\n`);
  const purpose = `a ${isGithub ? 'GitHub workflow' : 'GitLab job'} that runs the smoke profile`;
  return { path, text, isNew: true, purpose };
}

const GITLAB_PIPELINE = '.gitlab-ci.yml';
const GITLAB_JOB = 'performance.gitlab-ci.yml';

/** The folder in which CI systems look for their files: that of the git repository, or else of the project. */
function repositoryOf(projectDir: string): string {
  for (let folder = projectDir; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    if (folder === dirname(folder)) return projectDir;
  }
}

/** The file of the GitLab job: a separate one to include if the project has a pipeline. Undefined if it has the job. */
async function gitlabFile(root: string): Promise<string | undefined> {
  if (!existsSync(join(root, GITLAB_PIPELINE))) return GITLAB_PIPELINE;
  const pipeline = await readFile(join(root, GITLAB_PIPELINE), 'utf8');
  return pipeline.includes('novaperf run') ? undefined : GITLAB_JOB;
}

/** Whether there is a pipeline with neither the job nor the include. */
async function needsInclude(root: string): Promise<boolean> {
  const pipeline = await readFile(join(root, GITLAB_PIPELINE), 'utf8').catch(() => 'novaperf run');
  return !pipeline.includes('novaperf run') && !pipeline.includes(GITLAB_JOB);
}

async function nextSteps(
  { projectDir, adopt, ci }: InitRequest,
  { value }: Manifest,
  manager: PackageManager,
): Promise<string[]> {
  const installed = { ...value.dependencies, ...value.devDependencies };
  // There `import … from 'k6'` cannot use the types that novaperf depends on.
  const wanted = ['novaperf', 'typescript', ...(manager.isStrict ? ['@types/k6'] : [])];
  const missing = wanted.filter((name) => installed[name] === undefined);
  return [
    ...(missing.length === 0 ? [] : [`${manager.addDev} ${missing.join(' ')}`]),
    ...(adopt === undefined
      ? [`${manager.runScript} perf:smoke`]
      : ['npx novaperf list', 'npx novaperf run <script> --profile smoke']),
    ...(ci === 'gitlab' && (await needsInclude(repositoryOf(projectDir)))
      ? [`add to ${GITLAB_PIPELINE}: include: [{ local: '${GITLAB_JOB}' }]`]
      : []),
  ];
}

function template(name: string): Promise<string> {
  return readFile(join(packageRoot, 'templates/init', name), 'utf8');
}

async function rendered(name: string, view: object): Promise<string> {
  const handlebars = Handlebars.create();
  handlebars.registerHelper('text', typescriptString);
  return handlebars.compile(await template(name), { noEscape: true })(view);
}
