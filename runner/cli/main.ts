// Runs a command from argv and gives its exit code. The only place that prints errors.

import { resolve } from 'node:path';
import { Command, CommanderError, type CommandUnknownOpts, Help } from '@commander-js/extra-typings';
import { DEFAULT_CONPORT, DEFAULT_OUT } from '../system/default-folders.ts';
import { messageOf, UserError } from '../system/errors.ts';
import { EXIT, EXIT_SENTENCES, type ExitCode } from '../system/exit-codes.ts';
import { safeStream } from '../system/output-stream.ts';
import { packageVersion } from '../system/package-root.ts';
import { visible } from '../system/printable.ts';
import { refusalOf } from '../system/refusals.ts';
import { isGithubActions, withoutCommands } from '../system/workflow-commands.ts';
import { learnSecrets } from '../text/secret-rules.ts';
import { passwordsIn, secretValues } from '../text/secret-values.ts';
import { redactArguments, redactText } from '../text/secrets.ts';
import { COMMANDS, type Invocation, isCommand } from './commands.ts';

/** The program with the called command; with all commands if it is unknown, for --help and suggestions. */
async function program(called: string | undefined, invocation: Invocation): Promise<Command> {
  const load = isCommand(called) ? [COMMANDS[called]] : called === '--version' ? [] : Object.values(COMMANDS);
  const commands = await Promise.all(load.map((command) => command(invocation)));
  const root = new Command('novaperf')
    .description('Run k6 scenarios and see whether the component meets its performance targets.')
    .version(packageVersion)
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      `\nExit codes:\n${EXIT_SENTENCES.map(([code, text]) => exitCodeLine(code, text)).join('\n')}`,
    );
  for (const command of commands) root.addCommand(command);
  root.hook('preAction', (_root, command) => configuredOut(command));
  // Commander would exit with 1 for wrong usage; the contract says 2.
  settle(root);
  return root;
}

/** `  99   a target was missed …`, in lines of at most 80 columns. */
function exitCodeLine(code: ExitCode, sentence: string): string {
  const lines = new Help().boxWrap(sentence, 80 - 7).split('\n');
  return `  ${String(code).padEnd(4)} ${lines.join(`\n${' '.repeat(7)}`)}`;
}

/** Without --out the configured folder is used; errors in the configuration are reported by the commands that read it. */
async function configuredOut(command: CommandUnknownOpts): Promise<void> {
  // `cluster image` has another --out.
  if (command.getOptionValueSource('out') !== 'default' || command.getOptionValue('out') !== DEFAULT_OUT) return;
  const { readProjectConfig } = await import('../config/project-config.ts');
  const conport: unknown = command.getOptionValue('conport');
  const config = readProjectConfig(resolve(typeof conport === 'string' ? conport : DEFAULT_CONPORT));
  const out = conport === undefined ? (await config).out : (await config.catch(() => undefined))?.out;
  if (out !== undefined) command.setOptionValueWithSource('out', out, 'config');
}

function settle(command: CommandUnknownOpts): void {
  const hint = command.name() === 'run' ? '(add --help for usage; put flags of k6 after --)' : '(add --help for usage)';
  command.exitOverride().showHelpAfterError(hint);
  // Commander prints wrong arguments unredacted.
  command.configureOutput({ writeErr: (text) => void safeStream(process.stderr).write(visible(redactText(text))) });
  for (const child of command.commands) settle(child);
}

/** Remembers the secrets of environment and command line, and removes them from the process list. */
function hideSecrets(argv: readonly string[]): void {
  learnSecrets(secretValues(process.env));
  for (const word of argv) {
    const [, name, value] = /^(?:-e|--(?:script-)?env=)?([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? [];
    if (name !== undefined) learnSecrets(secretValues({ [name]: value }));
    learnSecrets(passwordsIn(word.replace(/^--[\w-]+=/, '')));
  }
  const words = [process.execPath, ...process.execArgv, ...argv.slice(1)];
  const shown = redactArguments(words);
  if (shown.join(' ') !== words.join(' ')) process.title = shown.join(' ');
}

/** Runs a command line in the form of process.argv with the streams of this process; returns the exit code and never throws. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  const stderr = safeStream(process.stderr);
  const stdout = safeStream(process.stdout);
  hideSecrets(argv);
  let exitCode: ExitCode = EXIT.passed;
  // `novaperf run checkout -- --tag team=a`: what follows -- is for k6.
  const cut = argv[2] === 'run' ? argv.indexOf('--') : -1;
  const own = cut < 0 ? [...argv] : argv.slice(0, cut);
  const k6Args = cut < 0 ? [] : argv.slice(cut + 1);
  const beganAtMs = Date.now();
  let root: Command | undefined;
  /** Publishes the document of a call that printed none. Failures here are ignored, so that the call's error is printed. */
  const refuse = async (error: UserError, isRecorded = false) => {
    if (root === undefined || stdout.hasWritten) return;
    const { asksForCompletion, publishRefusedUsage } = await import('./refused-usage.ts');
    if (!asksForCompletion(own) && !isRecorded) return;
    await publishRefusedUsage({ root, argv: own, beganAtMs, isRecorded }, error).catch(() => undefined);
    await stdout.drained();
  };
  try {
    const finish = (code: ExitCode) => {
      exitCode = code;
    };
    root = await program(own[2], { finish, k6Args });
    await root.parseAsync(own);
    await stdout.drained();
    // A closed pipe (`novaperf list | head -1`) is not an error.
    if (stdout.problem !== undefined && stdout.problem !== 'EPIPE')
      stderr.write(`Output could not be written to stdout (${stdout.problem}). Reports and records are on disk.\n`);
    return exitCode;
  } catch (error) {
    // Help, --version and usage errors: commander has already printed them.
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.passed;
      const { usageError } = await import('./refused-usage.ts');
      if (root !== undefined) {
        await refuse(usageError(root, own, error.message), own[2] === 'run' && !own.includes('--dry-run'));
      }
      return EXIT.usage;
    }
    const expected = error instanceof UserError ? error : refusalOf(error);
    if (expected !== undefined) {
      const text = visible(redactText(expected.toText()));
      stderr.write(`${isGithubActions(process.env) ? withoutCommands(text) : text}\n`);
      await refuse(expected);
      return expected.exitCode;
    }
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const shown = visible(redactText(stack));
    stderr.write(`novaperf itself failed. Please report this with the lines below.\n${shown}\n`);
    await refuse(new UserError(`novaperf itself failed: ${messageOf(error)}`, { exitCode: EXIT.crashed }));
    return EXIT.crashed;
  }
}
