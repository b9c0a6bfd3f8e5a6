// novaperf dev: one iteration of a scenario, printed request by request, whenever one of its files changes.

import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { z } from 'zod';
import { develop } from '../dev/session.ts';
import { assignments, parseFlags, scriptEnvFlag, urlFlag } from '../run/plan/flags.ts';
import { DEFAULT_CONPORT } from '../system/default-folders.ts';
import { openTerminal } from '../system/terminal.ts';
import { collect } from './shared-options.ts';

const devFlagsSchema = z.object({
  env: z.string().min(1).optional(),
  baseUrl: urlFlag.optional(),
  scriptEnv: scriptEnvFlag,
  conport: z.string().min(1),
  k6: z.string().min(1).optional(),
  full: z.boolean().default(false),
});

/** The `dev` command; it ends with Ctrl-C. */
export function devCommand() {
  return new Command('dev')
    .description(
      'run one iteration whenever the files of a scenario change, and print its requests, responses, checks and metrics',
    )
    .argument('<scenario>', 'a name in scenarios/ or the path to a k6 script')
    .option('--env <name>', "environment of ProjectConfig (default: the scenario's)")
    .option('--base-url <url>', 'URL of the system under test, instead of --env')
    .option(
      '-e, --script-env <NAME=value>',
      'environment variable for the script (__ENV.NAME); may be repeated',
      collect,
    )
    .option('--full', 'also print headers and complete bodies')
    .option('--conport <dir>', 'ConPort folder with ProjectConfig', DEFAULT_CONPORT)
    .option('--k6 <path>', 'path to the k6 executable (also K6_BIN)')
    .action(async (scenario, raw) => {
      const { conport, scriptEnv, ...flags } = parseFlags(devFlagsSchema, raw);
      const request = { env: flags.env, baseUrl: flags.baseUrl, k6: flags.k6, full: flags.full };
      const ended = new Promise<void>((resolveEnded) => {
        for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => resolveEnded());
      });
      await develop(
        {
          ...request,
          scenario,
          scriptEnv: assignments(scriptEnv),
          projectDir: resolve('.'),
          conportDir: resolve(conport),
        },
        ended,
        openTerminal({ json: false }),
      );
    });
}
