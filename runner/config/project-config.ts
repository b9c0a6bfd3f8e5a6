// The project's configuration: environments, commands and paths from ProjectConfig:ActiveConfig and novaperf.config.

import { resolve } from 'node:path';
import type { ClusterConfig } from '../model/cluster.ts';
import { type HostPattern, k6Understands } from '../model/host-pattern.ts';
import { PROFILES, type Profile } from '../model/plan.ts';
import { DEFAULT_JUDGING, type Judging, judgingSchema } from '../model/run.ts';
import { DEFAULT_OUT } from '../system/default-folders.ts';
import { UserError } from '../system/errors.ts';
import { nearest } from '../system/nearest.ts';
import { NO_RULES, type SecretRules } from '../text/secret-rules.ts';
import { clusterOf } from './cluster-config.ts';
import { type ConfigItem, checked, originsOf, readConfigItem } from './config-item.ts';
import type { ServerConfig } from './conport-server.ts';
import type { StoredData } from './custom-data.ts';
import type { EnvironmentConfig } from './environments.ts';
import { httpUrl } from './field-schemas.ts';
import { type Setting, settingsOf } from './settings.ts';
import type { Config } from './settings-schema.ts';

/** The project's configuration with all defaults. */
export interface ProjectConfig {
  readonly projectName: string;
  /** The environment of scenarios without one; undefined: such a scenario has no system under test. */
  readonly defaultEnvironment: string | undefined;
  /** Always contains `demo`. */
  readonly environments: ReadonlyMap<string, EnvironmentConfig>;
  /** `testing.commands.performance_<profile>_test`. */
  readonly commands: ReadonlyMap<Profile, string>;
  /** `testing.paths.performance_scripts`. */
  readonly scriptsPath: string | undefined;
  /** The configured folder of the scenarios; undefined: `scenarios`. */
  readonly scenariosFolder: string | undefined;
  /** The folder of the runs, relative to the project. */
  readonly out: string;
  /** k6 extensions as written; see k6/extensions.ts. */
  readonly extensions: readonly string[];
  /** Names of environments by the folder of the scripts, relative to the project. */
  readonly environmentOf: ReadonlyMap<string, string>;
  /** Every setting with value and origin, including defaults. */
  readonly settings: readonly Setting[];
  readonly logPaths: readonly string[];
  readonly conportServer: ServerConfig | undefined;
  /** `testing.performance.records: false`: runs write no records. */
  readonly records: boolean;
  /** `testing.performance.report`: title and logo of every page; `logo` is a path, which is not read here. */
  readonly report: { readonly title: string | undefined; readonly logo: string | undefined };
  /** `testing.performance.forbid`: hosts that load must never reach. */
  readonly forbid: readonly HostPattern[];
  /** `testing.performance.only`: the only hosts that load may reach, except this machine; undefined without such a rule. */
  readonly only: readonly HostPattern[] | undefined;
  /** `testing.performance.no_data`: whether a target without samples is missed even if k6 passes it. */
  readonly noData: 'fail' | 'warn';
  /** `testing.performance.load_timeout`: maximum time for loading a script, milliseconds. */
  readonly loadTimeoutMs: number;
  /** `testing.performance.verdict`, `inconclusive` and `warm_up`. */
  readonly judging: Judging;
  /** `testing.performance.clusters`, for --cluster. */
  readonly clusters: ReadonlyMap<string, ClusterConfig>;
  /** As for --baseline; undefined: none. */
  readonly baseline: string | undefined;
  /** `testing.performance.secrets`: names that are secret, in addition to the built-in ones. */
  readonly secrets: SecretRules;
  /** Ignored settings with the reason, one sentence each, for `config check`. */
  readonly remarks: readonly string[];
  /** The file, or `built-in defaults`. */
  readonly where: string;
}

const LOAD_TIMEOUT_MS = 30_000;

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

/**
 * Reads the project's configuration: ProjectConfig, else novaperf.config.ts in `projectDir`, setting by setting; without both,
 * the built-in one with the environment `demo`. Throws a UserError with file, line and column for a file that does not parse,
 * and with the field's path for an invalid one.
 */
export async function readProjectConfig(conportDir: string, projectDir = resolve('.')): Promise<ProjectConfig> {
  const item = await readConfigItem(conportDir, projectDir);
  return item === undefined ? BUILT_IN : configOf(item);
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
  const config = checked(item);
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

function onlyTarget({ text }: HostPattern): string {
  return `testing.performance.forbid: "${text}" is only checked for the system under test; k6 itself supports * only at the beginning, as in *.example.com, and then blocks such hosts for every URL of a script`;
}

/** `performance_env_url: https://…` is the environment `performance`; a placeholder is ignored with a remark. */
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
      remarks.push(`testing.commands.${field}: "${name}" is not a profile; profiles are ${PROFILES.join(', ')}`);
    } else if (typeof value !== 'string') {
      remarks.push(`testing.commands.${field} is no text`);
    } else commands.set(profile, value.trim());
  }
  return commands;
}
