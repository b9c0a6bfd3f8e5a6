// novaperf cycle: one cycle over several calls. begin opens it, run --cycle adds scenarios, close judges and reports them as one.

import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { PROFILES } from '../model/plan.ts';
import { beginOpenCycle, closeOpenCycle } from '../run/cycle/open-cycle.ts';
import { parseFlags, runFlagsSchema } from '../run/plan/flags.ts';
import { DEFAULT_CONPORT, DEFAULT_OUT } from '../system/default-folders.ts';
import { UserError } from '../system/errors.ts';
import type { ExitCode } from '../system/exit-codes.ts';
import { openTerminal } from '../system/terminal.ts';
import { OUT_HELP, TRIGGER_HELP } from './shared-options.ts';

/** The `cycle` command with its subcommands; `finish` receives the exit code. */
export function cycleCommand(finish: (code: ExitCode) => void) {
  return new Command('cycle')
    .description('one cycle in several commands: cycle begin, novaperf run --cycle <id>, cycle close')
    .addCommand(beginCommand())
    .addCommand(closeCommand(finish));
}

function beginCommand() {
  return new Command('begin')
    .description('write the main Progress, the Decision and the plan, and print the id of the cycle')
    .argument('[scenario...]', 'scenarios that the cycle will run, for the plan')
    .option(
      '--parent-progress <id>',
      'id of the progress item that requested the cycle; server:<id> for one on the ConPort server',
    )
    .option('--profile <name>', PROFILES.join(' | '))
    .option('--component <name>', 'component under test')
    .option('--env <name>', 'environment of ProjectConfig')
    .option('--base-url <url>', 'URL of the system under test, instead of --env')
    .option('--build <version>', 'version of the build under test')
    .option('--trigger <why>', TRIGGER_HELP, 'requested')
    .option('--requested-by <who>', 'who requested the cycle (default: the current user)')
    .option('--conport <dir>', 'folder of the ConPort records', DEFAULT_CONPORT)
    .option('--out <dir>', OUT_HELP, DEFAULT_OUT)
    .option('--k6 <path>', 'path to the k6 executable (also K6_BIN)')
    .option('--push', 'send the records to the ConPort server')
    .option('--json', 'print the id and the records as JSON')
    .action(async (scenarios, { parentProgress, ...raw }) => {
      const flags = parseFlags(runFlagsSchema, { ...raw, stream: 'auto' });
      const request = { scenarios, flags, projectDir: resolve('.'), parentProgress };
      await beginOpenCycle(request, openTerminal({ json: flags.json }));
    });
}

function closeCommand(finish: (code: ExitCode) => void) {
  return new Command('close')
    .description('write the overall report and the last records, and exit as one run of all scenarios would')
    .argument('<id>', 'id of the cycle, from cycle begin')
    .option('--conport <dir>', 'folder of the ConPort records', DEFAULT_CONPORT)
    .option('--out <dir>', 'results folder, for the overall report', DEFAULT_OUT)
    .option('--push', 'send the records to the ConPort server')
    .option('--json', 'print only the completion document, as JSON')
    .action(async (text, { conport, out, push = false, json = false }) => {
      if (!/^[1-9]\d{0,9}$/.test(text)) {
        throw new UserError(`Expected the id of a cycle, such as 7, found "${text}".`, {
          next: 'novaperf list shows the open cycles',
        });
      }
      const request = { id: Number(text), flags: { conport, out, push, json }, projectDir: resolve('.') };
      finish(await closeOpenCycle(request, openTerminal({ json })));
    });
}
