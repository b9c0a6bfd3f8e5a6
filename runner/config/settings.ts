// Every setting of the configuration with its value and where that comes from, as `config check` lists them.

import { DEFAULT_JUDGING } from '../model/run.ts';
import { DEFAULT_OUT } from '../system/default-folders.ts';
import { nearPath } from '../system/near-path.ts';

/** Who decided on a setting's value. */
export type Origin = 'default' | 'ProjectConfig' | 'novaperf.config' | 'flag';

/** A setting with its value and origin. */
export interface Setting {
  /** `baseline`, or `environments.shop` where entries are joined one by one. */
  readonly key: string;
  /** As it is written in the configuration; null: nothing. It may hold secrets. */
  readonly value: unknown;
  readonly origin: Origin;
  /** The file, or the flag; undefined for a default. */
  readonly from: string | undefined;
}

/** The defaults, in the order in which they are listed; null: nothing. */
export const SETTING_DEFAULTS: Readonly<Record<string, unknown>> = {
  scenarios: 'scenarios',
  out: DEFAULT_OUT,
  default_environment: null,
  environments: { demo: { kind: 'demo' } },
  environment_of: {},
  forbid: [],
  only: null,
  baseline: null,
  change: DEFAULT_JUDGING.change,
  degradation: DEFAULT_JUDGING.degradation,
  verdict: DEFAULT_JUDGING.thresholds,
  inconclusive: DEFAULT_JUDGING.inconclusive,
  warm_up: DEFAULT_JUDGING.warmUp,
  setup: DEFAULT_JUDGING.setup,
  no_data: 'warn',
  load_timeout: '30s',
  records: true,
  conport_server: null,
  report: {},
  secrets: {},
  extensions: [],
  clusters: {},
};

/** Settings with entries from both places; of the others the whole value comes from one. */
export const JOINED: readonly string[] = ['environments', 'environment_of', 'clusters'];

type Settings = Readonly<Record<string, unknown>>;

/** A source of settings and what it says. */
export interface SettingsSource {
  readonly origin: Exclude<Origin, 'default'>;
  readonly from: string;
  readonly settings: Settings;
}

/** All settings; of two sources that say the same one the first counts. An entry of null says nothing where the key is joined. */
export function settingsOf(sources: readonly SettingsSource[]): Setting[] {
  return Object.entries(SETTING_DEFAULTS).flatMap(([key, byDefault]) =>
    JOINED.includes(key) ? entriesOf(key, byDefault, sources) : [settingOf(key, byDefault, sources)],
  );
}

function settingOf(key: string, byDefault: unknown, sources: readonly SettingsSource[]): Setting {
  const source = sources.find(({ settings }) => settings[key] !== undefined);
  const value = source?.settings[key] ?? undefined;
  return source === undefined || value === undefined
    ? { key, value: byDefault, origin: 'default', from: undefined }
    : { key, value, origin: source.origin, from: shown(source) };
}

function entriesOf(key: string, byDefault: unknown, sources: readonly SettingsSource[]): Setting[] {
  const entries = new Map<string, Setting>();
  const add = (settings: unknown, origin: Origin, from: string | undefined) => {
    for (const [name, value] of Object.entries(recordOf(settings))) {
      const whole = `${key}.${name}`;
      if (value !== undefined && (!entries.has(whole) || entries.get(whole)?.origin === 'default')) {
        entries.set(whole, { key: whole, value, origin, from });
      }
    }
  };
  add(byDefault, 'default', undefined);
  for (const source of sources) add(source.settings[key], source.origin, shown(source));
  return entries.size === 0 ? [{ key, value: null, origin: 'default', from: undefined }] : [...entries.values()];
}

function shown({ origin, from }: SettingsSource): string {
  return origin === 'flag' ? from : nearPath(from);
}

/** The entries of a map; none of anything else. */
export function recordOf(value: unknown): Settings {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
