// Reads novaperf.config.ts, .js or .json in the project's folder.

import { readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { messageOf, UserError } from '../system/errors.ts';
import { defaultExportOf } from '../system/evaluate-module.ts';
import { nearPath } from '../system/near-path.ts';

/** A configuration file with its value. */
export interface ConfigFile {
  readonly path: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Possible names of the file. */
export const CONFIG_FILES = ['ts', 'mts', 'js', 'mjs', 'json'].map((extension) => `novaperf.config.${extension}`);

/** The file; undefined if the project has none. Throws a UserError for two files, an invalid one, and one without an object. */
export async function readConfigFile(projectDir: string): Promise<ConfigFile | undefined> {
  const paths = CONFIG_FILES.map((name) => join(projectDir, name));
  const found: string[] = [];
  for (const path of paths) if (await isFile(path)) found.push(path);
  const [path, other] = found;
  if (path === undefined) return undefined;
  if (other !== undefined) {
    throw new UserError(`Expected one configuration, found ${found.map((each) => basename(each)).join(' and ')}.`, {
      where: nearPath(projectDir),
      next: 'remove all but one',
    });
  }
  const value = extname(path) === '.json' ? await readJson(path) : await defaultExportOf(path, 'The configuration');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UserError('Expected an object as the default export, found none.', {
      where: nearPath(path),
      next: "export default defineConfig({ … }), with defineConfig from 'novaperf'",
    });
  }
  const { $schema: _schema, ...settings } = { $schema: undefined, ...value };
  return { path, value: settings };
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new UserError(`Expected JSON, found: ${messageOf(error)}`, { where: nearPath(path), cause: error });
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}
