// The project's configuration → its problems, and notes on settings that are missing.

import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CONFIG_CATEGORY, CONFIG_KEY, readOnlyCustomData } from '../../config/config-item.ts';
import { type ProjectConfig, readProjectConfig } from '../../config/project-config.ts';
import { checkTargets } from '../../config/targets-store.ts';
import { PROFILES, type Profile } from '../../model/plan.ts';
import { UserError } from '../../system/errors.ts';
import { unreadRowError } from '../../targets/unread-row.ts';
import type { Problem } from '../store/problem.ts';

export interface ConfigCheck {
  /** undefined if the file is broken; the problems then name the place. */
  readonly config: ProjectConfig | undefined;
  readonly problems: readonly Problem[];
  /** Missing settings, which have defaults, one sentence each. */
  readonly notes: readonly string[];
}

/** Reads and checks the configuration. Mistakes in it are returned as problems, not thrown. */
export async function checkConfig(conportDir: string): Promise<ConfigCheck> {
  try {
    const config = await readProjectConfig(conportDir);
    const problems = [
      ...config.remarks.map(warning),
      ...(await missingPaths(config, dirname(resolve(conportDir)))),
      ...(await targetProblems(conportDir)),
    ];
    return { config, problems, notes: notesOn(config, conportDir) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const problems: Problem[] = [{ level: 'error', text: error.toText() }, ...(await targetProblems(conportDir))];
    return { config: undefined, problems, notes: [] };
  }
}

/** Targets that are broken, and rows and sentences that cannot be judged. */
async function targetProblems(conportDir: string): Promise<Problem[]> {
  const { broken, unread } = await checkTargets(conportDir);
  return [
    ...broken.map((userError): Problem => ({ level: 'error', text: userError.toText() })),
    ...unread.map((row) => warning(unreadRowError(row).toText())),
  ];
}

function warning(text: string): Problem {
  return { level: 'warning', text };
}

async function missingPaths({ scriptsPath }: ProjectConfig, projectDir: string): Promise<Problem[]> {
  if (scriptsPath === undefined) return [];
  const path = resolve(projectDir, scriptsPath);
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  return exists ? [] : [warning(`testing.paths.performance_scripts: there is no ${path}`)];
}

function notesOn(config: ProjectConfig, conportDir: string): string[] {
  const notes: string[] = [];
  if (config.where === 'built-in defaults') {
    const path = readOnlyCustomData(conportDir).path(CONFIG_CATEGORY, CONFIG_KEY);
    notes.push(`There is no ${path}: built-in defaults are used, with the demo shop.`);
  }
  if (config.projectName === '') notes.push('project_name is not set.');
  if (![...config.environments.values()].some(({ kind }) => kind === 'url')) {
    notes.push(
      'No environment of your own: set testing.environments.performance_env_url, or add entries to testing.performance.environments.',
    );
  }
  for (const [name, environment] of config.environments) {
    if (environment.kind === 'url' && environment.healthPath === undefined) {
      notes.push(
        `Environment "${name}" has no health_path: pre-flight checks only verify that it accepts connections.`,
      );
    }
  }
  if (config.forbid.length === 0 && [...config.environments.values()].some(({ kind }) => kind === 'url')) {
    notes.push('testing.performance.forbid is not set: no host is protected from load.');
  }
  const without: Profile[] = PROFILES.filter((profile) => !config.commands.has(profile));
  if (without.length > 0) {
    notes.push(
      `No command for ${without.join(', ')} (testing.commands.performance_<profile>_test): use novaperf run --profile.`,
    );
  }
  if (config.conportServer === undefined) {
    notes.push('testing.performance.conport_server is not set: novaperf conport push and pull need it.');
  }
  return notes;
}
