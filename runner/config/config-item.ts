// Joins the two sources of configuration, ProjectConfig and novaperf.config, to one item that is checked by the schema.

import { join } from 'node:path';
import { UserError } from '../system/errors.ts';
import { nearPath } from '../system/near-path.ts';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import { CustomDataStore, type StoredData } from './custom-data.ts';
import { JOINED, recordOf, type Setting, settingsOf } from './settings.ts';
import { type Config, configSchema } from './settings-schema.ts';

/** Category of the configuration in ConPort. */
export const CONFIG_CATEGORY = 'ProjectConfig';
/** Key of the configuration in ConPort. */
export const CONFIG_KEY = 'ActiveConfig';

/** Custom data for reading, which needs no write permission. */
export function readOnlyCustomData(conportDir: string): CustomDataStore {
  return new CustomDataStore(join(conportDir, 'custom_data'), join(conportDir, '.lock'));
}

/** ProjectConfig, novaperf.config, or both joined. */
export interface ConfigItem extends StoredData {
  /** Whether all of it is from novaperf.config. */
  readonly isFile?: boolean;
  /** If both exist: the file, used for settings that the item lacks, and the item's own settings. */
  readonly joined?: { readonly file: ConfigFile; readonly own: Readonly<Record<string, unknown>> };
}

/**
 * The configuration as it is written: ProjectConfig, else novaperf.config in `projectDir`, setting by setting; undefined without
 * both. Throws what readConfigFile(), the store and checked() throw.
 */
export async function readConfigItem(conportDir: string, projectDir: string): Promise<ConfigItem | undefined> {
  const item = await readOnlyCustomData(conportDir).read(CONFIG_CATEGORY, CONFIG_KEY);
  const file = await readConfigFile(projectDir);
  if (file === undefined) return item;
  if (item === undefined) return itemOfFile(file);
  // Each is checked alone first, so that an error names the file that it is in.
  for (const each of [itemOfFile(file), item]) checked(each);
  return merged(item, file);
}

/** The path of the settings in ProjectConfig; a configuration file has only these. */
const SETTINGS = ['testing', 'performance'] as const;

function itemOfFile({ path, value }: ConfigFile): ConfigItem {
  return {
    category: CONFIG_CATEGORY,
    key: CONFIG_KEY,
    value: { testing: { performance: value } },
    timestamp: undefined,
    bare: true,
    path: nearPath(path),
    text: '',
    placeOf: () => nearPath(path),
    isFile: true,
  };
}

/** ProjectConfig with the file's settings that it lacks; `environments` and `environment_of` are joined entry by entry. */
function merged(item: StoredData, file: ConfigFile): ConfigItem {
  const value = recordOf(item.value);
  const testing = recordOf(value.testing);
  const own = recordOf(testing.performance);
  const performance: Record<string, unknown> = { ...file.value, ...own };
  for (const key of JOINED) {
    const both = { ...recordOf(file.value[key]), ...recordOf(own[key]) };
    if (Object.keys(both).length > 0) performance[key] = both;
  }
  return { ...item, value: { ...value, testing: { ...testing, performance } }, joined: { file, own } };
}

/** The settings with their origins; `theirs`: the addresses under testing.environments. */
export function originsOf(item: ConfigItem, theirs: ReadonlyMap<string, string>): Setting[] {
  const { joined, path } = item;
  const own = joined?.own ?? recordOf(recordOf(recordOf(item.value).testing).performance);
  if (item.isFile === true) return settingsOf([{ origin: 'novaperf.config', from: path, settings: own }]);
  const environments = { ...Object.fromEntries(theirs), ...recordOf(own.environments) };
  return settingsOf([
    { origin: 'ProjectConfig', from: path, settings: { ...own, environments } },
    ...(joined === undefined
      ? []
      : [{ origin: 'novaperf.config', from: joined.file.path, settings: joined.file.value } as const]),
  ]);
}

/** The item's value, checked; throws a UserError with the place of the first invalid field. */
export function checked(item: ConfigItem): Config {
  const parsed = configSchema.safeParse(item.value ?? {});
  if (parsed.success) return parsed.data;
  const isFile = item.isFile === true;
  const issue = parsed.error.issues[0];
  const path = issue?.path ?? [];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const full = unknown === undefined ? path : [...path, unknown];
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
