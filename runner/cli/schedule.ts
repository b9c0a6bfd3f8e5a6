// novaperf schedule: prints a crontab line or CI job for a periodic health check; installs nothing.

import { isAbsolute, relative, resolve } from 'node:path';
import { Command, Option } from '@commander-js/extra-typings';
import { readProjectConfig } from '../config/project-config.ts';
import { PROFILES } from '../model/plan.ts';
import { configuredSchedule } from '../project/configured-schedule.ts';
import { cronOf, renderSchedule, SCHEDULERS } from '../project/schedule.ts';
import { DEFAULT_CONPORT, DEFAULT_OUT } from '../system/default-folders.ts';
import { UserError } from '../system/errors.ts';
import { openTerminal } from '../system/terminal.ts';
import { OUT_HELP } from './shared-options.ts';

/** The `schedule` command. */
export function scheduleCommand() {
  return new Command('schedule')
    .description('print a crontab line or CI job that runs a health check and compares it with the last green run')
    .argument(
      '[scenario...]',
      'names in scenarios/ or paths to k6 scripts (default: every scenario that has the profile)',
    )
    .option(
      '--every <when>',
      "'weekdays 03:00', 'daily 22:30', 'every 6 hours' or five cron fields (default: from NovaSystemConfig)",
    )
    .addOption(new Option('--for <system>', 'scheduler or CI system').choices(SCHEDULERS).default('cron' as const))
    .addOption(new Option('--profile <name>', 'profile to run (default: load)').choices(PROFILES))
    .option('--env <name>', 'environment of ProjectConfig')
    .option('--push', 'send the records to the ConPort server (default: if one is configured)')
    .option('--conport <dir>', 'folder of the ConPort records', DEFAULT_CONPORT)
    .option('--out <dir>', OUT_HELP, DEFAULT_OUT)
    .action(async (scenarios, options) => {
      const projectDir = resolve('.');
      const conportDir = resolve(options.conport);
      const config = await readProjectConfig(conportDir, projectDir);
      const configured = options.every === undefined ? await configuredSchedule(conportDir) : undefined;
      const every = options.every ?? configured?.every;
      if (every === undefined) {
        throw new UserError(
          'Expected a schedule, found neither --every nor performance_check_schedule in NovaSystemConfig:ActiveSettings.',
          {
            next: "novaperf schedule --every 'weekdays 03:00'",
          },
        );
      }
      const out = relative(projectDir, resolve(options.out));
      if (options.for !== 'cron' && (out.startsWith('..') || isAbsolute(out))) {
        throw new UserError(
          `--out: expected a folder inside the project, so that CI can keep it, found "${options.out}".`,
        );
      }
      const environment = options.env ?? configured?.environment;
      const check = {
        cron: cronOf(every, configured?.where ?? '--every'),
        scenarios: scenarios.length > 0 ? scenarios : (configured?.scenarios ?? []),
        flags: [
          ...['--profile', options.profile ?? configured?.profile ?? 'load'],
          ...(environment === undefined ? [] : ['--env', environment]),
          ...(options.push === true || config.conportServer !== undefined ? ['--push'] : []),
          ...(options.conport === DEFAULT_CONPORT ? [] : ['--conport', options.conport]),
          ...(options.out === DEFAULT_OUT ? [] : ['--out', options.out]),
        ],
        projectDir,
        out,
        node: process.execPath,
        program: resolve(process.argv[1] ?? 'novaperf'),
      };
      openTerminal({ json: false }).line(renderSchedule(check, options.for).trimEnd());
    });
}
