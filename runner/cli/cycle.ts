// novaperf cycle: one cycle over several calls. begin opens it, run --cycle adds scenarios, close judges and reports them as one.

import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { PROFILES } from '../model/plan.ts';
import { parseFlags, runFlagsSchema } from '../run/flags.ts';
import { beginOpenCycle, closeOpenCycle } from '../run/open-cycle.ts';
import { DEFAULT_CONPORT, DEFAULT_OUT } from '../system/default-folders.ts';
import { UserError } from '../system/errors.ts';
import type { ExitCode } from '../system/exit-codes.ts';
import { openTerminal } from '../system/terminal.ts';

/** The `cycle` command with its subcommands; `finish` receives the exit code. */
export function cycleCommand(finish: (code: ExitCode) => void) {
  return new Command('cycle')
    .description('one cycle over several calls: begin, then novaperf run --cycle <id> …, then close')
    .addCommand(beginCommand())
    .addCommand(closeCommand(finish));
}

function beginCommand() {
  return new Command('begin')
    .description('write the main Progress, the Decision and the plan, and print the id of the cycle')
    .argument('[scenario...]', 'scenarios that later calls will run, for the plan')
    .option(
      '--parent-progress <id>',
      'progress item that asked for the cycle; server:<id> for one of the ConPort server',
    )
    .option('--profile <name>', PROFILES.join(' | '))
    .option('--component <name>', 'component under test')
    .option('--env <name>', 'environment of ProjectConfig')
    .option('--base-url <url>', 'target of the load, instead of --env')
    .option('--build <version>', 'version of the build under test')
    .option('--trigger <why>', 'requested | acceptance-criteria | health-check, or a sentence', 'requested')
    .option('--requested-by <who>', 'who asked for the cycle (default: you)')
    .option('--conport <dir>', 'where the records go', DEFAULT_CONPORT)
    .option('--out <dir>', "where the runs' folders go", DEFAULT_OUT)
    .option('--k6 <path>', 'k6 executable (also K6_BIN)')
    .option('--push', 'send the records to the ConPort server')
    .option('--json', 'as JSON')
    .action(async (scenarios, { parentProgress, ...raw }) => {
      const flags = parseFlags(runFlagsSchema, { ...raw, stream: 'auto' });
      const request = { scenarios, flags, projectDir: resolve('.'), parentProgress };
      await beginOpenCycle(request, openTerminal({ json: flags.json }));
    });
}

function closeCommand(finish: (code: ExitCode) => void) {
  return new Command('close')
    .description('the overall report, the last records and the completion; exits as one run of all scenarios would')
    .argument('<id>', 'the id that cycle begin printed')
    .option('--conport <dir>', 'where the records are', DEFAULT_CONPORT)
    .option('--out <dir>', 'where the overall report goes', DEFAULT_OUT)
    .option('--push', 'send the records to the ConPort server')
    .option('--json', 'the completion document as JSON')
    .action(async (text, { conport, out, push = false, json = false }) => {
      if (!/^[1-9]\d{0,9}$/.test(text)) {
        throw new UserError(`Expected the id of a cycle, such as 7, found "${text}".`, {
          next: 'novaperf list says which cycles are open',
        });
      }
      const request = { id: Number(text), flags: { conport, out, push, json }, projectDir: resolve('.') };
      finish(await closeOpenCycle(request, openTerminal({ json })));
    });
}
