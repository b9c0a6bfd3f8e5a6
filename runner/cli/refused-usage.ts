// Gives a document to calls of run or cycle that ended before printing one (a mistyped flag, a wrong id, a failure of novaperf),
// so that programs read the same format from stdout for every exit code.

import { resolve } from 'node:path';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { refuseCall } from '../run/cycle/refused-call.ts';
import { legibleFlags } from '../run/plan/flags.ts';
import { UserError } from '../system/errors.ts';
import { openTerminal } from '../system/terminal.ts';

/** The command line, as far as commander could read it. */
export interface RefusedUsage {
  readonly root: CommandUnknownOpts;
  /** Without the arguments for k6. */
  readonly argv: readonly string[];
  readonly beganAtMs: number;
  /** Whether to write records: the call did nothing else. */
  readonly isRecorded: boolean;
}

/** Whether a call must print the document of a cycle. */
export function asksForCompletion(argv: readonly string[]): boolean {
  return (argv[2] === 'run' || argv[2] === 'cycle') && argv.includes('--json') && !argv.includes('--dry-run');
}

/** Records, writes and prints the document. */
export async function publishRefusedUsage(usage: RefusedUsage, error: UserError): Promise<void> {
  const { root, argv, beganAtMs, isRecorded } = usage;
  const command = calledCommand(root, argv);
  const isRun = command.name() === 'run';
  const flags = legibleFlags({ ...command.opts(), json: argv.includes('--json') });
  // A word after a mistyped flag may be its value.
  const end = command.args.findIndex((word) => word.startsWith('-'));
  const args = command.args.slice(0, end < 0 ? undefined : end);
  // The operand of `cycle close` is an id.
  const scenarios = command.name() === 'close' ? [] : args;
  const component = flags.component ?? (scenarios.length > 0 || isRun ? undefined : ['cycle', ...args].join(' '));
  const records = flags.records && isRecorded && isRun;
  const call = {
    ...flags,
    component,
    records,
    push: flags.push && records,
    scenarios,
    projectDir: resolve('.'),
    beganAtMs,
  };
  await refuseCall(call, error, openTerminal({ json: flags.json }));
}

/** Commander's message as an error. */
export function usageError(root: CommandUnknownOpts, argv: readonly string[], text: string): UserError {
  const [message = ''] = text.replace(/^error: /, '').split('\n');
  const names = namesOf(calledCommand(root, argv));
  return new UserError(`${message.replace(/^./, (letter) => letter.toUpperCase())}.`, {
    next: `${names.join(' ')} --help lists the flags`,
  });
}

function namesOf(command: CommandUnknownOpts): string[] {
  return [...(command.parent === null ? [] : namesOf(command.parent)), command.name()];
}

/** `novaperf cycle begin` is the command `begin`. */
function calledCommand(root: CommandUnknownOpts, argv: readonly string[]): CommandUnknownOpts {
  let command = root;
  for (const word of argv.slice(2)) {
    const next = command.commands.find((each) => each.name() === word);
    if (next === undefined) break;
    command = next;
  }
  return command;
}
