// ProjectConfig:ActiveConfig, as the QA team's system has it, becomes environments, commands and paths for a run.

import { join, resolve } from 'node:path';
import { z } from 'zod';
import { oneOfShapes } from '../model/alternatives.ts';
import type { ClusterConfig } from '../model/cluster.ts';
import { type HostPattern, k6Understands, readHostPattern } from '../model/host-pattern.ts';
import { namedRecord } from '../model/named-record.ts';
import { PROFILES, type Profile } from '../model/plan.ts';
import { DEFAULT_JUDGING, type Judging, judgingSchema } from '../model/run.ts';
import { type ServerWatchConfig, watchConfigOf, watchFields } from '../monitor/watch-config.ts';
import { DEFAULT_OUT } from '../system/default-folders.ts';
import { durationMs } from '../system/duration.ts';
import { UserError } from '../system/errors.ts';
import { nearPath } from '../system/near-path.ts';
import { nearest } from '../system/nearest.ts';
import { NO_RULES, type SecretRules } from '../text/secret-rules.ts';
import { clusterOf, clusterSchema } from './cluster-config.ts';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import { CustomDataStore, type StoredData } from './custom-data.ts';
import { JOINED, recordOf, type Setting, settingsOf } from './settings.ts';

/** Where load can be put, by name. */
export type EnvironmentConfig = ServerWatchConfig & PlaceConfig;

type PlaceConfig =
  | { kind: 'demo'; port?: number; seed?: number; version?: string; faults?: string[] }
  | { kind: 'url'; url: string; healthPath: string | undefined };

/** How to reach a real ConPort server; see conport/README.md. */
export type ServerConfig =
  | {
      kind: 'stdio';
      command: string;
      args: string[];
      env: Record<string, string>;
      workspaceId: string;
      timeoutMs: number;
    }
  | { kind: 'http'; url: string; headers: Record<string, string>; workspaceId: string; timeoutMs: number };

export interface ProjectConfig {
  readonly projectName: string;
  /** For scenarios that name none; undefined: none, and such a scenario has no system under test. */
  readonly defaultEnvironment: string | undefined;
  /** Always holds `demo`. */
  readonly environments: ReadonlyMap<string, EnvironmentConfig>;
  /** `testing.commands.performance_<profile>_test`. */
  readonly commands: ReadonlyMap<Profile, string>;
  /** `testing.paths.performance_scripts`. */
  readonly scriptsPath: string | undefined;
  /** The folder of the scenarios as it is configured; undefined: `scenarios`. */
  readonly scenariosFolder: string | undefined;
  /** The folder of the runs, relative to the project. */
  readonly out: string;
  /** k6 extensions as they are written; see k6/extensions.ts. */
  readonly extensions: readonly string[];
  /** Names of environments by the folder of the scripts, relative to the project. */
  readonly environmentOf: ReadonlyMap<string, string>;
  /** Every setting with its value and origin, defaults included. */
  readonly settings: readonly Setting[];
  readonly logPaths: readonly string[];
  readonly conportServer: ServerConfig | undefined;
  /** `testing.performance.records: false`: runs write no records. */
  readonly records: boolean;
  /** `testing.performance.report`: the title and the picture at the top of every page; `logo` is a path, not read here. */
  readonly report: { readonly title: string | undefined; readonly logo: string | undefined };
  /** `testing.performance.forbid`: hosts that load must never reach. */
  readonly forbid: readonly HostPattern[];
  /** `testing.performance.only`: the only hosts that load may reach, besides this machine; undefined without such a rule. */
  readonly only: readonly HostPattern[] | undefined;
  /** `testing.performance.no_data`: whether a target without a sample counts as missed also where k6 passes it. */
  readonly noData: 'fail' | 'warn';
  /** `testing.performance.load_timeout`: how long k6 may take to load a script, milliseconds. */
  readonly loadTimeoutMs: number;
  /** `testing.performance.verdict`, `inconclusive` and `warm_up`. */
  readonly judging: Judging;
  /** `testing.performance.clusters`, for --cluster. */
  readonly clusters: ReadonlyMap<string, ClusterConfig>;
  /** As --baseline takes it; undefined: none. */
  readonly baseline: string | undefined;
  /** `testing.performance.secrets`: what counts as secret in names, besides what is known to. */
  readonly secrets: SecretRules;
  /** What was passed over and why, one sentence each: `config check` shows them. */
  readonly remarks: readonly string[];
  /** The file, or `built-in defaults`. */
  readonly where: string;
}

const httpUrl = z.url({ protocol: /^https?$/, error: 'expected an http(s) URL' });
const wholeNumber = (most: number) => z.number().int().min(0).max(most);

const demoSchema = z.strictObject({
  kind: z.literal('demo'),
  port: wholeNumber(65_535).optional(),
  seed: wholeNumber(Number.MAX_SAFE_INTEGER).optional(),
  version: z.string({ error: 'expected text; put a version such as "1.10" in quotes' }).min(1).optional(),
  faults: z.array(z.string().min(1)).optional(),
  ...watchFields,
});
const urlSchema = z.strictObject({
  kind: z.literal('url').optional(),
  url: httpUrl,
  health_path: z.string().regex(/^\//, 'expected a path that begins with /').optional(),
  ...watchFields,
});
function hasField(value: unknown, field: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, field);
}

function isDemo(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'demo';
}

const environmentUrl = httpUrl.transform((url): EnvironmentConfig => ({ kind: 'url', url, healthPath: undefined }));
const environmentOfUrl = urlSchema.transform(urlOf);
const environmentOfDemo = demoSchema.transform(demoOf);

const environmentSchema = oneOfShapes([environmentUrl, environmentOfUrl, environmentOfDemo], (value) => {
  if (typeof value === 'string') return environmentUrl;
  return isDemo(value) ? environmentOfDemo : environmentOfUrl;
});

function urlOf({ url, health_path, ...watch }: z.infer<typeof urlSchema>): EnvironmentConfig {
  return { kind: 'url', url, healthPath: health_path, ...watchConfigOf(watch) };
}

function demoOf({ port, seed, version, faults, ...watch }: z.infer<typeof demoSchema>): EnvironmentConfig {
  return {
    kind: 'demo',
    ...watchConfigOf(watch),
    ...(port === undefined ? {} : { port }),
    ...(seed === undefined ? {} : { seed }),
    ...(version === undefined ? {} : { version }),
    ...(faults === undefined ? {} : { faults }),
  };
}

const duration = z.string().transform((text, context) => {
  const ms = durationMs(text);
  if (ms !== undefined && ms > 0) return ms;
  context.addIssue({ code: 'custom', message: 'expected a duration such as 30s or 2m' });
  return z.NEVER;
});

const SERVER_TIMEOUT_MS = 30_000;
const LOAD_TIMEOUT_MS = 30_000;
const serverShared = { workspace_id: z.string().min(1), timeout: duration.optional() };
const stdioSchema = z.strictObject({
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: namedRecord(z.string()).default({}),
  ...serverShared,
});
const httpSchema = z.strictObject({
  url: httpUrl,
  headers: namedRecord(z.string()).default({}),
  ...serverShared,
});

const serverOverHttp = httpSchema.transform(
  ({ url, headers, workspace_id, timeout }): ServerConfig => ({
    kind: 'http',
    url,
    headers,
    workspaceId: workspace_id,
    timeoutMs: timeout ?? SERVER_TIMEOUT_MS,
  }),
);
const serverOverStdio = stdioSchema.transform(
  ({ command, args, env, workspace_id, timeout }): ServerConfig => ({
    kind: 'stdio',
    command,
    args,
    env,
    workspaceId: workspace_id,
    timeoutMs: timeout ?? SERVER_TIMEOUT_MS,
  }),
);
const serverSchema = oneOfShapes([serverOverHttp, serverOverStdio], (value) =>
  hasField(value, 'url') ? serverOverHttp : serverOverStdio,
);

const hostPattern = z.string().transform((text, context): HostPattern => {
  const pattern = readHostPattern(text);
  if (pattern !== undefined) return pattern;
  context.addIssue({
    code: 'custom',
    message: `expected a host such as www.example.com, *.example.com, 10.1.2.3 or 10.0.0.0/8, found ${JSON.stringify(text)}`,
  });
  return z.NEVER;
});

/** Their fields may hold anything (placeholders, prose); only ours, under testing.performance, are held to a shape. */
const GLOB_IN_ONLY = 'expected a host or addresses without *: k6 is kept to addresses, which a * does not name';

function isWithoutGlob(pattern: HostPattern): boolean {
  return pattern.kind === 'range' || !pattern.glob.includes('*');
}

const secretsSchema = z.strictObject({
  names: z.array(z.string().min(1)).default([]),
  patterns: z.array(z.string().min(1).refine(isPattern, 'expected a regular expression of JavaScript')).default([]),
  allow: z.array(z.string().min(1)).default([]),
});

function isPattern(text: string): boolean {
  try {
    return !new RegExp(text).test('');
  } catch {
    return false;
  }
}

/** `testing.performance`, and the whole of novaperf.config. */
export const settingsSchema = z.strictObject({
  default_environment: z.string().min(1).optional(),
  environments: z.record(z.string().min(1), environmentSchema).nullish(),
  conport_server: serverSchema.nullish(),
  records: z.boolean().nullish(),
  report: z.strictObject({ title: z.string().min(1).optional(), logo: z.string().min(1).optional() }).nullish(),
  forbid: z.array(hostPattern).nullish(),
  extensions: z.array(z.string().min(1)).nullish(),
  scenarios: z.string().min(1).nullish(),
  out: z.string().min(1).nullish(),
  environment_of: z.record(z.string().min(1), z.string().min(1)).nullish(),
  only: z.array(hostPattern.refine(isWithoutGlob, GLOB_IN_ONLY)).nullish(),
  no_data: z.enum(['fail', 'warn']).nullish(),
  load_timeout: duration.optional(),
  verdict: judgingSchema.shape.thresholds,
  inconclusive: z
    .literal(['98', 'fail', 'pass', 98])
    .transform((code) => (code === 98 ? '98' : code))
    .optional(),
  warm_up: judgingSchema.shape.warmUp,
  setup: judgingSchema.shape.setup,
  degradation: judgingSchema.shape.degradation,
  change: judgingSchema.shape.change,
  baseline: z.string().min(1).optional(),
  secrets: secretsSchema.nullish(),
  clusters: z.record(z.string().min(1), clusterSchema).nullish(),
});

export const configSchema = z.looseObject({
  project_name: z.string().optional(),
  testing: z
    .looseObject({
      paths: namedRecord(z.unknown()).nullish(),
      commands: namedRecord(z.unknown()).nullish(),
      environments: namedRecord(z.unknown()).nullish(),
      performance: settingsSchema.nullish(),
    })
    .nullish(),
  logging: z.looseObject({ paths: z.unknown() }).nullish(),
});

type Config = z.infer<typeof configSchema>;

export const CONFIG_CATEGORY = 'ProjectConfig';
export const CONFIG_KEY = 'ActiveConfig';

const BUILT_IN: ProjectConfig = {
  projectName: '',
  defaultEnvironment: undefined,
  environments: new Map([['demo', { kind: 'demo' }]]),
  commands: new Map(),
  scriptsPath: undefined,
  scenariosFolder: undefined,
  out: DEFAULT_OUT,
  extensions: [],
  environmentOf: new Map(),
  settings: settingsOf([]),
  logPaths: [],
  conportServer: undefined,
  records: true,
  report: { title: undefined, logo: undefined },
  forbid: [],
  only: undefined,
  noData: 'warn',
  loadTimeoutMs: LOAD_TIMEOUT_MS,
  judging: DEFAULT_JUDGING,
  clusters: new Map(),
  baseline: undefined,
  secrets: NO_RULES,
  remarks: [],
  where: 'built-in defaults',
};

/** The public half of a store: custom data can be read without the right to write. */
export function readOnlyCustomData(conportDir: string): CustomDataStore {
  return new CustomDataStore(join(conportDir, 'custom_data'), join(conportDir, '.lock'));
}

/**
 * Reads the project's configuration: ProjectConfig, else novaperf.config.ts in `projectDir`, setting by setting; without both,
 * the built-in one with the environment `demo`. Throws a UserError with file, line and column for a file that does not parse,
 * and with the field's path for one that is not as expected.
 */
export async function readProjectConfig(conportDir: string, projectDir = resolve('.')): Promise<ProjectConfig> {
  const item = await readOnlyCustomData(conportDir).read(CONFIG_CATEGORY, CONFIG_KEY);
  const file = await readConfigFile(projectDir);
  if (file === undefined) return item === undefined ? BUILT_IN : configOf(item);
  if (item === undefined) return configOf(itemOfFile(file));
  // Each is checked alone first, so that an error names the file that it is in.
  for (const each of [itemOfFile(file), item]) parse(each);
  return configOf(merged(item, file));
}

/** The path of the settings in ProjectConfig; a configuration file holds nothing but these. */
const SETTINGS = ['testing', 'performance'] as const;

function itemOfFile({ path, value }: ConfigFile): StoredData {
  return {
    category: CONFIG_CATEGORY,
    key: CONFIG_KEY,
    value: { testing: { performance: value } },
    timestamp: undefined,
    bare: true,
    path: nearPath(path),
    text: '',
    placeOf: () => nearPath(path),
  };
}

/** ProjectConfig with what only the file says; `environments` and `environment_of` are joined entry by entry. */
function merged(item: StoredData, file: ConfigFile): ConfigItem {
  const value = recordOf(item.value);
  const testing = recordOf(value.testing);
  const own = recordOf(testing.performance);
  const performance: Record<string, unknown> = { ...file.value, ...own };
  for (const key of JOINED) {
    const both = { ...recordOf(file.value[key]), ...recordOf(own[key]) };
    if (Object.keys(both).length > 0) performance[key] = both;
  }
  return { ...item, value: { ...value, testing: { ...testing, performance } }, fallback: file, own };
}

/** An item, and the file that says what it does not; `own` is what the item says itself. */
interface ConfigItem extends StoredData {
  readonly fallback?: ConfigFile;
  readonly own?: Readonly<Record<string, unknown>>;
}

/** The settings as their sources say them; `theirs` are the addresses under testing.environments. */
function originsOf(item: ConfigItem, theirs: ReadonlyMap<string, string>): Setting[] {
  const { fallback, path } = item;
  const own = item.own ?? recordOf(recordOf(recordOf(item.value).testing).performance);
  if (isConfigFile(item)) return settingsOf([{ origin: 'novaperf.config', from: path, settings: own }]);
  const environments = { ...Object.fromEntries(theirs), ...recordOf(own.environments) };
  return settingsOf([
    { origin: 'ProjectConfig', from: path, settings: { ...own, environments } },
    ...(fallback === undefined
      ? []
      : [{ origin: 'novaperf.config', from: fallback.path, settings: fallback.value } as const]),
  ]);
}

/** An environment called `performance` is the default. */
function withDefaultEnvironment(settings: readonly Setting[], name: string | undefined): Setting[] {
  const environment = settings.find(({ key }) => key === `environments.${name}`);
  if (name === undefined || environment === undefined) return [...settings];
  const { origin, from } = environment;
  return settings.map((each) =>
    each.key === 'default_environment' && each.origin === 'default' ? { ...each, value: name, origin, from } : each,
  );
}

/** The configuration of an item's value. */
export function configOf(item: ConfigItem): ProjectConfig {
  const config = parse(item);
  const remarks: string[] = [];
  const environments = new Map<string, EnvironmentConfig>([['demo', { kind: 'demo' }]]);
  const theirs = theirEnvironments(config, remarks);
  for (const [name, url] of theirs) environments.set(name, { kind: 'url', url, healthPath: undefined });
  for (const [name, environment] of Object.entries(config.testing?.performance?.environments ?? {})) {
    environments.set(name, environment);
  }
  const chosen = defaultEnvironment(config, environments, item);
  const logPaths = config.logging?.paths;
  const forbid = config.testing?.performance?.forbid ?? [];
  const scriptsPath = config.testing?.paths?.performance_scripts;
  const performance = config.testing?.performance;
  return {
    projectName: config.project_name ?? '',
    defaultEnvironment: chosen,
    environments,
    commands: commandsOf(config, remarks),
    scriptsPath: typeof scriptsPath === 'string' && scriptsPath.trim() !== '' ? scriptsPath.trim() : undefined,
    logPaths: [logPaths].flat(2).filter((path) => typeof path === 'string'),
    conportServer: config.testing?.performance?.conport_server ?? undefined,
    records: config.testing?.performance?.records ?? true,
    report: {
      title: config.testing?.performance?.report?.title,
      logo: config.testing?.performance?.report?.logo,
    },
    forbid,
    scenariosFolder: performance?.scenarios ?? undefined,
    out: performance?.out ?? DEFAULT_OUT,
    extensions: performance?.extensions ?? [],
    environmentOf: new Map(Object.entries(performance?.environment_of ?? {})),
    settings: withDefaultEnvironment(originsOf(item, theirs), chosen),
    only: config.testing?.performance?.only ?? undefined,
    noData: config.testing?.performance?.no_data ?? 'warn',
    loadTimeoutMs: performance?.load_timeout ?? LOAD_TIMEOUT_MS,
    judging: judgingOf(config),
    clusters: new Map(
      Object.entries(performance?.clusters ?? {}).map(([name, cluster]) => [name, clusterOf(name, cluster)]),
    ),
    baseline: config.testing?.performance?.baseline,
    secrets: performance?.secrets ?? NO_RULES,
    remarks: [...remarks, ...forbid.filter((pattern) => !k6Understands(pattern)).map(onlyTarget)],
    where: item.path,
  };
}

function judgingOf({ testing }: Config): Judging {
  const { verdict, inconclusive, warm_up: warmUp, setup, degradation, change } = testing?.performance ?? {};
  return judgingSchema.parse({ thresholds: verdict, inconclusive, warmUp, setup, degradation, change });
}

/** The item that itemOfFile() made. */
function isConfigFile({ bare, text }: StoredData): boolean {
  return bare && text === '';
}

function parse(item: StoredData): Config {
  const parsed = configSchema.safeParse(item.value ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path ?? [];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const full = unknown === undefined ? path : [...path, unknown];
  const isFile = isConfigFile(item);
  const shown = (at: readonly PropertyKey[]) => (isFile ? at.slice(SETTINGS.length) : at).map(String).join('.');
  const [what, page] = isFile ? ['the configuration', 'docs/configuration.md'] : ['ProjectConfig', 'conport/README.md'];
  const field = shown(full);
  const under = shown(path);
  throw new UserError(
    unknown === undefined
      ? `Expected ${what} as described in ${page}, found ${field === '' ? 'a value' : field}: ${issue?.message ?? 'not understood'}.`
      : `Expected only known fields${under === '' ? '' : ` under ${under}`}, found "${unknown}".`,
    {
      where: `${item.placeOf(full)}${field === '' ? '' : `: ${field}`}`,
      next: 'correct the field; novaperf config check checks it again',
    },
  );
}

function onlyTarget({ text }: HostPattern): string {
  return `testing.performance.forbid: "${text}" is checked for the target of a run only; k6 itself takes a * at the beginning, as in *.example.com, and keeps a script off such a host whatever URL it makes up`;
}

/** `performance_env_url: https://…` is the environment `performance`; a placeholder is passed over, and said. */
function theirEnvironments(config: Config, remarks: string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const [field, value] of Object.entries(config.testing?.environments ?? {})) {
    const name = /^(.+?)(?:_env)?_url$/.exec(field)?.[1];
    if (name === undefined || value === null || value === '') continue;
    const parsed = httpUrl.safeParse(value);
    if (parsed.success) found.set(name, parsed.data);
    else
      remarks.push(
        `testing.environments.${field} is no http(s) URL (${JSON.stringify(value)}): no environment "${name}"`,
      );
  }
  return found;
}

function defaultEnvironment(
  config: Config,
  environments: ReadonlyMap<string, unknown>,
  item: StoredData,
): string | undefined {
  const asked = config.testing?.performance?.default_environment;
  if (asked === undefined) return environments.has('performance') ? 'performance' : undefined;
  if (environments.has(asked)) return asked;
  const path = ['testing', 'performance', 'default_environment'];
  const [close] = nearest(asked, [...environments.keys()]);
  throw new UserError(`Expected one of the environments ${[...environments.keys()].join(', ')}, found "${asked}".`, {
    where: `${item.placeOf(path)}: ${path.join('.')}`,
    ...(close === undefined ? {} : { next: `did you mean "${close}"?` }),
  });
}

function commandsOf(config: Config, remarks: string[]): Map<Profile, string> {
  const commands = new Map<Profile, string>();
  for (const [field, value] of Object.entries(config.testing?.commands ?? {})) {
    const name = /^performance_(.+)_test$/.exec(field)?.[1];
    if (name === undefined || value === null || value === '') continue;
    const profile = PROFILES.find((known) => known === name);
    if (profile === undefined) {
      remarks.push(`testing.commands.${field}: "${name}" is no profile; they are ${PROFILES.join(', ')}`);
    } else if (typeof value !== 'string') {
      remarks.push(`testing.commands.${field} is no text`);
    } else commands.set(profile, value.trim());
  }
  return commands;
}
