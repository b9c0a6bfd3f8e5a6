// The command of ProjectConfig for a profile becomes what to run: our scenarios, or a k6 script with its flags.

import { parse } from 'shell-quote';
import { PROFILES, type Profile } from '../../model/plan.ts';
import { UserError } from '../../system/errors.ts';
import { nearest } from '../../system/nearest.ts';
import { addVariable, readK6Flags } from './k6-flags.ts';

/** What a configured command runs. */
export type ConfiguredCommand =
  /** One of our npm scripts, or novaperf itself: the normal run of that profile. */
  | { readonly kind: 'ours'; readonly profile: Profile; readonly names: readonly string[] }
  /** A k6 command: novaperf runs the script with these flags and variables. */
  | {
      readonly kind: 'k6';
      readonly script: string;
      readonly k6Args: readonly string[];
      readonly variables: Readonly<Record<string, string>>;
      /** Flags that are ignored, a sentence each. */
      readonly warnings: readonly string[];
    };

/**
 * Reads a command such as `npm run perf:load`, `npx novaperf run checkout`, or `X=1 k6 run script.js --vus 10 -e KEY=value`.
 * Nothing is passed to a shell. Throws a UserError with `where` for anything else, including pipes and redirections.
 */
export function readCommand(command: string, profile: Profile, where: string): ConfiguredCommand {
  const words: string[] = [];
  for (const part of parse(command, (name) => process.env[name] ?? '')) {
    if (typeof part === 'string') words.push(part);
    else if ('pattern' in part) words.push(part.pattern);
    else if ('comment' in part) break;
    else throw notUnderstood(command, where, `"${part.op}"`);
  }
  const variables: Record<string, string> = {};
  while (/^[A-Za-z_]\w*=/.test(words[0] ?? '')) addVariable(variables, words.shift() ?? '');
  if (words[0] === 'npx') words.shift();
  const program = (words.shift() ?? '').replace(/^.*[\\/]/, '').replace(/\.exe$/, '');
  const verb = words.shift();
  if (program === 'k6' && verb === 'run') return k6Command(words, variables, command, where);
  if (program === 'novaperf' && verb === 'run')
    return { kind: 'ours', profile, names: words.filter((word) => !word.startsWith('-')) };
  if (program === 'npm' && verb === 'run') return npmScript(words, command, where);
  throw notUnderstood(command, where, `"${program}${verb === undefined ? '' : ` ${verb}`}"`);
}

function npmScript(words: readonly string[], command: string, where: string): ConfiguredCommand {
  const script = words.find((word) => !word.startsWith('-')) ?? '';
  const profile = PROFILES.find((known) => script === `perf:${known}`);
  if (profile === undefined) throw notUnderstood(command, where, `the npm script "${script}"`, script);
  return { kind: 'ours', profile, names: [] };
}

function k6Command(
  words: readonly string[],
  variables: Record<string, string>,
  command: string,
  where: string,
): ConfiguredCommand {
  const flags = readK6Flags(words);
  const [script] = flags.operands;
  if (script === undefined || script === '-') throw notUnderstood(command, where, 'no script after k6 run');
  const warnings = flags.refused.map(({ flag, why }) => `${flag} of the configured command is ignored: ${why}`);
  return { kind: 'k6', script, k6Args: flags.k6Args, variables: { ...variables, ...flags.variables }, warnings };
}

function notUnderstood(command: string, where: string, found: string, script?: string): UserError {
  const [near] =
    script === undefined
      ? []
      : nearest(
          script,
          PROFILES.map((profile) => `perf:${profile}`),
        );
  return new UserError(
    `Expected a command such as "npm run perf:load" or "k6 run script.js --vus 10 -e KEY=value", found ${found} in "${command}".`,
    {
      where,
      next:
        near === undefined
          ? 'correct the command; novaperf config check checks it again'
          : `did you mean npm run ${near}?`,
    },
  );
}
