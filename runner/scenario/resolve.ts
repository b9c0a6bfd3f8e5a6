// Finds the scripts of names and paths from the command line.

import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { UserError } from '../system/errors.ts';
import { nearest } from '../system/nearest.ts';
import { isRaw } from './raw-script.ts';
import { scriptName } from './script-name.ts';

/** The default folder of scenarios. */
export const SCENARIOS_FOLDER = 'scenarios';

/** A script to run. */
export interface ScenarioFile {
  /** File name without extension of one of the project's scenarios; else see scriptName(). */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Found by its name in the project's scenarios, not by a path. */
  readonly named: boolean;
}

const SCRIPT = /\.[cm]?[jt]s$/;
const NO_SCENARIO = /(\.d|\.d\.\w+|\.schema|\.test|\.config)\.[cm]?[jt]s$/;

/**
 * The folder of a project's scenarios, relative to it: as configured, else `scenarios`. ProjectConfig's
 * `testing.paths.performance_scripts` is a placeholder in many projects, so it is used only if that folder exists.
 */
export function scenariosFolderOf(
  config: { readonly scenariosFolder: string | undefined; readonly scriptsPath: string | undefined },
  projectDir: string,
): string {
  if (config.scenariosFolder !== undefined) return config.scenariosFolder;
  const { scriptsPath } = config;
  if (scriptsPath === undefined) return SCENARIOS_FOLDER;
  const stats = statSync(join(projectDir, scriptsPath), { throwIfNoEntry: false });
  return stats?.isDirectory() === true ? scriptsPath : SCENARIOS_FOLDER;
}

/** The scenarios of a project, by name; empty without that folder. Subfolders are for shared modules. */
export async function projectScenarios(
  projectDir: string,
  scenariosFolder: string = SCENARIOS_FOLDER,
): Promise<ScenarioFile[]> {
  const folder = join(projectDir, scenariosFolder);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory() && SCRIPT.test(entry.name) && !NO_SCENARIO.test(entry.name))
    .map((entry) => ({ name: nameOf(entry.name), path: join(folder, entry.name), named: true }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The requested scripts in order, each once; all scenarios of the project if none is given. An argument with a slash or an extension
 * is a path. Throws a UserError with the nearest names for an unknown one.
 */
export async function resolveScenarios(
  asked: readonly string[],
  projectDir: string,
  scenariosFolder: string = SCENARIOS_FOLDER,
): Promise<ScenarioFile[]> {
  const known = await projectScenarios(projectDir, scenariosFolder);
  if (asked.length === 0) {
    if (known.length > 0) return known;
    throw new UserError(`Expected scenarios in ${scenariosFolder}/, found none.`, {
      where: join(projectDir, scenariosFolder),
      next: 'novaperf new <name> creates one; novaperf run path/to/script.js runs any k6 script',
    });
  }
  const found = asked.map(
    (text) => known.find(({ name }) => name === text) ?? scriptAt(text, projectDir, scenariosFolder, known),
  );
  return found.filter((scenario, index) => found.findIndex(({ path }) => path === scenario.path) === index);
}

function scriptAt(
  text: string,
  projectDir: string,
  scenariosFolder: string,
  known: readonly ScenarioFile[],
): ScenarioFile {
  if (isRaw(text) && extname(text).toLowerCase() !== '.tar') return { name: nameOf(text), path: text, named: false };
  const path = resolve(projectDir, text);
  const ofProject = known.find((scenario) => scenario.path === path);
  if (ofProject !== undefined) return ofProject;
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === true) {
    const taken = known.map(({ name }) => name);
    return { name: scriptName(path, projectDir, taken), path, named: false };
  }
  const isPath = /[\\/]/.test(text) || SCRIPT.test(text);
  const names = known.map(({ name }) => name);
  const near = nearest(nameOf(text), names);
  throw new UserError(
    isPath
      ? `Expected a k6 script at ${text}, found ${stats === undefined ? 'no file' : 'a folder'}.`
      : `Expected the name of a scenario or a path to a k6 script, found "${text}".`,
    { next: near.length > 0 ? `did you mean ${near.join(', ')}?` : advice(names, scenariosFolder) },
  );
}

function advice(names: readonly string[], scenariosFolder: string): string {
  return names.length === 0 ? `there are no scenarios in ${scenariosFolder}/` : `there are ${names.join(', ')}`;
}

function nameOf(path: string): string {
  return basename(path, extname(path));
}
