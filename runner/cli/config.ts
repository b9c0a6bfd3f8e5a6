// novaperf config check: the project's settings, what is missing, and the defaults.

import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import type { EnvironmentConfig } from '../config/environments.ts';
import type { ProjectConfig } from '../config/project-config.ts';
import { settingText, withoutSecrets } from '../config/setting-text.ts';
import type { Setting } from '../config/settings.ts';
import { orphanTargets } from '../config/targets-store.ts';
import { readExtensions } from '../k6/extensions.ts';
import { findK6 } from '../k6/find.ts';
import { checkConfig } from '../records/repair/config-check.ts';
import type { Problem } from '../records/store/problem.ts';
import { listScenarios } from '../scenario/list.ts';
import { SCENARIOS_FOLDER, scenariosFolderOf } from '../scenario/resolve.ts';
import { DEFAULT_CONPORT } from '../system/default-folders.ts';
import { UserError } from '../system/errors.ts';
import { EXIT, type ExitCode } from '../system/exit-codes.ts';
import { openTerminal } from '../system/terminal.ts';
import { visible } from '../text/display-text.ts';
import { redactUrl } from '../text/secrets.ts';

/** The `config` command; `finish` receives the exit code: 2 when the configuration cannot be used. */
export function configCommand(finish: (code: ExitCode) => void) {
  const command = new Command('config').description('check the configuration of the project (ProjectConfig)');
  command.addCommand(
    new Command('check')
      .description('show all settings, where they come from, and what is wrong or missing')
      .option('--conport <dir>', 'ConPort folder with ProjectConfig', DEFAULT_CONPORT)
      .option('--env <name>', 'flags of novaperf run, to see their effect on the settings')
      .option('--baseline <run>')
      .option('--verdict <how>')
      .option('--inconclusive <code>')
      .option('--warm-up <what>')
      .option('--no-records')
      .option('--json', 'print as JSON')
      .action(async (options) => {
        const terminal = openTerminal({ json: options.json === true });
        const { config, notes, ...checked } = await checkConfig(resolve(options.conport));
        const problems = [...checked.problems, ...(await orphans(resolve(options.conport), config))];
        const settings = config === undefined ? [] : withFlags(config.settings, options);
        if (options.json === true) {
          const shown = settings.map(({ value, ...setting }) => ({ ...setting, value: withoutSecrets(value) }));
          terminal.json({ where: config?.where ?? null, settings: shown, problems, notes });
        } else {
          const lines = config === undefined ? [] : [...describe(config), ...settingLines(settings)];
          for (const line of lines) terminal.line(visible(line));
          for (const { level, text } of problems) terminal.line(`${level}: ${visible(text)}`);
          for (const note of notes) terminal.line(`note: ${visible(note)}`);
        }
        finish(problems.some(({ level }) => level === 'error') ? EXIT.usage : EXIT.passed);
      }),
  );
  return command;
}

/** Targets of components without a scenario; empty if there is no k6, or if a scenario does not load. */
async function orphans(conportDir: string, config: ProjectConfig | undefined): Promise<Problem[]> {
  try {
    const extensions = await readExtensions(config?.extensions ?? [], resolve('.'));
    const k6 = await findK6({ env: process.env, allowBuild: false, allowDownload: false, extensions });
    const folder = config === undefined ? SCENARIOS_FOLDER : scenariosFolderOf(config, resolve('.'));
    const scenarios = await listScenarios(k6, resolve('.'), folder, config?.loadTimeoutMs);
    if (scenarios.length === 0 || scenarios.some(({ problem }) => problem !== undefined)) return [];
    const texts = await orphanTargets(
      conportDir,
      scenarios.map(({ component }) => component),
    );
    return texts.map((text) => ({ level: 'warning', text }));
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

function describe(config: ProjectConfig): string[] {
  const environments = [...config.environments].map(([name, environment]) => {
    const mark = name === config.defaultEnvironment ? ' (default)' : '';
    return `  ${name}${mark}: ${describeEnvironment(environment)}`;
  });
  const commands = [...config.commands].map(([profile, command]) => `  ${profile}: ${command}`);
  return [
    `project    ${config.projectName === '' ? 'not set' : config.projectName}`,
    `from       ${config.where}`,
    'environments',
    ...environments,
    ...(commands.length === 0 ? [] : ['commands', ...commands]),
    ...(config.forbid.length === 0 ? [] : [`forbidden  ${config.forbid.map(({ text }) => text).join(', ')}`]),
  ];
}

interface Flags {
  readonly env?: string | undefined;
  readonly baseline?: string | undefined;
  readonly verdict?: string | undefined;
  readonly inconclusive?: string | undefined;
  readonly warmUp?: string | undefined;
  readonly records?: boolean | undefined;
}

/** The settings with flags, which override files. */
function withFlags(settings: readonly Setting[], flags: Flags): Setting[] {
  const said = new Map<string, { flag: string; value: unknown }>([
    ['default_environment', { flag: '--env', value: flags.env }],
    ['baseline', { flag: '--baseline', value: flags.baseline }],
    ['verdict', { flag: '--verdict', value: flags.verdict }],
    ['inconclusive', { flag: '--inconclusive', value: flags.inconclusive }],
    ['warm_up', { flag: '--warm-up', value: flags.warmUp }],
    ['records', { flag: '--no-records', value: flags.records === false ? false : undefined }],
  ]);
  return settings.map((setting) => {
    const { flag, value } = said.get(setting.key) ?? {};
    return value === undefined ? setting : { key: setting.key, value, origin: 'flag', from: flag };
  });
}

/** Columns: key, value, and the file or flag of the value. */
function settingLines(settings: readonly Setting[]): string[] {
  const width = Math.max(...settings.map(({ key }) => key.length));
  return [
    'settings',
    ...settings.map(({ key, value, origin, from }) => {
      const place = from === undefined || from === origin ? origin : `${origin}: ${from}`;
      return `  ${key.padEnd(width)}  ${settingText(value)}  (${place})`;
    }),
  ];
}

function describeEnvironment(environment: EnvironmentConfig): string {
  if (environment.kind === 'demo') {
    const faults = environment.faults ?? [];
    return `the demo shop${faults.length === 0 ? '' : ` with ${faults.join('; ')}`}`;
  }
  return `${redactUrl(environment.url)}${environment.healthPath === undefined ? '' : `, healthy at ${environment.healthPath}`}`;
}
